/// The times that the web configuration goes by.
package struct WebTime: Sendable {
    /// A steady clock's time.
    package let uptime: @Sendable () -> Duration
    /// The calendar's time, in seconds since 1970-01-01 UTC.
    package let timestampSeconds: @Sendable () -> Double
    /// Sleeps by the steady clock, until the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        uptime: @escaping @Sendable () -> Duration, timestampSeconds: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.uptime = uptime
        self.timestampSeconds = timestampSeconds
        self.sleep = sleep
    }
}
