internal import Basics
import FlashbackAPI

/// A limit that an API sets to the requests of a second, in one of the forms in which APIs count.
package struct SimulatedLimit: Sendable {
    package enum Form: Sendable, Hashable {
        /// Tokens that return at the rate, up to a capacity; nil for one second's worth, as in FlashbackSimulator. With one token, requests
        /// must keep their distance, as in nginx by default.
        case tokenBucket(capacity: Double? = nil)
        /// A number of requests in each second of the clock.
        case fixedWindow
        /// A number of requests in any one second.
        case slidingWindow
        /// Sixty times as many in each minute of the clock.
        case fixedMinute
    }

    package var form: Form
    /// Requests a second.
    package var rate: Double

    private var tokens: Double?
    private var refilledAt = 0.0
    private var window = 0.0
    private var admittedInWindow = 0.0
    private var admittedAt: ArraySlice<Double> = []

    package init(_ form: Form = .tokenBucket(), rate: Double) {
        self.form = form
        self.rate = rate
    }

    /// Accepts a request, or returns the seconds until one is accepted.
    package mutating func admit(at now: Duration) -> Double? {
        let now = now.inSeconds
        switch form {
        case .tokenBucket(let capacity): return admitByToken(at: now, capacity: max(1, capacity ?? rate))
        case .fixedWindow: return admitInWindow(of: 1, at: now)
        case .fixedMinute: return admitInWindow(of: 60, at: now)
        case .slidingWindow:
            while let first = admittedAt.first, first <= now - 1 { admittedAt.removeFirst() }
            if Double(admittedAt.count) >= rate { return admittedAt[admittedAt.startIndex] + 1 - now }
            admittedAt.append(now)
            return nil
        }
    }

    private mutating func admitByToken(at now: Double, capacity: Double) -> Double? {
        let available = min(capacity, (tokens ?? capacity) + (now - refilledAt) * rate)
        refilledAt = now
        // Times are sums of rounded numbers.
        guard available < 1 - 1e-9 else {
            tokens = available - 1
            return nil
        }
        tokens = available
        return (1 - available) / rate
    }

    private mutating func admitInWindow(of length: Double, at now: Double) -> Double? {
        let current = (now / length).rounded(.down)
        if current != window { (window, admittedInWindow) = (current, 0) }
        guard admittedInWindow < rate * length else { return (current + 1) * length - now }
        admittedInWindow += 1
        return nil
    }
}
