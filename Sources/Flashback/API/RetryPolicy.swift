internal import HTTPClient

/// When failed requests are retried. Only requests that do nothing but read are (``Endpoint/isRepeatable``).
package struct RetryPolicy: Sendable, Hashable {
    /// The maximum number of retries after throttling, once the pause is over.
    package var afterThrottling: Int
    /// The maximum number of retries after a server error or a broken connection.
    package var afterFailure: Int
    /// The longest wait after a server error; the actual wait is between half of it and all of it.
    package var delay: Duration

    package static let standard = RetryPolicy(afterThrottling: 3, afterFailure: 1, delay: .milliseconds(500))
    /// Never retries.
    package static let never = RetryPolicy(afterThrottling: 0, afterFailure: 0, delay: .zero)
}

extension APIError {
    /// What has to change before the same request can succeed.
    enum KindOfRetry {
        case never, ifTokenIsRefused, afterPause, afterDelay
    }

    var kindOfRetry: KindOfRetry {
        switch reason {
        case .status(401, _): .ifTokenIsRefused
        case .status(_, isThrottled: true): .afterPause
        case .status(500, _), .status(502, _), .status(503, _), .status(504, _): .afterDelay
        case .transfer(let error) where [.connectionBroken, .connectionFailed].contains(error.kind): .afterDelay
        case .status, .transfer, .token, .answer, .paused, .cancelled: .never
        }
    }
}
