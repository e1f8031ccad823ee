import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers

/// The body that Alertmanager sends to a webhook.
struct Notification: Decodable {
    enum Status: String, Decodable {
        case firing, resolved
    }

    struct Alert: Decodable {
        let status: Status
        let labels: [String: String]
        let annotations: [String: String]

        var name: String { labels["alertname"] ?? "" }
    }

    let receiver: String
    let alerts: [Alert]
}

/// A server that receives Alertmanager's notifications.
final class NotificationReceiver: Sendable {
    /// An alert in a notification, and the receiver that it was sent to.
    struct Received {
        let receiver: String
        let alert: Notification.Alert
    }

    private struct State {
        var received: [Received] = []
        var unreadable: [String] = []
    }

    private let state = NIOLockedValueBox(State())

    /// Everything received so far, in order. An alert is repeated in each notification of its group.
    var received: [Received] { state.withLockedValue { $0.received } }

    /// The names of all alerts that were notified as firing.
    var firedAlerts: Set<String> { Set(received.filter { $0.alert.status == .firing }.map(\.alert.name)) }

    /// Receives while the body runs.
    /// - Parameter body: receives the receiver's `host:port`.
    static func receiving<Result: Sendable>(
        _ body: @Sendable (NotificationReceiver, String) async throws -> Result
    ) async throws -> Result {
        let receiver = NotificationReceiver()
        let listener = try await HTTPListener.bind(to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: configuration)
        {
            receiver.take($0)
        }
        return try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run() }
            defer { group.cancelAll() }
            return try await body(receiver, listener.addresses.map(\.description).joined())
        }
    }

    private static var configuration: ListenerConfiguration {
        var configuration = ListenerConfiguration()
        configuration.maximumBodyBytes = 1024 * 1024
        configuration.drainTimeout = .seconds(1)
        return configuration
    }

    private func take(_ request: ListenerRequest) -> ListenerResponse {
        do {
            let notification = try JSONDecoder().decode(Notification.self, from: Data(request.body))
            let received = notification.alerts.map { Received(receiver: notification.receiver, alert: $0) }
            state.withLockedValue { $0.received += received }
        } catch {
            state.withLockedValue { $0.unreadable.append("\(error)") }
        }
        return ListenerResponse(status: .ok)
    }

    /// Waits for an alert, and returns the first match.
    /// - Throws: an error that shows what was received, after a minute and a half.
    func alert(_ name: String, _ status: Notification.Status, to receiver: String) async throws -> Notification.Alert {
        for _ in 0..<450 {
            let found = received.first { $0.alert.name == name && $0.alert.status == status && $0.receiver == receiver }
            if let found { return found.alert }
            try await Task.sleep(for: .milliseconds(200))
        }
        let (received, unreadable) = state.withLockedValue { ($0.received, $0.unreadable) }
        throw HTTP.Failed(description: "\(name) is not told to \(receiver) as \(status); what came: \(received) \(unreadable)")
    }
}
