internal import Basics
package import FlashbackRecording
package import FoundationEssentials
package import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// The API as recorded: the same requests get the same answers. Any token is accepted.
package final class RecordingReplay: SimulatedAPI {
    private let answers: [ReplayedRequest: [RecordedExchange]]
    private let served = NIOLockedValueBox<[ReplayedRequest: Int]>([:])
    private let keepsTiming: Bool
    private let now: @Sendable () -> Date
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - keepsTiming: whether an answer takes as long as the recorded one did.
    ///   - now: the calendar time. A request about a day is answered with the recorded answer about the day that was equally long ago.
    package init(
        _ recording: Recording, keepsTiming: Bool = false, now: @escaping @Sendable () -> Date = { Date() },
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        answers = Dictionary(grouping: recording.exchanges) { ReplayedRequest($0, recordedAt: recording.began) }
        self.keepsTiming = keepsTiming
        self.now = now
        self.clock = clock
    }

    /// Answers one request, as the server does. Several recorded answers to the same request are served in their order, and the last one
    /// repeatedly.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        let key = ReplayedRequest(
            method: request.head.method.rawValue, path: String(request.path), query: request.query.map(String.init) ?? "",
            body: request.body, now: now())
        guard let answers = answers[key], !answers.isEmpty else {
            return Self.missing("this request is not in the recording")
        }
        let number = served.withLockedValue { served in
            let number = served[key, default: 0]
            served[key] = number + 1
            return number
        }
        let answer = answers[min(number, answers.count - 1)]
        if keepsTiming { try? await clock.sleep(for: .milliseconds(answer.duration)) }
        guard let status = answer.status else {
            return Answer.failure(
                .badGateway, code: "NOT_RECORDED", "the recorded request had no response: \(answer.failure ?? "unknown")"
            ).response(.codeAndMessage)
        }
        var fields = HTTPFields()
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        let other = answer.otherBodyBytes.map { $0 == 0 ? [] : Array("<\($0) bytes that were not JSON>".utf8) }
        return ListenerResponse(status: .init(code: status), headerFields: fields, body: [answer.body ?? other ?? []])
    }

    private static func missing(_ message: String) -> ListenerResponse {
        Answer.failure(.notFound, code: "NOT_RECORDED", message).response(.codeAndMessage)
    }
}

/// The parts of a request that determine its recorded answer.
struct ReplayedRequest: Hashable {
    private let method: String
    private let path: String
    /// Decoded, with days relative to the day of the request, and sorted, including lists of identifiers.
    private let parameters: [String]
    private let body: [UInt8]

    /// - Parameter now: the time of the request, which its days are relative to.
    init(method: String, path: String, query: String, body: [UInt8], now: Date) {
        self.method = method
        self.path = path
        let today = Self.day(of: now)
        parameters = query.split(separator: "&").map { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decode(parts[0], plusIsSpace: true)
            let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            let values = value.split(separator: ",").sorted().map { Self.relative($0, name, today) }
            return "\(name)=\(values.joined(separator: ","))"
        }.sorted()
        // Only requests about days and for tokens have a body; the bodies of the latter are not recorded.
        let isAboutDays = path.hasSuffix("/stats")
        self.body = isAboutDays ? Self.relative(body, today) : []
    }

    init(_ exchange: RecordedExchange, recordedAt: Date) {
        self.init(
            method: exchange.method, path: exchange.path, query: exchange.query, body: exchange.requestBody ?? [], now: recordedAt
        )
    }

    /// Days since 1970-01-01.
    private static func day(of date: Date) -> Int { Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) }

    /// A day as `ddmmyyyy`, relative to today; anything else unchanged.
    private static func relative(_ value: Substring, _ name: String, _ today: Int) -> String {
        guard ["startDate", "endDate"].contains(name), let digits = Int(value), digits > 0 else { return String(value) }
        let text = "\(digits % 10_000)-\(padded(digits / 10_000 % 100))-\(padded(digits / 1_000_000))T00:00:00Z"
        guard let date = try? Date.ISO8601FormatStyle().parse(text) else { return String(value) }
        return "day \(day(of: date) - today)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private struct DayBody: Decodable { let day: String }

    /// A body that contains nothing but a day, relative to today; any other body unchanged.
    private static func relative(_ body: [UInt8], _ today: Int) -> [UInt8] {
        guard let text = (try? JSONDecoder().decode(DayBody.self, from: Data(body)))?.day,
            let date = try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        else { return body }
        return Array("day \(day(of: date) - today)".utf8)
    }
}
