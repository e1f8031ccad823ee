internal import CLibcurl

/// HTTP/1.1 and HTTP/2 by libcurl: one thread of its own carries all transfers, and callers await them.
///
/// Connections are reused and bounded, HTTP/2 is spoken where a server offers it over TLS, gzip is undone, and a server's
/// certificate is always verified. Transfers beyond the bound of connections wait, first come first served.
///
/// **End it with ``shutdown()``.** A process that exits while the thread still cleans up can crash inside OpenSSL. A transport that
/// is dropped without it lets its thread end by itself.
///
/// **SIGPIPE** is blocked on the transport's thread and those that libcurl starts from it, so that the process need not ignore it
/// for the transport's sake (libcurl's own guard is off, as it must be in a program of several threads).
package final class CurlTransport: HTTPTransport {
    private let configuration: CurlTransportConfiguration
    private let inbox: Inbox
    private let thread: DedicatedThread

    /// - Throws: ``TransferError/Kind/configuration`` for a limit that is not positive, or a CA file that cannot be read.
    package init(configuration: CurlTransportConfiguration) throws(TransferError) {
        try configuration.validate()
        guard CurlLibrary.initialization == CURLE_OK else {
            throw TransferError(
                kind: .configuration, message: "libcurl does not start: \(CurlLibrary.text(for: CurlLibrary.initialization))")
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

    /// The transport's own thread: from a response to the next request no other has to be woken, and the two do not take turns at
    /// the heap. What runs there keeps the transfers waiting, and so must not block.
    package var executor: (any TaskExecutor)? { inbox }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let prepared = try PreparedRequest(request, defaultTimeout: configuration.totalTimeout, now: .now)
        if configuration.isForOwnMachine, request.bearerToken != nil {
            throw TransferError(
                kind: .invalidRequest,
                message: "a token is not sent to \(Endpoint(of: request.url)), whose certificate is not verified")
        }
        let ticket = Ticket()
        let result: Result<ReceivedResponse, TransferError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Once handed over it might be on its way before it is taken back.
                if Task.isCancelled { return continuation.resume(returning: .failure(.cancelled(prepared))) }
                let submission = Submission(ticket: ticket, request: prepared, continuation: continuation)
                guard inbox.submit(submission) else {
                    return continuation.resume(returning: .failure(.shutDown(prepared)))
                }
                // A task that was cancelled between these lines has had its handler run already, for a ticket that nobody knew. One
                // that is cancelled from here on runs it after the submission, as it must be.
                if Task.isCancelled { inbox.cancel(ticket) }
            }
        } onCancel: {
            inbox.cancel(ticket)
        }
        return TransferResponse(try result.get())
    }

    /// Ends all transfers under way with ``TransferError/Kind/shutDown``, closes the connections and returns when the thread has
    /// ended. May be called more than once; ``execute(_:)`` then throws.
    package func shutdown() async {
        inbox.close()
        await thread.join()
    }
}
