import Basics
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport

/// Carries requests to a simulation, does to them what its episodes say, and tells the witness what has really been answered.
struct ChaosTransport: HTTPTransport {
    /// A time in which some requests fail.
    struct Episode {
        /// The requests that may fail; nil for all.
        var kind: ChaosQuestion.Kind?
        var bucket: String?
        /// The probability that one of them fails.
        var share: Double
        /// The number of cycles that are left of it.
        var cycles: Int
    }

    struct State {
        var generator: SeededGenerator
        var episodes: [Episode] = []
    }

    let inner: SimulationTransport
    let simulation: FlashbackSimulation
    let witness: ChaosWitness
    let time: ManualTime
    /// The exporter's date.
    let calendar: @Sendable () -> Date
    let state: NIOLockedValueBox<State>

    init(
        _ simulation: FlashbackSimulation, _ witness: ChaosWitness, _ time: ManualTime, seed: UInt64,
        calendar: @escaping @Sendable () -> Date
    ) {
        inner = SimulationTransport(simulation)
        self.calendar = calendar
        (self.simulation, self.witness, self.time) = (simulation, witness, time)
        state = NIOLockedValueBox(State(generator: SeededGenerator(seed: seed)))
    }

    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let question = ChaosQuestion(request)
        let secrets = secrets(in: request)
        witness.note(secrets: secrets)
        let fault = fault(for: question, secrets)
        let askedAt = time.uptime
        witness.began(question)
        var answer = Answer(askedAt: askedAt, on: calendar())
        defer { witness.ended(question, answer.isPristine ? answer : nil, at: time.uptime) }
        switch fault {
        case .fails(let kind): throw TransferError(kind: kind, message: "chaos: \(kind.word)")
        case .answers(let status, let body, let fields):
            // The exporter does not send a refused refresh token again.
            if question.kind == .refresh, 400..<500 ~= status, status != 429 { witness.noteLostGrant() }
            if status == 401 { witness.change { $0.refusedAt = time.uptime } }
            return TransferResponse(status: .init(code: status), headerFields: fields, body: body)
        case .delayed(let duration): try await sleep(duration)
        case .hangs: try await sleep(.seconds(86_400 * 365))
        case .answerIsLost, .halfOfTheAnswer, .moreThanTheAnswer, .unreadableRow, nil: break
        }
        let response = try await inner.execute(request)
        // A rotated token is known to the exporter even if its answer was spoilt.
        witness.note(secrets: Self.tokens(in: response.body))
        if case .answerIsLost? = fault {
            if question.kind == .refresh { witness.noteLostGrant() }
            throw TransferError(kind: .connectionBroken, message: "chaos: the answer is lost")
        }
        if response.status == .unauthorized { witness.change { $0.refusedAt = time.uptime } }
        guard response.status == .ok else { return response }
        var body = response.body
        switch fault {
        case .halfOfTheAnswer?:
            if question.kind == .refresh { witness.noteLostGrant() }
            return TransferResponse(status: .ok, headerFields: response.headerFields, body: Array(body.prefix(body.count / 2)))
        case .moreThanTheAnswer?:
            if question.kind == .refresh { witness.noteLostGrant() }
            return TransferResponse(status: .ok, headerFields: response.headerFields, body: body + Array("]".utf8))
        default: break
        }
        answer.isPristine = true
        switch question.kind {
        case .list, .totals:
            answer.buckets = Set(simulation.buckets.map(\.id))
            if case .unreadableRow? = fault, let spoilt = spoil(question.kind, &body) {
                answer.buckets.remove(spoilt)
                // The exporter takes no data from a list none of whose rows can be read: it does not say that there are no buckets.
                answer.isPristine = !answer.buckets.isEmpty
            }
        case .daily: answer.hasRows = String(decoding: body, as: UTF8.self).contains("\"ip\"")
        default: break
        }
        return TransferResponse(status: .ok, headerFields: response.headerFields, body: body)
    }

    private func sleep(_ duration: Duration) async throws(TransferError) {
        do { try await time.sleep(for: duration) } catch { throw TransferError(kind: .cancelled, message: "cancelled") }
    }

    private func fault(for question: ChaosQuestion, _ secrets: [String]) -> ChaosFault? {
        state.withLockedValue { state in
            for episode in state.episodes {
                guard episode.kind.map({ $0 == question.kind }) ?? true, episode.bucket.map({ $0 == question.bucket }) ?? true,
                    Double.random(in: 0..<1, using: &state.generator) < episode.share
                else { continue }
                return .random(&state.generator, telling: secrets, now: time.now)
            }
            return nil
        }
    }

    /// Makes one bucket's identifier unreadable.
    /// - Returns: the bucket's identifier.
    private func spoil(_ kind: ChaosQuestion.Kind, _ body: inout [UInt8]) -> String? {
        guard let id = state.withLockedValue({ simulation.buckets.randomElement(using: &$0.generator)?.id }) else { return nil }
        let name = kind == .list ? "id" : "bucketId"
        let text = String(decoding: body, as: UTF8.self)
        body = Array(text.replacingOccurrences(of: "\"\(name)\":\"\(id)\"", with: "\"\(name)\":[\"\(id)\"]").utf8)
        return id
    }

    private func secrets(in request: TransferRequest) -> [String] {
        [request.bearerToken?.reveal()].compactMap { $0 } + (request.body.map(Self.tokens) ?? [])
    }

    private static func tokens(in body: [UInt8]) -> [String] {
        let text = String(decoding: body, as: UTF8.self)
        return text.matches(of: /"(?:refreshToken|refresh_token|accessToken)":"([^"]+)"/).map { String($0.1) }
    }
}

/// An answer as the API gave it.
struct Answer {
    let askedAt: Duration
    /// The exporter's date when it asked: another day has another name from midnight on.
    let date: Date
    var answeredAt = Duration.zero
    /// Whether it reaches the exporter as it was given, except for the rows about buckets that are not in ``buckets``.
    var isPristine = false
    /// The buckets that a list or the totals are about.
    var buckets: Set<String> = []
    var hasRows = true

    init(askedAt: Duration, on date: Date) { (self.askedAt, self.date) = (askedAt, date) }
}
