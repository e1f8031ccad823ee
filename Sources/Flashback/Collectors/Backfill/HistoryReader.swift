package import Basics
package import FlashbackAPI
package import Logging
internal import NIOConcurrencyHelpers

/// Reads the daily statistics of past days with the client's retries and within its request budget.
package struct HistoryReader: Sendable {
    /// How often a throttled call is repeated, each time after the pause that the API asked for.
    private static let throttledCalls = 10

    /// What was read about one bucket.
    package struct Outcome: Sendable {
        package fileprivate(set) var history: BucketHistory
        /// What could not be read: a day, or the traffic, which has no day. If the account may not read the bucket, there is one entry, and
        /// the other days were not requested.
        package fileprivate(set) var failures: [(day: UTCDay?, error: APIError)]
        /// Whether the failures concern this bucket only: it is forbidden or deleted.
        package let isBucketRefused: Bool
        /// How many rows and fields could not be used.
        package let dropped: Int64
        /// Why the account's traffic cannot be written: one line; nil if it can, or was not requested.
        package fileprivate(set) var trafficRefusal: String?
        /// Whether nothing could be read.
        package let isFailure: Bool

        fileprivate mutating func noteTrafficFailure(_ error: APIError) {
            failures.append((nil, error))
            history.failures += 1
        }
    }

    private typealias Result = Swift.Result<ReadingResult<[NodeDailyStatistics]>, APIError>

    /// Whether the API provides the account's traffic by day. Until it has done so for one bucket, a refusal counts for the whole account,
    /// and the traffic of other buckets is not requested.
    private enum Traffic { case unknown, told, refused }

    private let account: Identifier?
    private let period: BackfillPeriod
    private let configuration: CollectionConfiguration
    private let readsTraffic: Bool
    private let traffic: NIOLockedValueBox<Traffic>
    private let context: ReadingContext

    /// - Parameters:
    ///   - readsTraffic: whether to read the traffic of each day too.
    ///   - hasTraffic: whether the traffic of some buckets has been read before.
    package init(
        client: FlashbackClient, account: Identifier?, configuration: CollectionConfiguration, period: BackfillPeriod,
        readsTraffic: Bool = false, hasTraffic: Bool = false, time: TimeSource, logger: Logger
    ) {
        self.account = account
        self.period = period
        self.configuration = configuration
        self.readsTraffic = readsTraffic
        traffic = NIOLockedValueBox(hasTraffic ? .told : .unknown)
        context = ReadingContext(
            client: client, account: account, configuration: configuration, time: time, logger: logger)
    }

    /// Lists the selected buckets.
    package func buckets() async throws(APIError) -> [ListedBucket] { try await BucketList.read(context).reading }

    /// The days to request for a bucket. There are no statistics for days before its creation.
    package func days(of bucket: ListedBucket) -> [UTCDay] {
        let ranges = BackfilledDay.enabled(in: configuration).map { $0.days(in: period) }
        guard let first = ranges.map(\.lowerBound).min(), let end = ranges.map(\.upperBound).max() else { return [] }
        let created = bucket.bucket.createdAt.map { UTCDay($0) } ?? first
        return Array(max(first, min(created, end))..<end)
    }

    /// The number of requests for a bucket.
    package func requests(about bucket: ListedBucket) -> Int { days(of: bucket).count + (readsTraffic ? 1 : 0) }

    /// Reads all days of a bucket.
    /// - Parameter finished: called with the number of requests that have ended, or will not be made.
    /// - Returns: nil when cancelled.
    package func read(_ bucket: ListedBucket, finished: @escaping @Sendable (Int) -> Void) async -> Outcome? {
        let days = days(of: bucket)
        var results: [(day: UTCDay, result: Result)] = []
        if let first = days.first {
            // The first request is made alone, so that a bucket that may not be read costs only one request.
            let result = await read(first, of: bucket.id)
            results.append((first, result))
            finished(1)
            if case .failure(let error) = result, error.concernsAllDays {
                finished(days.count - 1)
            } else {
                results += await days.dropFirst().map { $0 }.concurrentMap { day in
                    let result = await read(day, of: bucket.id)
                    finished(1)
                    return (day, result)
                }
            }
        }
        guard var outcome = outcome(of: results, about: bucket, days: days.count) else { return nil }
        guard readsTraffic else { return outcome }
        defer { finished(1) }
        if outcome.isFailure || traffic.withLockedValue({ $0 == .refused }) { return outcome }
        switch await readTraffic(of: bucket.id) {
        case .days(let days):
            outcome.history.traffic = days
            traffic.withLockedValue { $0 = .told }
        case .failed(let error):
            if error.isCancellation { return nil }
            outcome.noteTrafficFailure(error)
        case .refused(let error):
            switch noteTrafficRefusal(unlessTold: true) {
            case .unknown: outcome.trafficRefusal = "\(error)"
            case .told: outcome.noteTrafficFailure(error)
            case .refused: break
            }
        case .unusable(let reason):
            if noteTrafficRefusal(unlessTold: false) != .refused { outcome.trafficRefusal = reason }
        }
        return outcome
    }

    /// Records that the API does not provide the account's traffic. Several requests may have been in progress.
    /// - Parameter unlessTold: whether the refusal concerns only one bucket if the API has provided the traffic of another.
    /// - Returns: what was known before.
    private func noteTrafficRefusal(unlessTold: Bool) -> Traffic {
        traffic.withLockedValue { traffic in
            defer { if !(unlessTold && traffic == .told) { traffic = .refused } }
            return traffic
        }
    }

    private func outcome(
        of results: [(day: UTCDay, result: Result)], about bucket: ListedBucket, days: Int
    ) -> Outcome? {
        var read: [(day: UTCDay, nodes: [NodeDailyStatistics])] = []
        var failures: [(day: UTCDay?, error: APIError)] = []
        var dropped: Int64 = 0
        for (day, result) in results {
            switch result {
            case .success(let reading):
                read.append((day, reading.reading))
                dropped += DroppedRows.Reason.allCases.reduce(0) { $0 + reading.dropped[$1] }
            case .failure(let error):
                if error.isCancellation { return nil }
                failures.append((day, error))
            }
        }
        return Outcome(
            history: BucketHistory(account: account, bucket: bucket.id, days: read, failures: days - read.count),
            failures: failures, isBucketRefused: failures.contains { $0.error.concernsBucket }, dropped: dropped,
            isFailure: read.isEmpty && !failures.isEmpty)
    }

    private func read(_ day: UTCDay, of bucketID: Identifier) async -> Result {
        await patiently { () async throws(APIError) in
            let result = try await DailyCollector<Yesterday>.read(bucketID, of: day, context)
            return ReadingResult(result.reading.nodes, dropped: result.dropped)
        }
    }

    private func readTraffic(of bucketID: Identifier) async -> TrafficAnswer {
        let request = TrafficRequest(about: bucketID, period: period, now: context.time.now)
        return request.answer(
            await patiently { () async throws(APIError) in try await context.client.send(request.endpoint).rows })
    }

    /// Repeats a call after pauses.
    private func patiently<Value>(
        _ call: () async throws(APIError) -> Value
    ) async -> Swift.Result<Value, APIError> {
        var throttled = 0
        while true {
            do throws(APIError) {
                return .success(try await call())
            } catch {
                switch error.reason {
                case .paused(let pause):
                    // A scrape would skip this reading; a backfill can wait.
                    try? await context.time.sleep(until: context.time.uptime + pause)
                case .status(_, isThrottled: true) where throttled < Self.throttledCalls:
                    throttled += 1
                default: return .failure(error)
                }
            }
        }
    }
}

extension APIError {
    /// Whether requests about other buckets may succeed nevertheless.
    fileprivate var concernsBucket: Bool {
        if case .status(let status, _) = reason { [401, 403, 404].contains(status) } else { false }
    }

    /// Whether requests about other days of the same bucket would fail too.
    fileprivate var concernsAllDays: Bool {
        if case .token = reason { true } else { concernsBucket || isCancellation }
    }
}
