import FlashbackRecording
import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite struct RecordingReplayTests {
    private static let began = Date(timeIntervalSince1970: 1_705_314_600)

    private func replay(_ exchanges: RecordedExchange..., later: TimeInterval = 0) -> RecordingReplay {
        RecordingReplay(
            Recording(exporterVersion: "1", began: Self.began, exchanges: exchanges),
            now: { Self.began.addingTimeInterval(later) })
    }

    private func ask(
        _ replay: RecordingReplay, _ target: String, _ method: HTTPRequest.Method = .get, body: String = ""
    ) async -> (status: Int, body: String, fields: HTTPFields) {
        let head = HTTPRequest(method: method, scheme: nil, authority: nil, path: target)
        let response = await replay.respond(to: ListenerRequest(head: head, body: Array(body.utf8)))
        return (
            response.status.code, response.body.map { String(decoding: $0.bytes.readableBytesView, as: UTF8.self) }.joined(),
            response.headerFields
        )
    }

    @Test func answersWithStatusHeadersAndBody() async {
        let replay = replay(
            RecordedExchange(
                method: "GET", template: nil, path: "/a", query: "x=1&y=a%2Cb", status: 429,
                headers: [.init(name: "retry-after", value: "7")], body: Array(#"{"n":18446744073709551617}"#.utf8)))
        let answer = await ask(replay, "/a?y=b,a&x=1")
        #expect(answer.status == 429)
        #expect(answer.body == #"{"n":18446744073709551617}"#)
        #expect(answer.fields[.retryAfter] == "7")
    }

    @Test(arguments: ["/b", "/a?x=2", "/a", "/a?x=1&z=1"]) func otherRequestsAreNotFound(target: String) async {
        let replay = replay(RecordedExchange(method: "GET", template: nil, path: "/a", query: "x=1", status: 200))
        let answer = await ask(replay, target)
        #expect(answer.status == 404)
        #expect(answer.body.contains("this request is not in the recording"))
        #expect(await ask(replay, "/a?x=1", .post).status == 404)
    }

    @Test func severalAnswersAreServedInTheirOrderAndTheLastOneRepeatedly() async {
        let replay = replay(
            RecordedExchange(method: "GET", template: nil, path: "/a", query: "", status: 500),
            RecordedExchange(method: "GET", template: nil, path: "/a", query: "", status: 201),
            RecordedExchange(method: "GET", template: nil, path: "/a", query: "", status: 200, otherBodyBytes: 9))
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(await ask(replay, "/a").status) }
        #expect(statuses == [500, 201, 200, 200])
        #expect(await ask(replay, "/a").body == "<9 bytes that were not JSON>")
    }

    @Test func daysAreRelativeToTheDayOfTheRequest() async {
        let replay = replay(
            RecordedExchange(
                method: "POST", template: nil, path: "/bucket/bucket-1/stats", query: "",
                requestBody: Array(#"{"day":"2024-01-14T00:00:00.000Z"}"#.utf8), status: 200),
            RecordedExchange(method: "GET", template: nil, path: "/d", query: "startDate=15012024", status: 200),
            later: 20 * 86_400)
        #expect(await ask(replay, "/bucket/bucket-1/stats", .post, body: #"{"day":"2024-02-03T00:00:00.000Z"}"#).status == 200)
        #expect(await ask(replay, "/bucket/bucket-1/stats", .post, body: #"{"day":"2024-01-14T00:00:00.000Z"}"#).status == 404)
        #expect(await ask(replay, "/d?startDate=4022024").status == 200)
        #expect(await ask(replay, "/d?startDate=15012024").status == 404)
    }

    @Test func recordedFailureIsABadGateway() async {
        let replay = replay(RecordedExchange(method: "GET", template: nil, path: "/a", query: "", failure: "timeout"))
        let answer = await ask(replay, "/a")
        #expect(answer.status == 502)
        #expect(answer.body.contains("timeout"))
    }

    @Test func timingIsThatOfTheRecordingOnRequest() async throws {
        let clock = CountingClock()
        for keepsTiming in [false, true] {
            let exchange = RecordedExchange(method: "GET", template: nil, path: "/a", query: "", duration: 1234, status: 200)
            let replay = RecordingReplay(
                Recording(exporterVersion: "1", began: Self.began, exchanges: [exchange]), keepsTiming: keepsTiming, clock: clock)
            #expect(await ask(replay, "/a").status == 200)
        }
        #expect(clock.slept.value == [.milliseconds(1234)])
    }
}

/// A clock whose sleeps end at once and are recorded.
private struct CountingClock: Clock {
    let slept = Slept()

    final class Slept: Sendable {
        private let box = NIOLockedValueBox<[Duration]>([])
        var value: [Duration] { box.withLockedValue { $0 } }
        func append(_ duration: Duration) { box.withLockedValue { $0.append(duration) } }
    }

    struct Instant: InstantProtocol {
        var offset = Duration.zero
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { slept.append(deadline.offset) }
}
