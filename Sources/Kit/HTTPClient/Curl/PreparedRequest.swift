internal import Basics
internal import HTTPTypes

/// A validated request in the form that libcurl needs. It is prepared by the calling task to save time on the transport's thread.
struct PreparedRequest: Sendable {
    let method: HTTPRequest.Method
    let url: String
    /// Scheme, host and port; requests to the same origin share connections.
    let origin: Substring
    let isHTTPS: Bool
    /// `Name: value`, one per field.
    let headerLines: [String]
    let body: [UInt8]?
    let bearerToken: Secret?
    let timeout: Duration
    let deadline: ContinuousClock.Instant
    let maximumResponseBytes: Int?
    let followsRedirects: Bool
    let isRepeatable: Bool

    init(_ request: TransferRequest, defaultTimeout: Duration, now: ContinuousClock.Instant) throws(TransferError) {
        guard let origin = Origin(of: request.url) else {
            throw TransferError(
                kind: .invalidURL,
                message: "the URL for \(Authority(of: request.url)) is not a percent-encoded absolute http or https address")
        }
        if origin.hasUserName {
            throw TransferError(
                kind: .invalidURL,
                message: "the URL for \(Authority(of: request.url)) contains a user name, which is not supported; remove it")
        }
        if request.method == .head, request.body != nil {
            throw TransferError(
                kind: .invalidRequest, message: "a HEAD request to \(Authority(of: request.url)) cannot have a body")
        }
        if let token = request.bearerToken, !Self.canBeSent(token) {
            throw TransferError(
                kind: .invalidRequest,
                message: "the token for \(Authority(of: request.url)) is empty or has spaces, line breaks or other characters "
                    + "that cannot be sent; check its source")
        }
        method = request.method
        url = request.url
        self.origin = origin.text
        isHTTPS = origin.isHTTPS
        headerLines = Self.headerLines(of: request)
        body = request.body
        bearerToken = request.bearerToken
        timeout = request.timeout ?? defaultTimeout
        deadline = now.advanced(by: min(timeout, .seconds(1_000_000)))
        maximumResponseBytes = request.maximumResponseBytes
        followsRedirects = request.followsRedirects
        isRepeatable = request.isRepeatable
    }

    /// Rejects tokens that could inject header fields with a line break.
    private static func canBeSent(_ token: Secret) -> Bool {
        let bytes = token.reveal().utf8
        return !bytes.isEmpty && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func headerLines(of request: TransferRequest) -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(request.headerFields.count + 2)
        for field in request.headerFields where request.bearerToken == nil || field.name != .authorization {
            // libcurl treats "Name:" as an instruction to omit the field, and "Name;" as an empty field.
            lines.append(field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)")
        }
        if request.body != nil || request.method == .post {
            // Otherwise, libcurl would declare the body a form, and send `Expect: 100-continue` with a long one.
            if !request.headerFields.contains(.contentType) { lines.append("Content-Type:") }
            lines.append("Expect:")
        }
        return lines
    }
}
