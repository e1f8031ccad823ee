import HTTPServer
import NIOConcurrencyHelpers

/// A handler that answers when the test opens it.
final class Gate: Sendable {
    private let entries = AsyncStream<Void>.makeStream()
    private let isOpen = NIOLockedValueBox(false)
    private let cancelled = NIOLockedValueBox(false)

    /// Whether the latest admitted request had been cancelled.
    var wasCancelled: Bool { cancelled.withLockedValue { $0 } }

    func open() {
        isOpen.withLockedValue { $0 = true }
    }

    /// Waits for the next request.
    func waitForEntry() async {
        for await _ in entries.stream { return }
    }

    func handle(_ request: ListenerRequest) async -> ListenerResponse {
        entries.continuation.yield()
        while !Task.isCancelled, !isOpen.withLockedValue({ $0 }) { try? await Task.sleep(for: .milliseconds(5)) }
        cancelled.withLockedValue { $0 = Task.isCancelled }
        return echo(request)
    }
}
