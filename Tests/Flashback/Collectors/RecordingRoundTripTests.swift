import FlashbackAPI
import FlashbackCollectors
import FlashbackRecording
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

/// A recording yields the same metrics as its source, except for the pseudonyms.
@Suite struct RecordingRoundTripTests {
    /// Labels whose values are pseudonyms; values are compared by their first occurrence.
    private static let pseudonymous: Set<String> = [
        "bucket_id", "bucket_name", "cloud_bucket", "endpoint", "node", "host", "workspace_id", "workspace_name", "repository_id",
        "repository_name", "folder", "subscription_id", "subscription_name", "node_name", "capability",
    ]
    /// Families that differ: the durations of the exporter's own work.
    private static let excluded = ["flashback_collector_round_duration_seconds", "flashback_api_request_duration_seconds"]

    private static func normalForm(_ text: String) -> [String] {
        var numbers: [String: [String: Int]] = [:]
        return text.split(separator: "\n").filter { line in !excluded.contains { line.hasPrefix($0) } }.map { line in
            String(line).replacing(/([a-z_]+)="((?:[^"\\]|\\.)*)"/) { match in
                let (label, value) = (String(match.1), String(match.2))
                guard pseudonymous.contains(label), !value.isEmpty else { return String(match.0) }
                let number = numbers[label]?[value] ?? (numbers[label]?.count ?? 0) + 1
                numbers[label, default: [:]][value] = number
                return "\(label)=\"#\(number)\""
            }
        }
    }

    private func expectSame(
        bulk: BulkMode, start: Double = 1_705_314_600, _ dialect: (inout APIDialect) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let everything: (inout CollectionConfiguration) -> Void = {
            $0.collectors = Set(CollectorCatalogue.all.map { $0.name })
            $0.bulk = bulk
        }
        let time = ManualTime(start: Date(timeIntervalSince1970: start))
        let recorder = ExchangeRecorder(baseURL: try APIBaseURL(parsing: "https://api.example.com"), time: time.source)
        let account = try CollectedAccount(
            buckets: 12, nodes: 3, limit: 1, start: start, simulator: { dialect(&$0.dialect) }, collection: everything,
            transport: { ObservedTransport($0, observer: recorder, time: time.source) })
        account.simulation.setStatus("DISCONNECTED", ofNode: account.simulation.nodes[0].ip)
        account.simulation.setForbidden(true, bucket: account.id(3))
        account.simulation.faults.add(.status(500), to: .creditBalance)
        let original = String(decoding: await account.body(), as: UTF8.self)

        let file = recorder.recording(exporterVersion: "1").lines.flatMap(\.self)
        let replay = RecordingReplay(try Recording(parsing: file), now: { time.now })
        let second = try CollectedAccount(
            limit: 1, start: start, collection: everything, transport: { _ in ReplayTransport(replay) })
        let replayed = String(decoding: await second.body(), as: UTF8.self)

        #expect(original != replayed, "nothing was replaced", sourceLocation: sourceLocation)
        let (one, other) = (Self.normalForm(original), Self.normalForm(replayed))
        #expect(one.count > 500, sourceLocation: sourceLocation)
        #expect(one.count == other.count, sourceLocation: sourceLocation)
        for (one, other) in zip(one, other) where one != other {
            Issue.record("\(one) became \(other)", sourceLocation: sourceLocation)
            break
        }
    }

    @Test(arguments: [BulkMode.never, .auto]) func expositionIsTheSameExceptForPseudonyms(bulk: BulkMode) async throws {
        try await expectSame(bulk: bulk) { _ in }
    }

    @Test func dialectsSurvive() async throws {
        try await expectSame(bulk: .auto) {
            $0.nodeIDForm = .number
            $0.totalsKind = .number
            $0.clientFields = true
            $0.repositoryBucketForm = .description
            $0.amountKind = .string
            $0.trafficNames = .total
            $0.timeForm = .seconds
        }
        try await expectSame(bulk: .auto) {
            $0.nodeIDForm = .identifierAndAddress
            $0.optionalFields = .null
            $0.azureWord = .azure
            $0.disconnectedWord = .error
            $0.list = .array
            $0.bucketIDName = .unitID
        }
    }
}

/// A transport that passes each request to a recording.
private struct ReplayTransport: HTTPTransport {
    let replay: RecordingReplay

    init(_ replay: RecordingReplay) {
        self.replay = replay
    }

    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let path = request.url.drop(while: { $0 != "/" }).dropFirst(2).drop(while: { $0 != "/" })
        let head = HTTPRequest(method: request.method, scheme: nil, authority: nil, path: String(path))
        let response = await replay.respond(to: ListenerRequest(head: head, body: request.body ?? []))
        return TransferResponse(
            status: response.status, headerFields: response.headerFields,
            body: response.body.bytes)
    }
}
