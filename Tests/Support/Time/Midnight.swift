import Foundation

/// Midnight UTC, when a program that uses the system's calendar reads its daily data again, whether or not a test expects it.
package enum Midnight {
    /// If midnight UTC is less than a minute away, waits until it has passed, so that unrelated tests do not encounter it.
    package static func keepAway() async throws {
        let day = 86_400.0
        let left = day - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: day)
        if left < 60 { try await Task.sleep(for: .seconds(left + 1)) }
    }
}
