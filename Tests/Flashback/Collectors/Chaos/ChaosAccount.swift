import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import TestTools

/// An account whose API, clock, token file and buckets all misbehave, determined by a seed.
final class ChaosAccount {
    static let canary = "c4n4ry"
    static let lifetimes: [String: Duration] = [
        "buckets": .seconds(30), "totals": .seconds(30), "status": .seconds(30), "available": .seconds(300),
        "daily": .seconds(300), "yesterday": .seconds(3600),
    ]
    static let maxStale = Duration.seconds(120)

    let time: ManualTime
    let simulation: FlashbackSimulation
    let witness = ChaosWitness()
    let transport: ChaosTransport
    let mode: CollectionMode
    let bulk: BulkMode
    private(set) var log = RecordedLog()
    private(set) var engine: CollectionEngine
    private var service: Task<Void, any Error>?
    private let folder: TemporaryDirectory
    /// The difference between the exporter's calendar and the API's, in seconds.
    private let skew = NIOLockedValueBox(0.0)
    private var generator: SeededGenerator
    /// The actions so far, for the report of a failure.
    private(set) var history: [String] = []

    /// - Parameters:
    ///   - mode: nil for one that follows from the seed.
    ///   - bulk: nil for one that follows from the seed.
    init(
        seed: UInt64, time: ManualTime, folder: TemporaryDirectory, mode: CollectionMode? = nil, bulk: BulkMode? = nil
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var configuration = SimulatorConfiguration()
        configuration.seed = seed
        configuration.buckets = Int.random(in: 1...6, using: &generator)
        configuration.nodes = Int.random(in: 1...2, using: &generator)
        configuration.latency = .milliseconds(Int.random(in: 0...200, using: &generator))
        configuration.jitter = .milliseconds(100)
        configuration.canary = Self.canary
        configuration.accessTokenLifetime =
            [.seconds(90), .seconds(600), .seconds(3600)].randomElement(using: &generator) ?? .zero
        configuration.requestLogCapacity = 10
        // Makes access tokens so short that a text can be cut behind the part of them that is looked for.
        configuration.email = "a@b"
        let isInBackground = Double.random(in: 0..<1, using: &generator) < 0.3
        self.mode = mode ?? (isInBackground ? .background : .scrape)
        let isInBulk = Double.random(in: 0..<1, using: &generator) < 0.3
        self.bulk = bulk ?? (isInBulk ? .auto : .never)
        self.time = time
        self.folder = folder
        simulation = FlashbackSimulation(configuration, now: { time.now }, clock: time.clock)
        transport = ChaosTransport(simulation, witness, time, seed: generator.next()) { [skew] in
            time.now.addingTimeInterval(skew.withLockedValue { $0 })
        }
        try folder.write(simulation.issueTokens().refreshToken, to: "token")
        self.generator = generator
        engine = try Self.engine(transport, folder, time, skew, log, self.mode, self.bulk)
        run()
    }

    private static func engine(
        _ chaos: ChaosTransport, _ folder: TemporaryDirectory, _ time: ManualTime, _ skew: NIOLockedValueBox<Double>,
        _ log: RecordedLog, _ mode: CollectionMode, _ bulk: BulkMode
    ) throws -> CollectionEngine {
        let source = TimeSource(clock: time.clock) { time.now.addingTimeInterval(skew.withLockedValue { $0 }) }
        let transport = TimedTransport(chaos, time: source, defaultTimeout: .seconds(30))
        let statistics = RequestStatistics()
        let budget = RequestBudget(limit: 4, time: source, jitter: { 0.5 })
        let authentication = AuthenticationClient(
            baseURL: .simulated, transport: transport, budget: budget, statistics: statistics, time: source)
        let tokens = RenewedAccessToken(
            try RefreshTokenGrant(path: folder.path("token"), client: authentication, logger: log.logger), time: source,
            logger: log.logger)
        let client = FlashbackClient(
            baseURL: .simulated, transport: transport, tokens: tokens, budget: budget, statistics: statistics, time: source,
            jitter: { 0.5 })
        var configuration = CollectionConfiguration()
        configuration.mode = mode
        configuration.bulk = bulk
        return CollectionEngine(client: client, configuration: configuration, time: source, logger: log.logger)
    }

    /// The exporter's calendar.
    var date: Date { time.now.addingTimeInterval(skew.withLockedValue { $0 }) }

    private func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    private func note(_ event: String) { history.append("\(time.uptime): \(event)") }

    func run() {
        let engine = engine
        service = Task { try await engine.run() }
    }

    func stop() async throws {
        service?.cancel()
        try await service?.value
    }

    // MARK: Faults

    /// Advances the time to the next scrape, and injects faults on the way.
    func disturb() async throws {
        transport.state.withLockedValue { state in
            for index in state.episodes.indices { state.episodes[index].cycles -= 1 }
            state.episodes.removeAll { $0.cycles <= 0 }
        }
        if chance(0.25) { beginEpisode() }
        if chance(0.06) { jump() }
        if chance(0.05) { changeBuckets() }
        if chance(0.03) { changeTotals() }
        if chance(0.02) { simulation.revokeTokens(); note("access tokens revoked") }
        if chance(0.005) { loseAccount() }
        if chance(0.02) { try toggleFullDisk() }
        if chance(0.01) { try await restart() }
        try await time.sleep(for: pause())
    }

