import Basics
import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

@Suite struct HistoryWriterTests {
    /// The written lines about a bucket and the account, by family.
    private func lines(
        _ answers: @escaping @Sendable (_ day: String) -> String, _ first: String, _ end: String, step: Int = 21_600,
        account name: Identifier? = nil, labels: [(name: String, value: String)] = [],
        collectors: Set<String> = ["daily", "yesterday"]
    ) async throws -> [DailyFamilies: [String]] {
        let time = ManualTime()
        let period = BackfillPeriod(days: try HistoryReaderTests.days(first, end), step: step)
        var configuration = CollectionConfiguration()
        configuration.collectors = collectors
        let transport =
            StubTransport { request throws(TransferError) in
                let body = String(decoding: request.body ?? [], as: UTF8.self)
                let text = request.body == nil ? #"[{"id":"b","name":"B \"q\""}]"# : answers(String(body.dropFirst(8).prefix(10)))
                return TransferResponse(status: .ok, body: Array(text.utf8))
            }
        let account = try SimulatedAccount(time: time, wrap: { _ in transport })
        let reader = HistoryReader(
            client: account.client, account: name, configuration: configuration, period: period, time: time.source,
            logger: account.log.logger)
        let bucket = try #require(try await reader.buckets().first)
        let history = try #require(await reader.read(bucket) { _ in }).history
        let writer = HistoryWriter(period: period, configuration: configuration)
        let constants = HistoryWriter.constants(account: name, labels)
        var lines: [DailyFamilies: [String]] = [:]
        for family in HistoryWriter.families {
            var text: [UInt8] = []
            let common = writer.writeCommon(family, constants: constants) { text += $0 }
            let own = writer.write(family, of: history, about: bucket, constants: constants) { text += $0 }
            lines[family] = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(lines[family]?.count == common + own)
        }
        return lines
    }

    private static func answer(_ nodes: String) -> String { #"{"success":true,"nodeStats":[\#(nodes)]}"# }

    @Test func todayHasTheDaysValuesAndYesterdayThoseOfTheDayBefore() async throws {
        let lines = try await lines(
            { Self.answer(#"{"ip":"n","host":"h","perc_uptime":\#(Int($0.suffix(2)) ?? 0)}"#) }, "2024-01-10", "2024-01-12")
        let series = #"flashback_bucket_node_daily_uptime_ratio{bucket_id="b",bucket_name="B \"q\"",node="n",host="h",day="#
        let midnight = 1_704_844_800  // 2024-01-10
        let today = (0..<8).map { "\(series)\"today\"} \($0 < 4 ? 0.1 : 0.11) \(midnight + $0 * 21_600)" }
        let yesterday = (0..<8).map { "\(series)\"yesterday\"} \($0 < 4 ? 0.09 : 0.1) \(midnight + $0 * 21_600)" }
        #expect(lines[.uptime] == today + yesterday)
        #expect(
            lines[.day]?.prefix(5).map { $0.dropFirst("flashback_daily_stats_day_timestamp_seconds".count) } == [
                "{day=\"today\"} 1704844800 1704844800", "{day=\"today\"} 1704844800 1704866400",
                "{day=\"today\"} 1704844800 1704888000", "{day=\"today\"} 1704844800 1704909600",
                "{day=\"today\"} 1704931200 1704931200",
            ])
        #expect(
            lines[.day]?.contains("flashback_daily_stats_day_timestamp_seconds{day=\"yesterday\"} 1704758400 1704844800") == true)
        #expect(lines[.averageLatency] == [], "a value that the API did not return has no series")
    }

    @Test func lastProbeIsWrittenOnlyForYesterday() async throws {
        let row = #"{"ip":"n","avg_latency_ms":20,"last_latency_ms":10,"last_updated":"DATET23:59:30Z"}"#
        let lines = try await lines(
            { Self.answer(row.replacing("DATE", with: $0)) }, "2024-01-10", "2024-01-11", step: 86_400)
        let labels = #"{bucket_id="b",bucket_name="B \"q\"",node="n",host="",day="#
        #expect(
            lines[.lastLatency] == [
                "flashback_bucket_node_daily_last_latency_seconds\(labels)\"yesterday\"} 0.01 1704844800"
            ])
        #expect(
            lines[.lastUpdate] == [
                "flashback_bucket_node_daily_last_update_timestamp_seconds\(labels)\"yesterday\"} 1704844770 1704844800"
            ])
        #expect(lines[.averageLatency]?.count == 2)
    }

    @Test func seriesAreContiguousWithRisingTimestampsInAnyOrderOfNodes() async throws {
        let lines = try await lines(
            { day in
                let nodes = ["n1", "n2", "n3"].map { #"{"ip":"\#($0)","perc_uptime":50}"# }
                return Self.answer((day.hasSuffix("1") ? nodes.reversed() : nodes).joined(separator: ","))
            }, "2024-01-01", "2024-01-15", step: 3600)
        var seen: Set<Substring> = []
        var latest: (series: Substring, time: Int) = ("", 0)
        for line in try #require(lines[.uptime]) {
            let words = line.split(separator: "}")
            let time = try #require(Int(words[1].split(separator: " ")[1]))
            if words[0] == latest.series {
                #expect(time == latest.time + 3600)
            } else {
                #expect(seen.insert(words[0]).inserted, "\(line)")
            }
            latest = (words[0], time)
        }
        #expect(seen.count == 6)
        #expect(lines[.uptime]?.count == 6 * 14 * 24)
    }

    @Test func nodeHasSamplesOnlyOnDaysWithReports() async throws {
        let lines = try await lines(
            { $0.hasSuffix("11") ? Self.answer("") : Self.answer(#"{"ip":"n","perc_uptime":50}"#) }, "2024-01-10", "2024-01-13",
            step: 86_400, collectors: ["daily"])
        #expect(lines[.uptime]?.map { $0.suffix(10) } == ["1704844800", "1705017600"])
    }

    @Test func accountLabelComesFirst() async throws {
        let lines = try await lines(
            { _ in Self.answer(#"{"ip":"n","perc_uptime":50}"#) }, "2024-01-10", "2024-01-11", step: 86_400, account: "a\"",
            labels: [("job", "j\n"), ("instance", "i:1")])
        let constants = #"{account="a\"",job="j\n",instance="i:1","#
        #expect(
            lines[.uptime]?.allSatisfy { $0.hasPrefix("flashback_bucket_node_daily_uptime_ratio\(constants)bucket_id=") } == true)
        #expect(
            lines[.day]?.first == "flashback_daily_stats_day_timestamp_seconds\(constants)day=\"today\"} 1704844800 1704844800")
    }

    @Test func namesAndLabelsMatchThoseOfAScrape() async throws {
        let account = try CollectedAccount(buckets: 1, collection: { $0.collectors = ["daily", "yesterday"] })
        let scrape = try await account.scrape()
        let lines = try await lines(
            { _ in
                Self.answer(
                    #"{"ip":"n","perc_uptime":5,"avg_latency_ms":2,"last_latency_ms":1,"last_updated":"2024-01-09T23:00:00Z"}"#)
            },
            "2024-01-10", "2024-01-11", step: 86_400)
        for family in DailyFamilies.allCases {
            let served = try #require(scrape[family: family.family.name]?.samples)
            let line = try #require(lines[family]?.last)
            let labels = line.split(separator: "{")[1].matches(of: /([a-z_]+)="/).map { String($0.1) }
            #expect(Set(labels) == Set(served[0].labels.keys))
            #expect(served.contains { line.contains("day=\"\($0.labels["day"] ?? "")\"") })
        }
    }
}
