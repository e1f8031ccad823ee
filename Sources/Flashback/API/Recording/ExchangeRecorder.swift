package import Basics
package import FlashbackRecording
internal import FoundationEssentials
internal import HTTPClient
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Records the exchanges of one account without anything that identifies it. The original bodies are not kept.
package final class ExchangeRecorder: ExchangeObserver {
    private struct State {
        var pseudonyms = Pseudonyms()
        var exchanges: [RecordedExchange] = []
        var unknownFields: [RecordingSummary.UnknownField: Int] = [:]
    }

    private let baseURL: APIBaseURL
    private let start: Duration
    private let began: Date
    private let state = NIOLockedValueBox(State())

    package init(baseURL: APIBaseURL, time: TimeSource) {
        self.baseURL = baseURL
        start = time.uptime
        began = time.now
    }

    package func observe(_ exchange: ObservedExchange) {
        if case .failure(let error) = exchange.result, error.kind == .cancelled { return }
        state.withLockedValue { record(exchange, in: &$0) }
    }

    /// The recording so far.
    package func recording(exporterVersion: String) -> Recording {
        Recording(exporterVersion: exporterVersion, began: began, exchanges: state.withLockedValue { $0.exchanges })
    }

    /// What the recording contains.
    package var summary: RecordingSummary {
        state.withLockedValue {
            RecordingSummary(exchanges: $0.exchanges, pseudonyms: $0.pseudonyms, unknownFields: $0.unknownFields)
        }
    }

    private func record(_ exchange: ObservedExchange, in state: inout State) {
        let request = exchange.request
        let url = request.url.hasPrefix(baseURL.description) ? request.url.dropFirst(baseURL.description.count) : request.url[...]
        let target = RecordedTarget(request.method, url, &state.pseudonyms)
        var recorded = RecordedExchange(
            // The exporter chooses the method, so it is recorded unchanged.
            method: request.method.rawValue, template: target.endpoint?.name.template, path: target.path, query: target.query,
            start: Self.milliseconds(exchange.start - start), duration: Self.milliseconds(exchange.duration))
        if let body = request.body, let endpoint = target.endpoint, !endpoint.grantsTokens {
            recorded.requestBody = BodySanitizer.sanitized(body, rows: endpoint.rows, &state.pseudonyms)?.json
        }
        switch exchange.result {
        case .failure(let error): recorded.failure = error.kind.word
        case .success(let response):
            recorded.status = min(max(response.status.code, 100), 599)
            recorded.headers = RecordedHeaders.of(response.headerFields, &state.pseudonyms)
            let body = BodySanitizer.sanitized(response.body, rows: target.endpoint?.rows ?? .other, &state.pseudonyms)
            recorded.body = body?.json
            recorded.otherBodyBytes = body == nil ? response.body.count : nil
            for name in body?.unknownFields ?? [] {
                let endpoint = target.endpoint?.name.description ?? "another endpoint"
                state.unknownFields[RecordingSummary.UnknownField(endpoint: endpoint, name: name), default: 0] += 1
            }
        }
        state.exchanges.append(recorded)
    }

    private static func milliseconds(_ duration: Duration) -> Int64 { max(0, Int64(duration.inSeconds * 1000)) }
}

/// What a recording contains, for its author to check before sending it.
package struct RecordingSummary: Sendable {
    struct UnknownField: Hashable {
        let endpoint: String
        let name: String
    }

    let exchanges: [RecordedExchange]
    let pseudonyms: Pseudonyms
    let unknownFields: [UnknownField: Int]

    /// One line for each fact.
    package var lines: [String] {
        var answers: [String: Int] = [:]
        for exchange in exchanges {
            let outcome = exchange.status.map { "\($0)" } ?? exchange.failure ?? "no response"
            answers["\(exchange.method) \(exchange.template ?? "another path"): \(outcome)", default: 0] += 1
        }
        var lines = ["exchanges: \(exchanges.count)"]
        lines += answers.sorted { $0.key < $1.key }.map { "  \($0.key), \($0.value) times" }
        lines.append("pseudonyms: \(pseudonyms.counts.isEmpty ? "none" : "")".trimmed)
        lines += pseudonyms.counts.map { "  \($0.kind.rawValue): \($0.count)" }
        lines.append("unknown fields, recorded with type and length only: \(unknownFields.isEmpty ? "none" : "")".trimmed)
        lines += unknownFields.map { "  \($0.key.endpoint): \($0.key.name), \($0.value) times" }.sorted()
        return lines
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
