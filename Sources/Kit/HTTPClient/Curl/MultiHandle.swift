internal import CLibcurl

/// A libcurl multi handle: the transfers in progress and their shared connections. Used only on the transport's thread.
final class MultiHandle {
    private let multi: UnsafeMutableRawPointer

    var wakeup: MultiWakeup { MultiWakeup(multi) }

    init(_ configuration: CurlTransportConfiguration) throws(TransferError) {
        guard let multi = curl_multi_init() else {
            throw TransferError(kind: .configuration, message: "libcurl is out of memory")
        }
        self.multi = multi
        let settings = [
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections),
            (CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost),
            // How many idle connections stay open.
            (CURLMOPT_MAXCONNECTS, configuration.maximumConnections),
        ]
        for (option, value) in settings {
            let code = clibcurl_multi_set_long(multi, option, min(value, Int(Int32.max)))
            guard code == CURLM_OK else {
                throw TransferError(kind: .configuration, message: "libcurl rejected its limits: \(Self.text(for: code))")
            }
        }
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    func add(_ easy: EasyHandle) -> CURLMcode { curl_multi_add_handle(multi, easy.pointer) }

    /// Aborts the transfer in any state. The easy handle can be reused.
    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(multi, easy.pointer)
    }

    /// Does everything possible without blocking.
    func perform() -> CURLMcode {
        var running: Int32 = 0
        return curl_multi_perform(multi, &running)
    }

    /// The next transfer completed by `perform`; nil when there are no more.
    func nextCompleted() -> (transfer: Transfer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = EasyHandle.transfer(of: easy)
            else { continue }
            return (transfer, clibcurl_message_result(message))
        }
        return nil
    }

    /// Waits until a connection is ready, a libcurl timer expires, ``MultiWakeup`` is called or the time is up.
    func poll(milliseconds: Int32) {
        curl_multi_poll(multi, nil, 0, milliseconds, nil)
    }

    static func text(for code: CURLMcode) -> String {
        curl_multi_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }
}

/// Ends the poll of a ``MultiHandle`` from another thread.
///
/// Unchecked, because a C pointer is not `Sendable`. `curl_multi_wakeup` is the only function that libcurl documents as safe to call from
/// any thread while another thread uses the handle. The handle must not have been cleaned up: ``Inbox``, the only owner, calls this under
/// its lock, and the thread removes this value under the same lock before it cleans up.
struct MultiWakeup: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) {
        self.multi = multi
    }

    func callAsFunction() {
        curl_multi_wakeup(multi)
    }
}
