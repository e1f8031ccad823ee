internal import Foundation
internal import Measurement

/// A scrape by curl that is checked to have asked the API everything anew.
final class Scrape {
    private let url: String
    private let output: String
    private var requestsBefore = 0.0
    /// Series in the latest answer.
    private(set) var series = 0

    init(url: String, output: String) {
        self.url = url
        self.output = output
    }

    /// - Parameter count: the requests that the scrape must have caused; nil takes any number.
    /// - Throws: `BenchmarkError` when the scrape failed, or did not ask that much with success.
    func run(expectingRequests count: Int?) throws -> Command.Cost {
        let cost = try Command(["curl", "--silent", "--fail", "--max-time", "600", url]).run(standardOutput: output)
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        let samples = lines.filter { !$0.hasPrefix("#") }
        series = samples.count
        var requests = 0.0
        for sample in samples where sample.hasPrefix("flashback_api_requests_total{") {
            guard sample.contains(#"code="200""#) else { throw BenchmarkError("the API did not answer everything: \(sample)") }
            requests += sample.split(separator: " ").last.flatMap { Double($0) } ?? 0
        }
        if let count, requests - requestsBefore != Double(count) {
            throw BenchmarkError("the scrape made \(requests - requestsBefore) requests instead of \(count)")
        }
        requestsBefore = requests
        return cost
    }
}
