/// When a request that failed is made again. Every request to the API's reading endpoints may be: they change nothing.
package struct RetryPolicy: Sendable, Hashable {
    /// How often after the API asked for a pause, once it is over.
    package var afterThrottling: Int
    /// How often after a server's error or a broken connection.
    package var afterFailure: Int
    /// The longest wait after a server's error; a wait lasts between half of it and all of it.
    package var delay: Duration

    /// For an API that is worth waiting for.
    package static let standard = RetryPolicy(afterThrottling: 3, afterFailure: 1, delay: .milliseconds(500))
    /// Every failure is final.
    package static let never = RetryPolicy(afterThrottling: 0, afterFailure: 0, delay: .zero)
}
