internal import CLibcurl

/// One transfer on the transport's thread, from its submission until the awaiting task is resumed.
final class Transfer {
    let ticket: TransferID
    let request: PreparedRequest
    let origin: OriginQueue
    /// Whether it holds one of the origin's places.
    var isActive = false
    /// Its libcurl handle; nil while the transfer waits.
    var easy: EasyHandle?

    /// How much of an unsuccessful response's body is read: it is only used for an error message.
    private static let maximumOtherBodyBytes = 16 * 1024

    private(set) var head = ResponseHead()
    private(set) var body: [UInt8] = []
    /// Why a callback made libcurl stop.
    private(set) var rejection: Rejection?

    /// Nil once the task has been resumed.
    private var continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>?
    /// The longest accepted body.
    let maximumResponseBytes: Int
    /// The body's share of the byte budget; nil once the transfer has ended.
    private(set) var share: BodyBudget.Share?
    private var hasUsedHTTPS = false
    /// How many redirects had been followed when a request was last sent; nil before the first.
    private var redirectsWhenSent: Int?

    enum Rejection {
        case bodyTooLong
        /// The total of all transfers' bodies exceeds the limit.
        case bodiesTooLong
        /// Enough of the body has been read.
        case restNotWanted
        case headTooLong
        case leavesHTTPS
        /// libcurl was about to send a request again that must not be repeated.
        case isRepetition
    }

    init(_ submission: Submission, origin: OriginQueue, maximumResponseBytes: Int, share: BodyBudget.Share) {
        self.origin = origin
        ticket = submission.ticket
        request = submission.request
        continuation = submission.continuation
        self.maximumResponseBytes = min(submission.request.maximumResponseBytes ?? .max, maximumResponseBytes)
        self.share = share
    }

    var isFinished: Bool { continuation == nil }

    /// Resumes the awaiting task; further calls are ignored.
    func finish(_ result: Result<ReceivedResponse, TransferError>) {
        continuation?.resume(returning: result)
        continuation = nil
        // The origin's queue may keep the transfer for a while, so release its memory now.
        body = []
        share = nil
    }

    // MARK: libcurl's callbacks

    /// The transfer for a libcurl callback's context pointer.
    static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Receives one line of a head.
    /// - Returns: the number of bytes accepted; any number other than `count` ends the transfer.
    func receiveHead(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard head.append(UnsafeRawBufferPointer(start: bytes, count: count)) else {
            rejection = .headTooLong
            return 0
        }
        return count
    }

    /// Receives a piece of the decompressed body.
    /// - Returns: the number of bytes accepted; any number other than `count` ends the transfer.
    func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let isSuccess = easy.map { (200..<300).contains($0.long(CURLINFO_RESPONSE_CODE)) } ?? false
        let limit = isSuccess ? maximumResponseBytes : min(maximumResponseBytes, Self.maximumOtherBodyBytes)
        let announced = body.isEmpty ? easy?.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) ?? 0 : 0
        let taken = min(count, limit - body.count)
        if isSuccess, taken < count || announced > limit {
            rejection = .bodyTooLong
            return 0
        }
        guard share?.take(taken) == true else {
            rejection = .bodiesTooLong
            return 0
        }
        // Beyond this it grows as data arrives: an announced length alone must not allocate many MiB.
        if announced > count { body.reserveCapacity(min(announced, limit, 1024 * 1024)) }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: taken))
        if taken < count { rejection = .restNotWanted }
        return taken
    }

    /// Called when a connection is ready and before each request, including redirected ones and those that libcurl sends again.
    func mayBeSent() -> Bool {
        let isHTTPS = easy?.string(CURLINFO_SCHEME)?.lowercased() == "https"
        if hasUsedHTTPS, !isHTTPS {
            rejection = .leavesHTTPS
            return false
        }
        hasUsedHTTPS = isHTTPS
        let redirects = easy?.long(CURLINFO_REDIRECT_COUNT) ?? 0
        if !request.isRepeatable, let redirectsWhenSent, redirectsWhenSent >= redirects {
            rejection = .isRepetition
            return false
        }
        redirectsWhenSent = redirects
        return true
    }
}
