internal import NIOConcurrencyHelpers

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A thread of the operating system that runs one closure, and whose end can be awaited without blocking another thread.
final class DedicatedThread: Sendable {
    private struct State {
        var bodyReturned = false
        var joined = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// What the new thread takes over from the one that starts it.
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

    /// - Parameter body: runs on the thread, once. It is sent there: what it captured belongs to the thread alone.
    /// - Throws: when the system refuses another thread.
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
        // The body is done, so this waits for the thread's last few instructions only; the thread no longer takes the lock.
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

    /// Runs the body and lets go of it and of all that it captured, so that none of it outlives ``join()``.
    private static func run(_ start: consuming Start) -> NIOLockedValueBox<State> {
        // A write to a connection that the peer has closed must be an error of that connection, not the end of the process.
        // The signal goes to the thread that writes: blocking it here is enough, and leaves the rest of the process alone.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        start.body()
        return start.state
    }
}
