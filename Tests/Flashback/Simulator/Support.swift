import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import Testing

/// A clock that a test advances manually.
final class TestTime: Sendable {
    private let date: NIOLockedValueBox<Date>

    init(_ text: String = "2024-06-12T09:30:00Z") {
        date = NIOLockedValueBox((try? Date(text, strategy: .iso8601)) ?? .distantPast)
    }

    var now: Date { date.withLockedValue { $0 } }

    func advance(by seconds: TimeInterval) { date.withLockedValue { $0 += seconds } }
}

/// Returns from sleeps at once, and records their durations.
final class RecordingClock: Clock {
    struct Instant: InstantProtocol {
        var offset = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let sleeps = NIOLockedValueBox<[Duration]>([])

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }
    var slept: [Duration] { sleeps.withLockedValue { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        sleeps.withLockedValue { $0.append(deadline.offset) }
    }
}

/// An answer, parsed for a test.
struct Reply {
    let response: ListenerResponse

    var status: Int { response.status.code }
    var bytes: [UInt8] { response.body.flatMap(\.bytes.readableBytesView) }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    subscript(header name: HTTPField.Name) -> String? { response.headerFields[name] }

    func json() throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    func object() throws -> [String: Any] { try #require(try json() as? [String: Any]) }

    /// The rows in the member with this name, or in the bare array.
    func rows(_ name: String? = nil) throws -> [[String: Any]] {
        guard let name else { return try #require(try json() as? [[String: Any]]) }
        return try #require(try object()[name] as? [[String: Any]])
    }
}

extension FlashbackSimulation {
    static let token = "static-token"

    /// A simulation that accepts ``token``.
    static func make(
        time: TestTime = TestTime(), clock: any Clock<Duration> = RecordingClock(),
        _ configure: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> FlashbackSimulation {
        var configuration = SimulatorConfiguration()
        configuration.staticToken = token
        configure(&configuration)
        return FlashbackSimulation(configuration, now: { time.now }, clock: clock)
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, body: String = "", token: String? = FlashbackSimulation.token
    ) async -> Reply {
        var head = HTTPRequest(method: method, scheme: nil, authority: "localhost", path: target)
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        return Reply(response: await respond(to: ListenerRequest(head: head, body: Array(body.utf8))))
    }

    func get(_ target: String, token: String? = FlashbackSimulation.token) async -> Reply {
        await send(.get, target, token: token)
    }

    func post(_ target: String, _ body: String = "", token: String? = FlashbackSimulation.token) async -> Reply {
        await send(.post, target, body: body, token: token)
    }

    /// The identifier of a bucket that is not ill.
    var wellBucket: String { buckets.first { !$0.isIll }?.id ?? "" }
}

/// The names of an object's members.
func keys(_ object: [String: Any]) -> Set<String> { Set(object.keys) }
