internal import CLibcurl
internal import HTTPTypes

/// The lines of a response's head, collected as bytes and parsed once the response is complete.
struct ResponseHead: Sendable {
    /// More than any server normally sends; not every version of libcurl has such a limit.
    static let maximumBytes = 256 * 1024
    private static let maximumFields = 1000

    private var lines: [UInt8] = []
    /// The initial capacity, sufficient for most heads.
    private static let usualBytes = 512
    private var isComplete = false
    /// The bytes of this head and the preceding ones: interim responses and followed redirects.
    private var bytesSeen = 0

    /// Appends one line; a status line starts a new head.
    /// - Returns: false when the head is too long.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        bytesSeen += line.count
        guard bytesSeen <= Self.maximumBytes else { return false }
        if line.starts(with: "HTTP/".utf8) {
            lines.removeAll(keepingCapacity: true)
            isComplete = false
        } else if !isComplete {  // Lines after the end of the head are trailers and are ignored.
            isComplete = line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n")
            if lines.isEmpty { lines.reserveCapacity(Self.usualBytes) }
            lines.append(contentsOf: line)
        }
        return true
    }

    /// The fields in order. Invalid lines (RFC 9112 section 5) and fields beyond the thousandth are dropped.
    func headerFields() -> HTTPFields {
        var fields = HTTPFields()
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self)),
                fields.count < Self.maximumFields
            else { continue }
            fields.append(HTTPField(name: name, value: Self.trimmed(line[line.index(after: colon)...])))
        }
        return fields
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") }
        let start = value.drop(while: isSpace)
        return start[..<(start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex)]
    }
}

/// A response as passed from the thread to the awaiting task.
struct ReceivedResponse: Sendable {
    let status: Int
    let httpVersion: HTTPVersion
    let head: ResponseHead
    let body: [UInt8]
    /// Nil if the transfer had already ended.
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
