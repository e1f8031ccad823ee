internal import Basics
internal import Configuration
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging
internal import NIOConcurrencyHelpers

/// Reads the daily statistics of past days and writes them as OpenMetrics with timestamps.
///
/// The readings are collected in a ``BackfillSpool`` first, bucket by bucket, because the format requires the samples of a family
/// and of a series to be together. The output is written from it, one family after the other, with one bucket in memory at a time.
struct Backfill: Sendable {
    /// After this many consecutive unreadable buckets, the API counts as down.
    private static let tolerance = 10

    /// The buckets of an account that could be listed.
    private struct Listing: Sendable {
        let account: AccountSettings
        let buckets: [ListedBucket]
    }

    let accounts: [AccountSettings]
    let request: BackfillRequest
    let time: TimeSource
    let logger: Logger
    /// Receives one line for each failure, up to a limit.
    let report: BackfillReport

    /// Runs the backfill, or continues one.
    /// - Returns: whether everything was read; the file contains what was. False without a file when the API cannot be read.
    /// - Throws: a one-line error about files or settings.
    func run() async throws -> Bool {
        try BackfillFile.check(request.output)
        let spool = try BackfillSpool(path: request.spoolPath, identity: request.identity(of: accounts))
        // An empty spool would only block a backfill with other arguments.
        defer { if spool.isEmpty { spool.remove() } }
        var listings: [Listing] = []
        for account in accounts {
            switch try await read(account, into: spool) {
            case .read(let listing): listings.append(listing)
            case .notListed: break
            case .stopped: return false
            }
        }
        guard !listings.isEmpty else { return false }
        let samples = try write(listings, from: spool)
        report.conclude("wrote \(samples) samples to \(request.output)")
        guard report.failures == 0 else {
            report.conclude("\(report.failures) requests failed; repeat the command to make only these again")
            return false
        }
        spool.remove()
        return true
    }

    // MARK: Reading

    /// How the reading of an account ended.
    private enum Reading {
        case read(Listing)
        /// The account's buckets cannot be listed.
        case notListed
        /// The API is down.
        case stopped
    }

    private func read(_ account: AccountSettings, into spool: BackfillSpool) async throws -> Reading {
        let connection = try await account.connection(time: time, logger: logger)
        do {
            let reading = try await read(account, connection.client, into: spool)
            await connection.close()
            return reading
        } catch {
            await connection.close()
            throw error
        }
    }

    private func read(
        _ account: AccountSettings, _ client: FlashbackClient, into spool: BackfillSpool
    ) async throws -> Reading {
        let reader = HistoryReader(
            client: client, account: account.name, configuration: account.collection, period: request.period,
            readsTraffic: request.includesTraffic, hasTraffic: spool.hasTraffic(of: account.name), time: time,
            logger: account.naming(logger))
        let buckets: [ListedBucket]
        do throws(APIError) {
            buckets = try await reader.buckets()
        } catch {
            report.failed(error, of: nil, account: account.name)
            return .notListed
        }
        let missing = buckets.filter { !spool.isComplete($0.id, of: account.name) }
        let requests = missing.reduce(0) { $0 + reader.requests(about: $1) }
        let progress = NIOLockedValueBox(CollectionProgress(expected: requests))
        let failure = await ProgressBar.showing({ progress.withLockedValue { $0 } }) { () -> Stop? in
            await read(missing, reader, account, into: spool) { count in progress.withLockedValue { $0.done += count } }
        }
        switch failure {
        case nil: return .read(Listing(account: account, buckets: buckets))
        case .cancelled: throw CancellationError()
        case .file(let error): throw error
        case .outage:
            report.conclude("stopped, since \(Self.tolerance) buckets in a row could not be read; repeat the command to continue")
            return .stopped
        }
    }

    /// Why reading stopped.
    private enum Stop {
        case cancelled, outage
        case file(InvalidArgument)
    }

    /// Reads several buckets at once, enough for all requests that the budget allows.
    private func read(
        _ buckets: [ListedBucket], _ reader: HistoryReader, _ account: AccountSettings, into spool: BackfillSpool,
        finished: @escaping @Sendable (Int) -> Void
    ) async -> Stop? {
        await withTaskGroup(of: (ListedBucket, HistoryReader.Outcome?).self) { group in
            defer { group.cancelAll() }
            var rest = buckets[...]
            func begin() {
                guard let bucket = rest.popFirst() else { return }
                group.addTask { (bucket, await reader.read(bucket, finished: finished)) }
            }
            for _ in 0...account.upstream.concurrency / (request.period.days.count + 1) { begin() }
            var failuresInARow = 0
            while let (bucket, outcome) = await group.next() {
                guard let outcome else { return .cancelled }
                for (day, error) in outcome.failures {
                    report.failed(error, of: (bucket, day), account: account.name)
                }
                report.dropped(outcome.dropped)
                if let refusal = outcome.trafficRefusal { report.leftOutTraffic(refusal, account: account.name) }
                do throws(InvalidArgument) {
                    try spool.append(outcome.history)
                } catch {
                    return .file(error)
                }
                if !outcome.isBucketRefused { failuresInARow = outcome.isFailure ? failuresInARow + 1 : 0 }
                if failuresInARow == Self.tolerance { return .outage }
                begin()
            }
            return nil
        }
    }

    // MARK: Writing

    /// - Returns: the number of samples.
    private func write(_ listings: [Listing], from spool: BackfillSpool) throws -> Int {
        let file = try BackfillFile(path: request.output)
        var total = 0
        let parts = listings.map { listing in
            (
                listing, HistoryWriter(period: request.period, configuration: listing.account.collection),
                HistoryWriter.constants(account: listing.account.name, request.labels)
            )
        }
        let selection = accounts.metrics
        for family in HistoryWriter.families where selection.admits(family.family) {
            try file.write(OpenMetricsHistory.header(of: family.family))
            for (listing, writer, constants) in parts {
                total += try writer.writeCommon(family, constants: constants, file.write)
                try forEachHistory(in: listing, from: spool) { history, bucket in
                    total += try writer.write(family, of: history, about: bucket, constants: constants, file.write)
                }
            }
        }
        for family in TrafficHistoryFamilies.allCases where request.includesTraffic && selection.admits(family.family) {
            try file.write(OpenMetricsHistory.header(of: family.family))
            for (listing, writer, constants) in parts {
                try forEachHistory(in: listing, from: spool) { history, bucket in
                    total += try writer.write(family, of: history, about: bucket, constants: constants, file.write)
                }
            }
        }
        try file.finish()
        return total
    }

    private func forEachHistory(
        in listing: Listing, from spool: BackfillSpool, _ body: (BucketHistory, ListedBucket) throws -> Void
    ) throws {
        for bucket in listing.buckets {
            try Task.checkCancellation()
            if let history = try spool.history(of: bucket.id, account: listing.account.name) { try body(history, bucket) }
        }
    }
}
