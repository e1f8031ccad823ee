import Foundation

/// The moment at which a program that goes by the system's calendar reads its daily figures anew, whatever a test expects.
package enum Midnight {
    /// Waits for midnight UTC to pass where it is less than a minute away: a test that is not about it must not meet it.
    package static func keepAway() async throws {
        let day = 86_400.0
        let left = day - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: day)
        if left < 60 { try await Task.sleep(for: .seconds(left + 1)) }
    }
}
