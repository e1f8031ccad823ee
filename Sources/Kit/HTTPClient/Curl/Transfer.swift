internal import CLibcurl

/// One transfer on the transport's thread, from its submission to the resuming of the task that awaits it.
final class Transfer {
    let ticket: Ticket
    let request: PreparedRequest
    let origin: OriginQueue
    /// Whether it has one of the origin's places.
    var isActive = false
    /// What libcurl carries it with; nil while it waits for its turn.
    var easy: EasyHandle?

    /// What is read of a body that is no success's: it is looked at for a few words only.
    private static let longestOtherBody = 16 * 1024

    private(set) var head = ResponseHead()
    private(set) var body: [UInt8] = []
    /// Why a callback has told libcurl to stop.
    private(set) var refusal: Refusal?

    /// Nil once it has been resumed.
    private var continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>?
    /// The longest body that is taken.
    let maximumResponseBytes: Int
    /// What the body takes of all that may be in flight; nil once the transfer has ended.
    private(set) var share: BodyBudget.Share?
    private var hasUsedHTTPS = false

    enum Refusal {
        case bodyTooLong
        /// This body and those of other transfers.
        case bodiesTooLong
        /// What has come of the body is enough.
        case restNotWanted
        case headTooLong
        case leavesHTTPS
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

    /// Resumes the awaiting task; what comes after the first time is ignored.
    func finish(_ result: Result<ReceivedResponse, TransferError>) {
        continuation?.resume(returning: result)
        continuation = nil
        // The origin's queue may hold the transfer for a while.
        body = []
        share = nil
    }

    // MARK: libcurl's callbacks

    /// The transfer behind the pointer that libcurl gives to a callback.
    static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Takes one line of a head.
    /// - Returns: the number of bytes taken; another than `count` ends the transfer.
    func receiveHead(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard head.append(UnsafeRawBufferPointer(start: bytes, count: count)) else {
            refusal = .headTooLong
            return 0
        }
        return count
    }

    /// Takes a piece of the body, decompressed.
    /// - Returns: the number of bytes taken; another than `count` ends the transfer.
    func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let isSuccess = easy.map { (200..<300).contains($0.long(CURLINFO_RESPONSE_CODE)) } ?? false
        let limit = isSuccess ? maximumResponseBytes : min(maximumResponseBytes, Self.longestOtherBody)
        let announced = body.isEmpty ? easy?.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) ?? 0 : 0
        let taken = min(count, limit - body.count)
        if isSuccess, taken < count || announced > limit {
            refusal = .bodyTooLong
            return 0
        }
        guard share?.take(taken) == true else {
            refusal = .bodiesTooLong
            return 0
        }
        // The rest grows as it comes: a server's promise is no reason to take many MiB.
        if announced > count { body.reserveCapacity(min(announced, limit, 1024 * 1024)) }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: taken))
        if taken < count { refusal = .restNotWanted }
        return taken
    }

    /// Asked once a connection is there and before each request, the redirected ones too.
    func mayBeSent() -> Bool {
        let isHTTPS = easy?.string(CURLINFO_SCHEME)?.lowercased() == "https"
        if hasUsedHTTPS, !isHTTPS {
            refusal = .leavesHTTPS
            return false
        }
        hasUsedHTTPS = isHTTPS
        return true
    }
}
