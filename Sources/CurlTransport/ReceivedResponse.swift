internal import CLibcurl

/// A response as the thread hands it to the task that awaits it.
struct ReceivedResponse: Sendable {
    let status: Int
    let httpVersion: HTTPVersion
    let head: ResponseHead
    let body: [UInt8]
    /// Nil for a transfer that had ended before.
    let share: BodyBudget.Share?

    init(_ transfer: Transfer, _ easy: EasyHandle) {
        status = easy.long(CURLINFO_RESPONSE_CODE)
        httpVersion =
            switch easy.long(CURLINFO_HTTP_VERSION) {
            case CURL_HTTP_VERSION_1_0: .http1_0
            case CURL_HTTP_VERSION_2_0: .http2
            case CURL_HTTP_VERSION_3: .http3
            default: .http1_1
            }
        head = transfer.head
        body = transfer.body
        share = transfer.share
    }
}
