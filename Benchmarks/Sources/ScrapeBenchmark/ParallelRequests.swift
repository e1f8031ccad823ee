internal import Foundation
internal import Measurement

/// The requests that an uncached scrape makes, made by `curl --parallel`: the lists, and for each bucket its status and its day.
final class ParallelRequests {
    private let api: String
    private let token: String
    private let concurrency: Int
    private let asksAvailable: Bool
    private let configurationFile: String
    private let output: String
    /// How many requests there are.
    private(set) var count = 0

    init(api: String, token: String, concurrency: Int, directory: String, asksAvailable: Bool) {
        self.asksAvailable = asksAvailable
        self.api = api
        self.token = token
        self.concurrency = concurrency
        configurationFile = directory + "/curl.conf"
        output = directory + "/codes"
    }

    /// Learns the buckets and writes the file that curl takes its requests from.
    func prepare() throws {
        let list = output + ".list"
        _ = try Command(["curl", "--silent", "--fail", "--header", "Authorization: Bearer \(token)", api + "/bucket"])
            .run(standardOutput: list)
        let buckets = try JSONDecoder().decode(BucketList.self, from: Data(contentsOf: URL(fileURLWithPath: list))).buckets
        let gets =
            ["/bucket", "/bucket/stats"] + (asksAvailable ? ["/bucket/available"] : [])
            + buckets.map { "/bucket/\($0.id)/status" }
        let posts = buckets.map { "/bucket/\($0.id)/stats" }
        count = gets.count + posts.count
        let today = Date.now.formatted(.iso8601.year().month().day())
        let text = """
            \(section(of: gets))next
            header = "Content-Type: application/json"
            data = "{\\"day\\":\\"\(today)T00:00:00.000Z\\"}"
            \(section(of: posts))
            """
        try text.write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// - Throws: `BenchmarkError` when not every request was answered 200.
    func run() throws -> Command.Cost {
        let cost = try Command([
            "curl", "--silent", "--parallel", "--parallel-max", "\(concurrency)", "--config", configurationFile,
        ]).run(standardOutput: output)
        let codes = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        guard codes.count == count, codes.allSatisfy({ $0 == "200" }) else {
            throw BenchmarkError("curl did not get \(count) answers with status 200, but \(Set(codes)) in \(codes.count)")
        }
        return cost
    }

    private func section(of paths: [String]) -> String {
        let head = "header = \"Authorization: Bearer \(token)\"\nwrite-out = \"%{http_code}\\n\"\n"
        return head + paths.map { "url = \"\(api)\($0)\"\noutput = \"/dev/null\"\n" }.joined()
    }

    private struct BucketList: Decodable {
        struct Bucket: Decodable {
            let id: String
        }

        let buckets: [Bucket]
    }
}
