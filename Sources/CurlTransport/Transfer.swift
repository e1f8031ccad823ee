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

    private(set) var head = ResponseHead()
    private(set) var body: [UInt8] = []
    /// Why a callback has told libcurl to stop.
    private(set) var refusal: Refusal?

    /// Nil once it has been resumed.
    private var continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>?
    private let maximumResponseBytes: Int
    private var hasUsedHTTPS = false

    enum Refusal {
        case bodyTooLong
        case headTooLong
        case leavesHTTPS
    }

    init(_ submission: Submission, origin: OriginQueue, maximumResponseBytes: Int) {
        self.origin = origin
        ticket = submission.ticket
        request = submission.request
        continuation = submission.continuation
        self.maximumResponseBytes = maximumResponseBytes
    }

    var isFinished: Bool { continuation == nil }

    /// Resumes the awaiting task; what comes after the first time is ignored.
    func finish(_ result: Result<ReceivedResponse, TransferError>) {
        continuation?.resume(returning: result)
        continuation = nil
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
        guard count <= maximumResponseBytes - body.count else {
            refusal = .bodyTooLong
            return 0
        }
        if body.isEmpty, let announced = easy?.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T), announced > count {
            // The rest grows as it comes: a server's promise is no reason to take 64 MiB.
            body.reserveCapacity(min(announced, maximumResponseBytes, 1024 * 1024))
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
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