    private func pause() -> Duration {
        // In background mode, every second of a long pause costs test time.
        if chance(0.02) { return .seconds(Int.random(in: 300...(mode == .scrape ? 30_000 : 2_000), using: &generator)) }
        if chance(0.03) {
            // Shortly before or after midnight, by the exporter's calendar.
            let rest = 86_400 - date.timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
            let pause = max(rest + Double.random(in: -5...5, using: &generator), 1)
            note("midnight")
            if mode == .scrape { return .seconds(pause) }
            skew.withLockedValue { $0 += pause }
        }
        return .milliseconds(Int.random(in: 1_000...35_000, using: &generator))
    }

    private func beginEpisode() {
        var episode = ChaosTransport.Episode(share: [0.1, 0.5, 1].randomElement(using: &generator) ?? 1, cycles: 1)
        if chance(0.7) { episode.kind = ChaosQuestion.Kind.allCases.randomElement(using: &generator) }
        if chance(0.3) { episode.bucket = simulation.buckets.randomElement(using: &generator)?.id }
        episode.cycles = Int.random(in: 1...12, using: &generator)
        note("\(episode)")
        transport.state.withLockedValue { $0.episodes.append(episode) }
    }

    /// Sets the exporter's calendar forward or back, by seconds or by days.
    private func jump() {
        let scales: [Double] = [2, 600, 86_400, 300_000]
        let longest = scales.randomElement(using: &generator) ?? 1
        let back = -skew.withLockedValue { $0 }
        let jump = chance(0.3) ? back : Double.random(in: -longest...longest, using: &generator)
        skew.withLockedValue { $0 += jump }
        note("the calendar jumps by \(jump) s")
    }

    private func changeBuckets() {
        let bucket = simulation.buckets.randomElement(using: &generator)
        switch (Int.random(in: 0..<6, using: &generator), bucket) {
        case (0, _), (_, nil):
            if simulation.buckets.count < 9 {
                note("created \(simulation.createBucket(name: HostileText.random(using: &generator)))")
            }
        case (1, let bucket?):
            simulation.deleteBucket(bucket.id)
            note("deleted \(bucket.id)")
        case (2, let bucket?): simulation.renameBucket(bucket.id, to: HostileText.random(using: &generator))
        case (3, let bucket?):
            // Its totals are then the same as for a bucket without traffic.
            simulation.setForbidden(chance(0.5), bucket: bucket.id)
            witness.mayFall(bucket.id)
            note("rights changed for \(bucket.id)")
        case (4, let bucket?): simulation.setExtraRows(Int.random(in: 0...2, using: &generator), ofBucket: bucket.id)
        case (_, let bucket?): simulation.setStatus(HostileText.random(using: &generator), ofBucket: bucket.id)
        }
    }

    /// A replica lags, or the totals restart.
    private func changeTotals() {
        guard let bucket = simulation.buckets.randomElement(using: &generator) else { return }
        guard chance(0.6), let totals = simulation.totals(ofBucket: bucket.id) else {
            simulation.setTotals(nil, ofBucket: bucket.id)
            note("the totals of \(bucket.id) grow again")
            return
        }
        let share = Double.random(in: 0...1, using: &generator)
        let lower = SimulatedTotals(
            count: Int64(Double(totals.count) * share), uploadBytes: Int64(Double(totals.uploadBytes) * share),
            downloadBytes: Int64(Double(totals.downloadBytes) * share), sizeChange: totals.sizeChange)
        simulation.setTotals(lower, ofBucket: bucket.id)
        witness.mayFall(bucket.id)
        note("the totals of \(bucket.id) fall")
    }

    private func loseAccount() {
        simulation.revokeTokens(refreshTokens: true)
        witness.noteLostGrant()
        note("all tokens revoked")
    }

    /// A directory in place of the new file makes writing it fail, like a full disk.
    private func toggleFullDisk() throws {
        let path = folder.path("token.new")
        if (try? FileManager.default.removeItem(atPath: path)) == nil {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            note("disk full")
        } else {
            note("disk no longer full")
        }
    }

    private func restart() async throws {
        note("restart")
        try await stop()
        // The process loses a token that could not be written.
        try repairToken()
        witness.forget(at: time.uptime)
        engine = try Self.engine(transport, folder, time, skew, log, mode, bulk)
        restarts += 1
        run()
    }

    private(set) var restarts = 0

    private func repairToken() throws {
        try? FileManager.default.removeItem(atPath: folder.path("token.new"))
        try folder.write(simulation.issueTokens().refreshToken, to: "token")
        witness.change { $0.hasLostGrant = false }
    }

    // MARK: Recovery

    /// Ends all faults, and advances the time until everything can be known again.
    func calm() throws {
        note("calm")
        transport.state.withLockedValue { $0.episodes = [] }
        for bucket in simulation.buckets { simulation.setForbidden(false, bucket: bucket.id) }
        // The operator logs in again.
        if witness.known.hasLostGrant { try repairToken() }
    }

    /// A scrape's deadline.
    func patience() -> Duration {
        [.milliseconds(200), .seconds(2), .milliseconds(9500), .seconds(55)].randomElement(using: &generator) ?? .zero
    }

    func concurrentScrapes() -> Int { chance(0.2) ? 3 : 1 }
}
