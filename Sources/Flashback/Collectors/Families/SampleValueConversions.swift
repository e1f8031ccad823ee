internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

extension SampleValue {
    /// Seconds since 1970-01-01 UTC, rounded to milliseconds, the API's precision.
    init(timestamp date: Date) {
        self = .real((date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// A number from the API with all of its digits.
    init(_ number: ExactNumber) {
        switch number {
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real)
        }
    }

    /// Seconds from the API's milliseconds, rounded to nanoseconds: 38.98 ms becomes 0.03898 s, not 0.038979999999999994.
    init(milliseconds: Double) {
        self = .real((milliseconds * 1e6).rounded() / 1e9)
    }

    /// A ratio from the API's percentage, with the same number of significant decimals.
    init(percentage: Double) {
        self = .real((percentage * 1e7).rounded() / 1e9)
    }
}
