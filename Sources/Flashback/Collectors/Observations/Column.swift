internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// One collector's data about all buckets: a column of the table of observations, whose rows are the directory's slots.
///
/// Columns use locks, since answers are stored on the transport's thread while samples are written on another one.
protocol Column: AnyObject, Sendable {
    /// The collector's name.
    var name: String { get }

    /// How old its observations are.
    var age: ColumnAge { get }

    /// Writes the servable data of some buckets.
    /// - Parameters:
    ///   - servedFor: how long after its request an observation may be served. The writer checks the age of a single answer about all
    ///     buckets instead.
    ///   - deflater: the writer's deflater.
    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange

    /// Writes samples that do not belong to a single bucket.
    /// - Parameter hasReadings: whether any bucket's observation is being served.
    func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily]

    /// A column with the same observations, written with another account's labels and selection of families.
    func written(as account: AccountLabel) -> any Column

    /// Adds a bucket's servable data, and why it could not be read, to its summary.
    func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary)
}

/// How old a column's observations are.
enum ColumnAge: Sendable, Hashable {
    /// Each bucket has its own observation.
    case ofEachBucket
    /// One answer covers all buckets; the steady time of its request, nil before the first answer.
    case common(Duration?)
}

/// The steady time and the calendar time of the same moment.
struct Moment: Sendable {
    let uptime: Duration
    let date: Date
}

extension TimeSource {
    var moment: Moment { Moment(uptime: uptime, date: now) }
}

/// The outcome of a request for the schedule and the reports; the data is in the column.
struct Attempt: Sendable {
    /// When the request was made.
    let askedAt: Duration
    var error: APIError?
    var dropped = DroppedRows()
    /// The calendar times at which the data is valid; nil if it only ages.
    var validity: Range<Date>?

    /// Whether the bucket must be requested separately instead: the attempt had no outcome.
    var isDeferred = false
    /// Whether the answer had no rows about the bucket.
    var isEmpty = false

    var ending: Schedule.Ending {
        if isDeferred { return .notAsked }
        guard let error else { return .succeeded(validity: validity) }
        if error.isAboutToken { return .lackedToken }
        return error.isAttempt ? .failed(timedOut: error.isTimeout) : .notAsked
    }
}

/// A collector's samples for one range of buckets, and how long they remain up to date.
struct WrittenRange: Sendable {
    /// By declarations: first the collector's families, then those of the per-bucket outcomes.
    var families: [[WrittenFamily]]
    /// The steady time of the oldest observation in the range; nil if no observation has its own age.
    var oldest: Duration?
    /// The calendar times at which all observations in the range are valid.
    var validity = Date.distantPast..<Date.distantFuture
    /// The steady time of the youngest observation that was too old to be included.
    var youngestLeftOut: Duration?
    /// Whether it contains any observation.
    var hasReadings = false

    /// Whether writing the range again would include the same observations.
    func holds(servedFor: Duration, at moment: Moment) -> Bool {
        if let oldest, moment.uptime - oldest > servedFor { return false }
        if let youngestLeftOut, moment.uptime - youngestLeftOut <= servedFor { return false }
        return validity.contains(moment.date)
    }

    /// Whether an observation may be served.
    /// - Parameter validity: the calendar times at which the observation is valid; nil if it only ages.
    static func admits(
        _ observation: Duration, validity: Range<Date>?, servedFor: Duration, at moment: Moment
    ) -> Bool {
        moment.uptime - observation <= servedFor && validity?.contains(moment.date) ?? true
    }

    /// Records an observation, as included or as left out.
    /// - Parameter own: the calendar times at which the observation is valid; nil if it only ages.
    /// - Returns: whether it may be included.
    mutating func include(
        observedAt observation: Duration, validity own: Range<Date>? = nil, servedFor: Duration, at moment: Moment
    ) -> Bool {
        guard Self.admits(observation, validity: own, servedFor: servedFor, at: moment) else {
            youngestLeftOut = max(youngestLeftOut ?? observation, observation)
            return false
        }
        hasReadings = true
        oldest = min(oldest ?? observation, observation)
        if let own { validity = validity.clamped(to: own) }
        return true
    }
}
