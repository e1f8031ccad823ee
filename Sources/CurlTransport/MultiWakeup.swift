internal import CLibcurl

/// Ends the poll of a ``MultiHandle`` from another thread.
///
/// Unchecked, because a C pointer is not `Sendable`. `curl_multi_wakeup` is the one function that libcurl documents as safe to
/// call from any thread while another uses the handle. The handle must not have been cleaned up; ``Inbox``, the only holder,
/// calls under its lock, and the thread takes this value out of it under the same lock before it cleans up.
struct MultiWakeup: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) {
        self.multi = multi
    }

    func callAsFunction() {
        curl_multi_wakeup(multi)
    }
}
