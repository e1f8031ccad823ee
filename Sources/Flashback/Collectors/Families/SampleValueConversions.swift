internal import Exposition
internal import FoundationEssentials

extension SampleValue {
    /// Seconds since 1970-01-01 UTC, to the millisecond, which is as exact as the API's times are.
    init(timestamp date: Date) {
        self = .real((date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// Seconds from the API's milliseconds, to the nanosecond: 38.98 ms are 0.03898 s and not 0.038979999999999994.
    init(milliseconds: Double) {
        self = .real((milliseconds * 1e6).rounded() / 1e9)
    }

    /// A ratio from the API's percentage, to as many digits.
    init(percentage: Double) {
        self = .real((percentage * 1e7).rounded() / 1e9)
    }
}
