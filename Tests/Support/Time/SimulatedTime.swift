package import Foundation
import NIOConcurrencyHelpers
import TestTools

/// Runs a test's program in its own time, which advances only while all of the program's tasks sleep.
///
/// All jobs of the program run on one thread, one after the other. When none is left, each task waits for another or for the clock, so the
/// clock moves to the time at which the next sleeper wakes. A test calls `sleep` where it would wait, hours pass in milliseconds, and every
/// run takes the same steps.
package enum SimulatedTime {
    /// No task sleeps and no work is left, but the program has not ended: it waits for an event that will not happen.
    package struct Standstill: Error {}

    /// - Parameters:
    ///   - start: the calendar time at which the program begins; nil for ``ManualTime``'s.
    ///   - body: the program. Tasks that it leaves behind stop where they are when it ends.
    /// - Throws: ``Standstill``, and whatever the body throws.
    package static func run<Value: Sendable>(
        from start: Date? = nil, _ body: @escaping @Sendable (ManualTime) async throws -> Value
    ) async throws -> Value {
        let time = start.map { ManualTime(start: $0) } ?? ManualTime()
        let thread = SimulatedThread()
        let outcome = NIOLockedValueBox<Result<Value, any Error>?>(nil)
        Task(executorPreference: thread) {
            let result: Result<Value, any Error>
            do { result = .success(try await body(time)) } catch { result = .failure(error) }
            outcome.withLockedValue { $0 = result }
        }
        await withCheckedContinuation { continuation in
            thread.start {
                while true {
                    thread.runJobs()
                    if outcome.withLockedValue({ $0 != nil }) || !time.clock.advanceToNextSleeper() { break }
                }
            } end: {
                continuation.resume()
            }
        }
        guard let result = outcome.withLockedValue({ $0 }) else { throw Standstill() }
        return try result.get()
    }
}
