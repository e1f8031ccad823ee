internal import Basics
internal import FlashbackAPI
internal import HTTPClient
internal import HTTPTypes
internal import Measurement

/// The decoding of answers, and the transport, on what the simulator sends.
enum APIBenchmarks {
    /// It guards nothing.
    static let token = "benchmark-token"

    private static let requests = 10_000
    private static let concurrency = 64

    static func run(_ stopwatch: Stopwatch, api: String) async throws {
        let transport = try CurlTransport(
            configuration: CurlTransportConfiguration(
                maximumConnections: concurrency, maximumConnectionsPerHost: concurrency))
        do {
            let status = try await decoding(stopwatch, transport, api)
            try await transfers(stopwatch, transport, get(status))
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    /// - Returns: the address of a bucket's status, which is a small answer.
    private static func decoding(_ stopwatch: Stopwatch, _ transport: CurlTransport, _ api: String) async throws -> String {
        let list = try await transport.execute(get(api + "/bucket")).body
        let rows = try ListBuckets().answer(from: AnswerBody(list)).rows
        guard let first = rows.first else { throw BenchmarkError("the simulator has no buckets") }
        print("the list of \(rows.count) buckets has \(list.count) bytes")
        try stopwatch.time("decoding the list of buckets", count: rows.count, of: "rows") {
            try ListBuckets().answer(from: AnswerBody(list)).rows.count
        }
        let statusURL = api + "/bucket/\(first.id)/status"
        let status = try await transport.execute(get(statusURL)).body
        print("the status of a bucket has \(status.count) bytes")
        try stopwatch.time("decoding the status of a bucket", count: 2000, of: "answers of three nodes") {
            var nodes = 0
            for _ in 0..<2000 {
                nodes += try ReadBucketStatus(bucketID: first.id).answer(from: AnswerBody(status)).rows.count
            }
            return nodes
        }
        return statusURL
    }

    private static func transfers(_ stopwatch: Stopwatch, _ transport: CurlTransport, _ request: TransferRequest) async throws {
        try await stopwatch.time("GETs by the transport, \(concurrency) at once", count: requests, of: "small answers") {
            try await withThrowingTaskGroup { group in
                var bytes = 0
                for number in 0..<requests {
                    if number >= concurrency { bytes += try await group.next() ?? 0 }
                    group.addTask {
                        let response = try await transport.execute(request)
                        guard response.status == .ok else { throw BenchmarkError("the simulator answered \(response.status)") }
                        return response.body.count
                    }
                }
                for try await count in group { bytes += count }
                return bytes
            }
        }
    }

    private static func get(_ url: String) -> TransferRequest {
        TransferRequest(
            method: .get, url: url, headerFields: [.accept: "application/json"], bearerToken: Secret(token))
    }
}
