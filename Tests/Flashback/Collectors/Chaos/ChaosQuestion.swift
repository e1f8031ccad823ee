import Foundation
import HTTPClient
import HTTPTypes
import TestSupport

/// What a request asks for.
struct ChaosQuestion: Hashable {
    enum Kind: Hashable, CaseIterable {
        case list, totals, available, quota, status, daily, refresh, other
        /// About many buckets at once.
        case statuses, days
    }

    let kind: Kind
    /// The bucket that the request is about; nil for one about the account or many buckets.
    var bucket: String?
    /// The day that the request is about, such as 2024-01-15.
    var day: String?
    /// The buckets of ``Kind/statuses`` and ``Kind/days``.
    var buckets: [String] = []

    init(_ kind: Kind, bucket: String? = nil, day: String? = nil, buckets: [String] = []) {
        (self.kind, self.bucket, self.day, self.buckets) = (kind, bucket, day, buckets)
    }

    init(_ request: TransferRequest) {
        let path =
            request.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).last
            .map { $0.split(separator: "?")[0].split(separator: "/").map(String.init) } ?? []
        switch path {
        case ["bucket"]: self.init(.list)
        case ["bucket", "stats"]: self.init(.totals)
        case ["bucket", "available"]: self.init(.available)
        case ["user", "quota"]: self.init(.quota)
        case ["user", "refresh"]: self.init(.refresh)
        case let parts where parts.count == 3 && parts[2] == "status":
            self.init(.status, bucket: parts[1].removingPercentEncoding)
        case let parts where parts.count == 3 && parts[2] == "stats":
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let day = body.firstMatch(of: /"day":"([0-9-]+)T/).map { String($0.1) }
            self.init(.daily, bucket: parts[1].removingPercentEncoding, day: day)
        case ["stats", "nodes", "minute"]: self.init(.statuses, buckets: Self.buckets(in: request))
        case ["stats", "nodes", "daily"]:
            self.init(.days, day: Self.day(in: request), buckets: Self.buckets(in: request))
        default: self.init(.other)
        }
    }

    /// The questions about single buckets that an answer to this one answers too.
    var parts: [ChaosQuestion] {
        switch kind {
        case .statuses: buckets.map { ChaosQuestion(.status, bucket: $0) }
        case .days: buckets.map { ChaosQuestion(.daily, bucket: $0, day: day) }
        default: []
        }
    }

    private static func parameter(_ name: String, in request: TransferRequest) -> String? {
        URLComponents(string: request.url)?.queryItems?.first { $0.name == name }?.value
    }

    private static func buckets(in request: TransferRequest) -> [String] {
        parameter("bucketId", in: request)?.split(separator: ",").map(String.init) ?? []
    }

    /// The day in startDate, whose digits are those of the day of the month, the month and the year.
    private static func day(in request: TransferRequest) -> String? {
        guard let digits = parameter("startDate", in: request).flatMap({ Int($0) }) else { return nil }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(digits % 10_000)-\(padded(digits / 10_000 % 100))-\(padded(digits / 1_000_000))"
    }
}

/// What can happen to a request.
enum ChaosFault {
    /// It never reaches the API.
    case fails(TransferError.Kind)
    /// It reaches the API, but its answer is lost.
    case answerIsLost
    /// Something other than the API answers.
    case answers(Int, body: [UInt8], fields: HTTPFields)
    /// The API's answer arrives incomplete, or with extra bytes.
    case halfOfTheAnswer, moreThanTheAnswer
    /// In an answer about all buckets, the row of one bucket is unreadable.
    case unreadableRow
    case delayed(Duration)
    case hangs

    /// A random fault from the generator.
    /// - Parameters:
    ///   - secrets: the secrets in the request, which some of the answers reveal.
    ///   - now: the API's calendar.
    static func random(_ generator: inout SeededGenerator, telling secrets: [String], now: Date) -> ChaosFault {
        let kinds: [TransferError.Kind] = [
            .nameNotResolved, .connectionFailed, .connectTimedOut, .timedOut, .tlsFailed, .certificateRejected,
            .responseTooLarge(limit: 1000), .tooManyRedirects, .connectionBroken, .invalidResponse, .proxyFailed,
        ]
        let secret = secrets.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<16, using: &generator) {
        case 0...2: return .fails(kinds.randomElement(using: &generator) ?? .connectionBroken)
        case 3: return .answerIsLost
        case 4: return .halfOfTheAnswer
        case 5: return .moreThanTheAnswer
        case 6, 7: return .unreadableRow
        case 8: return .hangs
        case 9, 10: return .delayed(.milliseconds(Int.random(in: 50...40_000, using: &generator)))
        case 11: return throttled(&generator, now: now)
        case 12: return .answers(200, body: [], fields: [:])
        case 13:
            // Texts are cut after 200 characters: sometimes within the secret, but after the part of it that is searched for.
            let lengths = [max(0, 213 - secret.count), Int.random(in: 0...220, using: &generator)]
            let padding = String(repeating: "x", count: lengths.randomElement(using: &generator) ?? 0)
            let body = #"{"success":false,"message":"\#(padding)\#(secret)"}"#
            return .answers([200, 400, 500].randomElement(using: &generator) ?? 400, body: Array(body.utf8), fields: [:])
        case 14:
            return .answers(502, body: Array("<html>\(secret)</html>".utf8), fields: [.contentType: "text/html"])
        default:
            let status = [401, 403, 404, 500, 503].randomElement(using: &generator) ?? 500
            return .answers(status, body: Array(#"{"success":false,"error_code":"\#(secret)"}"#.utf8), fields: [:])
        }
    }

    private static func throttled(_ generator: inout SeededGenerator, now: Date) -> ChaosFault {
        var fields: HTTPFields = [:]
        let pause = Int.random(in: 0...90, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: fields[.retryAfter] = "\(pause)"
        case 1:
            fields[.retryAfter] = date(now.addingTimeInterval(Double(pause)))
            fields[.date] = date(now)
        case 2: fields[.retryAfter] = "-1, soon"
        default: break
        }
        return .answers(429, body: [], fields: fields)
    }

    /// A date in the format of a header field.
    static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
