internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// What one collector knows of every bucket: a column of the table of observations, whose rows are the directory's slots.
///
/// Columns lock what they hold, since answers are entered on the transport's thread while samples are written on another.
protocol Column: AnyObject, Sendable {
    /// The collector's name.
    var name: String { get }

    /// How old its observations are.
    var age: ColumnAge { get }

    /// Writes what may be served about some buckets.
    /// - Parameters:
    ///   - servedFor: how long after its request an observation may be served; of one answer about all buckets the writer judges.
    ///   - deflater: the writer's.
    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange

    /// Writes what does not belong to a single bucket.
    /// - Parameter hasReadings: whether any bucket has an observation that is served.
    func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily]

    /// Adds what may be served about a bucket, and why it could not be read, to its summary.
    func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary)
}

/// How old a column's observations are.
enum ColumnAge: Sendable, Hashable {
    /// Every bucket has an observation of its own.
    case ofEachBucket
    /// One answer tells of all buckets; the steady time of the request for it, nil before there is one.
    case common(Duration?)
}

/// The steady time and the calendar's at the same moment.
struct Moment: Sendable {
    let uptime: Duration
    let date: Date
}

extension TimeSource {
    var moment: Moment { Moment(uptime: uptime, date: now) }
}

/// What a request came to, as far as the schedule and the reports need to know; what was read is in the column.
struct Attempt: Sendable {
    /// When the request was made.
    let askedAt: Duration
    var error: APIError?
    var dropped = DroppedRows()
    /// When what was read stops being true; nil if it only ages.
    var validUntil: Date?

    var ending: Schedule.Ending {
        guard let error else { return .succeeded(validUntil: validUntil) }
        return error.isAttempt ? .failed(timedOut: error.isTimeout) : .notAsked
    }
}

/// The samples of one collector about one range of buckets, and for how long they say what would be written now.
struct WrittenRange: Sendable {
    /// By declarations: those of the collector, and those about each bucket's outcome.
    var families: [[WrittenFamily]]
    /// The steady time of the oldest observation in it; nil without any that ages by itself.
    var oldest: Duration?
    /// When something in it stops being true.
    var validUntil = Date.distantFuture
    /// The steady time of the youngest observation that was too old for it.
    var youngestLeftOut: Duration?
    /// Whether it has any observation.
    var hasReadings = false

    /// Whether all of it may still be served, and nothing else may be.
    func holds(servedFor: Duration, at moment: Moment) -> Bool {
        if let oldest, moment.uptime - oldest > servedFor { return false }
        if let youngestLeftOut, moment.uptime - youngestLeftOut <= servedFor { return false }
        return moment.date < validUntil
    }

    /// Notes an observation that was written.
    mutating func include(_ observation: Duration, validUntil end: Date?) {
        hasReadings = true
        oldest = min(oldest ?? observation, observation)
        if let end { validUntil = min(validUntil, end) }
    }
}
