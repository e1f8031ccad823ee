internal import CLibcurl

/// HTTP/1.1 and HTTP/2 through libcurl: a dedicated thread runs all transfers, and callers await them.
///
/// Connections are reused and limited, HTTP/2 is used where a server offers it over TLS, gzip is decompressed, and server
/// certificates are always verified. Transfers beyond the connection limit wait in order of arrival.
///
/// **End it with ``shutdown()``.** A process that exits while the thread is still cleaning up can crash inside OpenSSL. If a transport is
/// released without a shutdown, its thread ends by itself.
///
/// **SIGPIPE** is blocked on the transport's thread and on threads that libcurl starts from it, so the transport does not require the
/// process to ignore it. (libcurl's own guard is disabled, as required in a multithreaded program.)
package final class CurlTransport: HTTPTransport {
    private let configuration: CurlTransportConfiguration
    private let inbox: Inbox
    private let thread: DedicatedThread

    /// - Throws: ``TransferError/Kind/configuration`` for a limit that is not positive, or an unreadable CA file.
    package init(configuration: CurlTransportConfiguration) throws(TransferError) {
        try configuration.validate()
        guard CurlLibrary.initialization == CURLE_OK else {
            throw TransferError(
                kind: .configuration, message: "libcurl failed to start: \(CurlLibrary.text(for: CurlLibrary.initialization))")
        }
        let multi = try MultiHandle(configuration)
        let inbox = Inbox(wakeup: multi.wakeup)
        let loop = TransferLoop(multi: multi, inbox: inbox, configuration: configuration)
        self.configuration = configuration
        self.inbox = inbox
        thread = try DedicatedThread { loop.run() }
    }

    deinit {
        inbox.close()
    }

    /// The transport's own thread: between a response and the next request no other thread has to be woken, and there is no
    /// contention for the heap. Jobs on this thread delay all transfers and must not block.
    package var executor: (any TaskExecutor)? { inbox }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let prepared = try PreparedRequest(request, defaultTimeout: configuration.totalTimeout, now: .now)
        if configuration.isForOwnMachine, request.bearerToken != nil {
            throw TransferError(
                kind: .invalidRequest,
                message: "refusing to send a token to \(Authority(of: request.url)): its certificate is not verified")
        }
        let ticket = TransferID()
        let result: Result<ReceivedResponse, TransferError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Once submitted, a request may be sent before it can be cancelled.
                if Task.isCancelled { return continuation.resume(returning: .failure(.cancelled(prepared))) }
                let submission = Submission(ticket: ticket, request: prepared, continuation: continuation)
                guard inbox.submit(submission) else {
                    return continuation.resume(returning: .failure(.shutDown(prepared)))
                }
                // If the task was cancelled between these lines, its handler has already run, for a ticket that was not submitted yet. From
                // here on, the handler runs after the submission and works.
                if Task.isCancelled { inbox.cancel(ticket) }
            }
        } onCancel: {
            inbox.cancel(ticket)
        }
        return TransferResponse(try result.get())
    }

    /// Ends all transfers in progress with ``TransferError/Kind/shutDown``, closes the connections and returns when the thread
    /// has ended. May be called more than once; afterwards ``execute(_:)`` throws.
    package func shutdown() async {
        inbox.close()
        await thread.join()
    }
}
