internal import Foundation

/// A scrape by curl that is checked to have been answered from what the API said, and not from its failures.
public final class Scrape {
    private let url: String
    private let output: String
    private let isCompressed: Bool
    /// Series in the latest answer.
    public private(set) var series = 0
    /// Requests to the API that the latest answer counts, from the exporter's start.
    public private(set) var requests = 0.0

    /// - Parameters:
    ///   - output: the file that takes the answer.
    ///   - isCompressed: asks for gzip, as Prometheus does.
    public init(url: String, output: String, isCompressed: Bool = false) {
        self.url = url
        self.output = output
        self.isCompressed = isCompressed
    }

    /// A scrape of any exporter, whose answer is taken as it comes: a scraper inflates it while the exporter does something else.
    public static func command(_ url: String, isCompressed: Bool) -> Command {
        let coding = isCompressed ? ["--header", "Accept-Encoding: gzip"] : []
        return Command(["curl", "--silent", "--fail", "--max-time", "600"] + coding + [url])
    }

    /// The latest answer.
    private func text() throws -> String {
        if !isCompressed { return try String(contentsOfFile: output, encoding: .utf8) }
        let inflated = output + ".inflated"
        defer { try? FileManager.default.removeItem(atPath: inflated) }
        _ = try Command(["gzip", "--decompress", "--stdout", output]).run(standardOutput: inflated)
        return try String(contentsOfFile: inflated, encoding: .utf8)
    }

    /// - Parameter count: the requests that the scrape must have caused; nil takes any number.
    /// - Throws: ``BenchmarkError`` when the scrape failed, or did not ask that much with success.
    @discardableResult
    public func run(expectingRequests count: Int? = nil) throws -> Command.Cost {
        let cost = try Self.command(url, isCompressed: isCompressed).run(standardOutput: output)
        let lines = try text().utf8.split(separator: UInt8(ascii: "\n"))
        let samples = lines.filter { $0.first != UInt8(ascii: "#") }
        series = samples.count
        let before = requests
        requests = 0
        for bytes in samples where bytes.starts(with: "flashback_api_requests_total{".utf8) {
            let sample = String(bytes) ?? ""
            guard sample.contains(#"code="200""#) else { throw BenchmarkError("the API did not answer everything: \(sample)") }
            requests += sample.split(separator: " ").last.flatMap { Double($0) } ?? 0
        }
        if let count, requests - before != Double(count) {
            throw BenchmarkError("the scrape made \(requests - before) requests instead of \(count)")
        }
        return cost
    }
}
