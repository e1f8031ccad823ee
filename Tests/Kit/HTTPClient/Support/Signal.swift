/// An event that happens once or several times, and can be awaited.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func fire() { continuation.yield() }

    /// Returns when the signal has been fired `times` since the last call, or at once when the task is cancelled.
    func wait(times: Int = 1) async {
        var left = times
        for await _ in stream {
            left -= 1
            if left == 0 { return }
        }
    }
}
