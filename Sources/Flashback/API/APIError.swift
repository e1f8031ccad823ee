internal import Basics
package import HTTPClient

/// Why a call to the API returned no usable answer.
package struct APIError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Reason: Sendable {
        /// No access token is available.
        case token(AccessTokenError)
        /// The request did not reach the API, or the response did not arrive completely.
        case transfer(TransferError)
        /// A response with a status other than 2xx, and whether it is about throttling (``RetryAfter/Complaint``).
        case status(Int, isThrottled: Bool)
        /// A 2xx response with an unusable body.
        case answer(UnreadableAnswer)
        /// No request was made: the API asked for a pause longer than the call may wait.
        case paused(for: Duration)
        /// The call was cancelled.
        case cancelled
    }

    /// The endpoint that was called.
    package let endpoint: EndpointName
    /// What went wrong with the latest request of the call.
    package let reason: Reason
    /// The API's error text, sanitized for a log line.
    let said: String?

    /// The API's machine-readable code, such as `NO_ACTIVE_SUBSCRIPTION`; for comparison only, since it may contain anything. Nil when it
    /// is longer than any code in use.
    package let code: String?

    /// In bytes.
    private static let maximumCodeLength = 64

    init(_ endpoint: EndpointName, _ reason: Reason, said: String? = nil, code: String? = nil) {
        self.endpoint = endpoint
        self.reason = reason
        self.said = said
        // Errors are kept for every bucket, so what the API can make long must not be.
        self.code = code.flatMap { $0.utf8.count <= Self.maximumCodeLength ? $0 : nil }
    }

    /// Whether a request was sent to the API.
    package var isAttempt: Bool {
        switch reason {
        case .paused, .cancelled: false
        case .token, .transfer, .status, .answer: true
        }
    }

    /// Whether the call was cancelled, which is not a failure.
    package var isCancellation: Bool {
        if case .cancelled = reason { true } else { false }
    }

    /// Whether there was no valid access token, which says nothing about the endpoint.
    package var isAboutToken: Bool {
        if case .token = reason { true } else { false }
    }

    /// Whether the request timed out.
    package var isTimeout: Bool {
        if case .transfer(let error) = reason { error.kind == .timedOut } else { false }
    }

    /// Whether the API does not offer a request, or not in this form, so that repeating it is useless until the API changes. A throttled
    /// request, a server error or a time-out does not count.
    package var isRefusal: Bool {
        switch reason {
        case .status(_, isThrottled: true): false
        case .status(408, _), .status(425, _): false
        case .status(let code, _): (300..<500).contains(code) || code == 501
        case .answer: true
        case .transfer(let error):
            switch error.kind {
            case .responseTooLarge, .tooManyRedirects, .redirectRefused: true
            default: false
            }
        case .token, .paused, .cancelled: false
        }
    }

    /// The error for a bucket without a row in an answer about many buckets.
    package static func omitted(from endpoint: EndpointName) -> APIError { APIError(endpoint, .answer(.omitsBucket)) }

    package var description: String {
        var words = [said]
        if case .token(let error) = reason { words.insert(error.said, at: 0) }
        return explanation + words.compactMap { $0 }.map { " (the API says: \($0))" }.joined()
    }

    /// The error without the API's text, for readers without access to the log: that text may contain anything, even a bucket's
    /// credentials.
    package var explanation: String { "\(endpoint): \(problem)" }

    private var problem: String {
        switch reason {
        case .token(let error): error.explanation
        case .transfer(let error): "\(error)"
        case .status(401, _):
            "HTTP 401: the account has no permission for this request, although its token is valid; give it access"
        case .status(403, _): "HTTP 403: the account may not read this; give it access to the bucket's workspace"
        case .status(404, _): "HTTP 404: not found; it may have been deleted, or the API's URL may be wrong"
        case .status(429, _): "HTTP 429: too many requests; lower the concurrency or request less often"
        case .status(let status, _): "HTTP \(status)"
        case .answer(.empty): "the response body is empty"
        case .answer(.notJSON): "the response is not JSON, or was truncated; check the API's URL"
        case .answer(.missingList(let name)): "the response has no list \"\(name)\""
        case .answer(.missingObject(let name)): "the response has no object \"\(name)\" that can be read"
        case .answer(.unreadableRows(let name)): "no row of the response's list \"\(name)\" can be read"
        case .answer(.tooManyRows(let name, let limit)):
            "the response's list \"\(name)\" has more than \(limit) rows"
        case .answer(.omitsBucket):
            "the response omits the bucket; check the account's permissions, or allow separate requests (bulk mode auto)"
        case .answer(.unsuccessful): "the response says success: false"
        case .paused(let duration):
            "not sent: the API asked for a pause of another \(duration.wholeSeconds) s"
        case .cancelled: "cancelled"
        }
    }
}

extension TransferError {
    /// The error with the known secrets redacted, since some of its text may come from the server.
    ///
    /// Secrets shorter than six bytes are not: most of the text is ours, and what would be missing from it would tell them.
    func hiding(_ secrets: [Secret]) -> TransferError {
        let long = secrets.filter { $0.reveal().utf8.count >= 6 }
        return TransferError(kind: kind, message: String(redacted(message, hiding: long)))
    }
}

/// Sanitizes external text for a log line: one line of limited length, with the known secrets redacted.
func redactedLogLine(_ text: String, hiding secrets: [Secret]) -> String {
    let scalars = redacted(text, hiding: secrets)
    let limit = 200
    let line = String(scalars.prefix(limit).map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return scalars.count > limit ? line + "…" : line
}

private func redacted(_ text: String, hiding secrets: [Secret]) -> String.UnicodeScalarView {
    // By scalars, not characters: a combining mark after a secret would merge with its last character and hide it.
    var scalars = text.unicodeScalars
    // Longest first: a secret may be a prefix of another.
    for secret in secrets.map({ $0.reveal() }).sorted(by: { $0.utf8.count > $1.utf8.count }) where !secret.isEmpty {
        scalars = scalars.replacing(secret.unicodeScalars, with: "<redacted>".unicodeScalars)
    }
    return scalars
}
