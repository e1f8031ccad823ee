internal import Basics
package import FlashbackRecording
internal import HTTPClient
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Compares the API's responses with what the exporter knows: fields, types, spellings and words.
package final class ContractCheck: ExchangeObserver {
    private let baseURL: APIBaseURL?
    private let examiner = NIOLockedValueBox(ContractExaminer())

    /// - Parameter baseURL: the API's base URL; nil to examine a recording.
    package init(baseURL: APIBaseURL? = nil) {
        self.baseURL = baseURL
    }

    package func observe(_ exchange: ObservedExchange) {
        guard let base = baseURL?.description, exchange.request.url.hasPrefix(base), case .success(let response) = exchange.result
        else { return }
        let target = exchange.request.url.dropFirst(base.count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        examine(
            exchange.request.method, path: target.first ?? "", query: target.dropFirst().first ?? "",
            status: response.status.code, body: response.body)
    }

    /// Examines the exchanges of a recording.
    package func examine(_ recording: Recording) {
        for exchange in recording.exchanges {
            guard let status = exchange.status, let method = HTTPRequest.Method(rawValue: exchange.method) else { continue }
            examine(method, path: exchange.path[...], query: exchange.query[...], status: status, body: exchange.body ?? [])
        }
    }

    private func examine(_ method: HTTPRequest.Method, path: Substring, query: Substring, status: Int, body: [UInt8]) {
        guard let endpoint = KnownEndpoint.of(method, path.split(separator: "/")) else { return }
        var parameters: [String: String] = [:]
        for parameter in query.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { parameters[String(parts[0])] = PercentEncoding.decode(parts[1]) }
        }
        let tree = JSONTree(body)
        examiner.withLockedValue { $0.examine(endpoint, query: parameters, status: status, body: tree) }
    }

    /// One line for each difference, problems first.
    package var lines: [String] {
        let examiner = examiner.withLockedValue { $0 }
        let lines = examiner.report.map { finding, count in
            "\(finding.isProblem ? "problem" : "note"): \(finding.endpoint): "
                + "\(finding.path.isEmpty ? "" : "\(finding.path): ")\(finding.text) (\(count) times)"
        }
        return lines + [
            "contract: \(examiner.responses) responses examined, \(lines.isEmpty ? "no" : "\(lines.count)") differences"
        ]
    }

    /// Whether some data is not exported because a response differs from its contract.
    package var hasProblems: Bool { examiner.withLockedValue { $0 }.report.contains { $0.finding.isProblem } }
}
