/// Whatever carries an HTTP request to its server and the response back.
package protocol HTTPTransport: Sendable {
    /// Sends the request and reads the whole response. Any status is a response, not an error.
    ///
    /// When the task is cancelled, the transfer is given up at once and ``TransferError/Kind/cancelled`` thrown.
    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse

    /// Where tasks that make many requests run best; nil when that makes no difference.
    var executor: (any TaskExecutor)? { get }
}

extension HTTPTransport {
    package var executor: (any TaskExecutor)? { nil }
}
