import Basics
import ExporterWeb
import Exposition
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@Suite struct ScrapeSelectionTests {
    private enum Families: Int, MetricFamilySet {
        case size, traffic

        var family: MetricFamily {
            switch self {
            case .size: MetricFamily("demo_size", .gauge, help: "Size.", labelNames: ["bucket"])
            case .traffic: MetricFamily("demo_traffic_total", .counter, help: "Traffic.", labelNames: ["bucket"])
            }
        }
    }

    /// Samples of some workspaces.
    /// - Parameter listed: the workspaces of the listed buckets; nil without the list.
    private static func snapshot(workspaces: [String], listed: [String]?) -> MetricSnapshot {
        MetricSnapshot(
            ["sizes", "traffics"].flatMap { collector in
                var samples = SampleWriter<Families>(scope: SampleScope(collector: collector))
                for workspace in workspaces {
                    samples.scope.partition = Identifier(workspace)
                    samples.append(
                        collector == "sizes" ? .size : .traffic, LabelBlock(["bucket": "\(workspace) \(collector)"]), value: 1)
                }
                return samples.rendered()
            }, listedPartitions: listed.map { [nil: Set($0.map { Identifier($0) })] } ?? [:])
    }

    private func ask(_ query: String, workspaces: [String] = ["w1", "w 2", ""]) async -> ListenerResponse {
        await ask(query, workspaces: workspaces, listed: workspaces)
    }

    private func ask(_ query: String, workspaces: [String], listed: [String]?) async -> ListenerResponse {
        let responder = ExporterResponder(
            selection: ScrapeSelection(
                collectors: ["sizes", "traffics"],
                families: Families.families + Families.families + [MetricSource].own.flatMap(\.families),
                workspaceIDs: ["configured"]),
            isReady: { true }, page: aPage, sources: .of { _, _ in Self.snapshot(workspaces: workspaces, listed: listed) })
        return await responder.respond(
            to: ListenerRequest(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/metrics\(query)")))
    }

    @Test(
        arguments: [
            ("", ["w1 sizes", "w 2 sizes", " sizes", "w1 traffics", "w 2 traffics", " traffics"]),
            ("?x=1&collect=sizes", ["w1 sizes", "w 2 sizes", " sizes", "w1 traffics", "w 2 traffics", " traffics"]),
            ("?collect[]=sizes", ["w1 sizes", "w 2 sizes", " sizes"]),
            ("?collect%5B%5D=sizes", ["w1 sizes", "w 2 sizes", " sizes"]),
            ("?collect[]=sizes&collect[]=traffics&workspace_id[]=w1", ["w1 sizes", "w1 traffics"]),
            ("?exclude[]=sizes", ["w1 traffics", "w 2 traffics", " traffics"]),
            ("?exclude[]=sizes&exclude[]=traffics", []),
            ("?name[]=demo_traffic_total", ["w1 traffics", "w 2 traffics", " traffics"]),
            ("?name[]=demo_traffic", ["w1 traffics", "w 2 traffics", " traffics"]),
            ("?name[]=demo_size&collect[]=traffics", []),
            ("?workspace_id[]=w+2&collect[]=sizes", ["w 2 sizes"]),
            ("?workspace_id[]=w%202&workspace_id[]=w1&collect[]=sizes", ["w 2 sizes", "w1 sizes"]),
            ("?workspace_id[]=&collect[]=sizes", [" sizes"]),
            ("?workspace_id[]=configured", []),
        ] as [(String, Set<String>)])
    func workspacesSelectTheirBuckets(_ query: String, _ buckets: Set<String>) async throws {
        let response = await ask(query)
        #expect(response.status == .ok)
        let parsed = try ParsedExposition(response.body.bytes)
        #expect(Set(parsed.families.flatMap(\.samples).compactMap { $0.labels["bucket"] }) == buckets)
        // The exporter's own families are included unless `name[]` excludes them.
        #expect((parsed.value("flashback_exporter_build_info") == 1) == !query.contains("name[]"))
    }

    @Test(
        arguments: [
            ("?collect[]=x", "collect[]: no enabled collector is named \"x\"; available: sizes, traffics\n"),
            ("?exclude[]=sizes&exclude[]=", "exclude[]: no enabled collector is named \"\"; available: sizes, traffics\n"),
            ("?collect[]=sizes&exclude[]=traffics", "collect[] and exclude[] cannot be combined; use one of them\n"),
            (
                "?workspace_id[]=w1&workspace_id[]=w3",
                "workspace_id[]: no bucket is in workspace \"w3\"; available: \"\", \"configured\", \"w 2\", \"w1\"\n"
            ),
            ("?collect[]=a%0Ab%22", "collect[]: no enabled collector is named \"a\\nb\\\"\"; available: sizes, traffics\n"),
        ])
    func unknownNamesAreRefusedWithTheValidOnes(_ query: String, _ line: String) async {
        let response = await ask(query)
        #expect(response.status == .badRequest)
        #expect(response.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == line)
    }

    @Test func unknownFamilyErrorListsAllFamilies() async {
        let response = await ask("?name[]=demo")
        #expect(response.status == .badRequest)
        let line = String(decoding: response.body.bytes, as: UTF8.self)
        #expect(
            line.hasPrefix(
                "name[]: no family is named \"demo\"; available: demo_size, demo_traffic_total, flashback_exporter_build_info, ")
        )
        #expect(line.split(separator: "demo_size").count == 2)
    }

    /// Two accounts.
    /// - Parameter isListed: whether the second account's list is served.
    private func askAccounts(
        _ query: String, second workspaces: [String] = ["w2"], isListed: Bool = true
    ) async -> ListenerResponse {
        let responder = ExporterResponder(
            selection: ScrapeSelection(
                collectors: ["sizes"], families: Families.families, accounts: ["one", "the \"other\""]),
            isReady: { true }, page: aPage,
            sources: .of { _, names in
                let accounts: [(Identifier, [String], Bool)] = [("one", ["w1"], true), ("the \"other\"", workspaces, isListed)]
                return .merging(
                    accounts.filter { names?.contains($0.0) ?? true }.map { account, workspaces, isListed in
                        var samples = SampleWriter<Families>()
                        for workspace in workspaces {
                            samples.scope = SampleScope(
                                account: account, collector: "sizes", partition: Identifier(workspace))
                            samples.append(.size, LabelBlock(["bucket": "\(account) \(workspace)"]), value: 1)
                        }
                        return MetricSnapshot(
                            samples.rendered(),
                            listedPartitions: isListed ? [account: Set(workspaces.map { Identifier($0) })] : [:])
                    })
            })
        return await responder.respond(
            to: ListenerRequest(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/metrics\(query)")))
    }

    @Test(
        arguments: [
            ("", ["one w1", "the \"other\" w2"]), ("?account[]=one", ["one w1"]),
            ("?account[]=the+%22other%22&account[]=one", ["one w1", "the \"other\" w2"]),
            ("?account[]=one&workspace_id[]=w1", ["one w1"]), ("?workspace_id[]=w2", ["the \"other\" w2"]),
        ] as [(String, Set<String>)])
    func accountsSelectTheirBuckets(_ query: String, _ buckets: Set<String>) async throws {
        let response = await askAccounts(query)
        #expect(response.status == .ok)
        let parsed = try ParsedExposition(response.body.bytes)
        #expect(Set(parsed.families.flatMap(\.samples).compactMap { $0.labels["bucket"] }) == buckets)
    }

    @Test func unknownAccountIsRefused() async {
        let response = await askAccounts("?account[]=one&account[]=two")
        #expect(response.status == .badRequest)
        #expect(
            String(decoding: response.body.bytes, as: UTF8.self)
                == "account[]: no account is named \"two\"; available: \"one\", \"the \\\"other\\\"\"\n")
        let alone = await ask("?account[]=one")
        #expect(alone.status == .badRequest)
        #expect(
            String(decoding: alone.body.bytes, as: UTF8.self)
                == "account[]: the exporter has a single account without a name; remove the parameter\n")
    }

    /// The workspace may belong to the account whose API is down.
    @Test func workspacesAreNotRefusedBeforeAllAccountsAreListed() async {
        #expect(await askAccounts("?workspace_id[]=w3").status == .badRequest)
        #expect(await askAccounts("?workspace_id[]=w3", second: []).status == .badRequest)
        // Even if that account has samples of other workspaces, such as those of its repositories.
        for workspaces in [[], ["w2"]] {
            #expect(await askAccounts("?workspace_id[]=w3", second: workspaces, isListed: false).status == .ok)
            #expect(
                await askAccounts("?workspace_id[]=w3&account[]=one", second: workspaces, isListed: false).status == .badRequest)
        }
    }

    /// An API that is down must not make a scrape fail.
    @Test func workspacesAreNotRefusedBeforeBucketsAreListed() async throws {
        for workspaces in [[], ["w1"]] {
            let response = await ask("?workspace_id[]=w9", workspaces: workspaces, listed: nil)
            #expect(response.status == .ok)
            #expect(try ParsedExposition(response.body.bytes).value("flashback_exporter_build_info") == 1)
        }
    }

    @Test func workspacesAreKnownByTheirBucketsOrTheirSamples() async {
        for workspace in ["bucket", "sample", "configured"] {
            let response = await ask("?workspace_id[]=\(workspace)", workspaces: ["sample"], listed: ["bucket"])
            #expect(response.status == .ok)
        }
        #expect(await ask("?workspace_id[]=w9", workspaces: ["sample"], listed: ["bucket"]).status == .badRequest)
    }

    @Test func refusedScrapeCollectsNothing() async {
        let responder = ExporterResponder(
            selection: ScrapeSelection(collectors: [], families: []), isReady: { true }, page: aPage,
            sources: .of { _, _ in
                Issue.record("the API was asked")
                return .empty
            })
        let request = ListenerRequest(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/metrics?collect[]=x"))
        #expect(await responder.respond(to: request).status == .badRequest)
    }
}
