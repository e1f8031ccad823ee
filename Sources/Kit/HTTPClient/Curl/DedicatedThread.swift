internal import NIOConcurrencyHelpers

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// An operating system thread that runs one closure and whose end can be awaited without blocking another thread.
final class DedicatedThread: Sendable {
    private struct State {
        var bodyReturned = false
        var joined = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// The state handed to the new thread.
    private final class Start {
        let body: () -> Void
        let state: NIOLockedValueBox<State>

        init(body: @escaping () -> Void, state: NIOLockedValueBox<State>) {
            self.body = body
            self.state = state
        }
    }

    private let thread: pthread_t
    private let state: NIOLockedValueBox<State>

    /// - Parameter body: runs on the thread, once. Its captures are transferred to the thread.
    /// - Throws: when the system cannot create another thread.
    init(body: sending @escaping () -> Void) throws(TransferError) {
        state = NIOLockedValueBox(State())
        let start = Unmanaged.passRetained(Start(body: body, state: state))
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, { DedicatedThread.main($0) }, start.toOpaque())
        guard failure == 0 else {
            start.release()
            throw TransferError(
                kind: .configuration, message: "cannot start the transport's thread: \(String(cString: strerror(failure)))")
        }
        self.thread = thread
    }

    deinit {
        let joined = state.withLockedValue { $0.joined }
        if !joined { pthread_detach(thread) }
    }

    /// Returns when the thread has ended. May be called any number of times.
    func join() async {
        await withCheckedContinuation { continuation in
            let bodyReturned = state.withLockedValue { state in
                if !state.bodyReturned { state.waiting.append(continuation) }
                return state.bodyReturned
            }
            if bodyReturned { continuation.resume() }
        }
        // The body has returned, so this waits only for the thread's last few instructions; the thread does not take the lock
        // again.
        state.withLockedValue { state in
            if !state.joined { pthread_join(thread, nil) }
            state.joined = true
        }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let state = run(Unmanaged<Start>.fromOpaque(argument).takeRetainedValue())
        let waiting = state.withLockedValue { state in
            state.bodyReturned = true
            let waiting = state.waiting
            state.waiting = []
            return waiting
        }
        for continuation in waiting { continuation.resume() }
        return nil
    }

    /// Runs the body and releases it with its captures, so that none of them outlives ``join()``.
    private static func run(_ start: consuming Start) -> NIOLockedValueBox<State> {
        // Writing to a connection that the peer has closed must fail that connection, not end the process. SIGPIPE is sent to the writing
        // thread, so blocking it here is sufficient and does not affect the rest of the process.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        start.body()
        return start.state
    }
}
