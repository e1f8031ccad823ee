package import FoundationEssentials

/// Why a collector's run failed, or failed for some buckets.
package struct CollectorFailure: Sendable, Hashable {
    /// One line, without the API's words. Of several failures in one run it is the first.
    package let message: String
    package let date: Date
}
