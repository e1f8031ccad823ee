package import Basics
internal import FlashbackAPI
import Foundation
package import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers

/// A transport that detects requests made during a pause that an answer has asked for. It parses Retry-After independently.
package final class RetryAfterWitness: HTTPTransport {
    private struct State {
        var quietUntil: Date?
        var requests = 0
        var throttled = 0
        var violations = 0
    }

    private let transport: any HTTPTransport
    private let time: TimeSource
    private let state = NIOLockedValueBox(State())

    package init(_ transport: any HTTPTransport, time: TimeSource) {
        self.transport = transport
        self.time = time
    }

    /// Requests made so far.
    package var requests: Int { state.withLockedValue { $0.requests } }
    /// Answers with 429 so far.
    package var throttled: Int { state.withLockedValue { $0.throttled } }
    /// Requests made before the time given by an earlier answer.
    package var violations: Int { state.withLockedValue { $0.violations } }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let start = time.now
        state.withLockedValue { state in
            state.requests += 1
            if let end = state.quietUntil, start < end { state.violations += 1 }
        }
        let response = try await transport.execute(request)
        if response.status == .tooManyRequests {
            let end = response.headerFields[.retryAfter].flatMap { date($0) }
            state.withLockedValue { state in
                state.throttled += 1
                if let end { state.quietUntil = max(state.quietUntil ?? end, end) }
            }
        }
        return response
    }

    private func date(_ retryAfter: String) -> Date? {
        // A clock with floating-point seconds may be slightly early.
        if let seconds = Double(retryAfter) { return time.now.addingTimeInterval(seconds - 1e-6) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: retryAfter).map { $0.addingTimeInterval(-1e-6) }
    }
}
