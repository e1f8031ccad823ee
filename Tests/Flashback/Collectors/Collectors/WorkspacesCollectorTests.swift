import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@Suite struct WorkspacesCollectorTests {
    private func workspaces(_ parsed: ParsedExposition) -> [[String: String]] {
        parsed.samples("flashback_workspace_info").map(\.labels)
    }

    @Test func idAndNameAreExported() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["workspaces"] })
        #expect(
            workspaces(try await account.scrape())
                == (1...3).map { ["workspace_id": "workspace-\($0)", "workspace_name": "Workspace \($0)"] })
    }

    @Test func onlyTheGivenWorkspacesAreExported() async throws {
        let account = try CollectedAccount(collection: {
            $0.collectors = ["workspaces"]
            $0.workspaceIDs = ["workspace-2"]
        })
        #expect(workspaces(try await account.scrape()).map { $0["workspace_id"] } == ["workspace-2"])
    }

    @Test func duplicateRowsAreMergedAndCounted() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["workspaces"] })
        let body = #"{"success":true,"workspaces":[{"id":"w","name":"a"},{"id":"w","name":"b"},{"name":"c"},{"id":"x"}]}"#
        account.simulation.faults.add(.body(Array(body.utf8)), to: .listWorkspaces)
        let parsed = try await account.scrape()
        #expect(
            workspaces(parsed) == [["workspace_id": "w", "workspace_name": "a"], ["workspace_id": "x", "workspace_name": ""]])
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 1)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_row"]) == 1)
    }

    @Test func nothingAboutUsersIsExportedOrLogged() async throws {
        let account = try CollectedAccount(
            simulator: {
                $0.canary = "CANARY-"
                $0.dialect.clientFields = true
            }, collection: { $0.collectors = ["workspaces"] })
        let first = String(decoding: await account.body(), as: UTF8.self)
        account.simulation.faults.add(.wrongTypes(), to: .listWorkspaces, times: 1)
        account.time.advance(by: .seconds(600))
        let second = String(decoding: await account.body(), as: UTF8.self)
        #expect(first.contains("flashback_workspace_info") && second.contains("flashback_collector_success"))
        #expect(account.simulation.personalData.allSatisfy { $0.contains("CANARY-") })
        #expect(!first.contains("CANARY-") && !second.contains("CANARY-"))
        #expect(!account.log.lines.isEmpty && account.log.lines(with: "CANARY-").isEmpty)
    }
}

/// What all collectors of the account's own data have in common.
@Suite struct AccountDataTests {
    private static let cases: [(String, SimulatedEndpoint, String)] = [
        ("quota", .quota, "flashback_subscription_active"), ("credits", .creditBalance, "flashback_credits_enabled"),
        ("workspaces", .listWorkspaces, "flashback_workspace_info"),
    ]

    @Test func onlyTheQuotaIsCollectedByDefault() {
        #expect(CollectorCatalogue.onByDefault.isSuperset(of: ["quota"]))
        #expect(CollectorCatalogue.onByDefault.isDisjoint(with: ["credits", "workspaces"]))
    }

    @Test(arguments: cases, [401, 403])
    func anAccountWithoutPermissionLosesThatCollectorOnly(
        _ item: (collector: String, endpoint: SimulatedEndpoint, family: String), _ status: Int
    ) async throws {
        let account = try CollectedAccount(collection: { $0.collectors.formUnion(["credits", "workspaces"]) })
        account.simulation.faults.add(.status(status), to: item.endpoint)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_up") == 1)
        for sample in parsed.samples("flashback_collector_success") {
            #expect(sample.value == (sample.labels["collector"] == item.collector ? 0 : 1), "\(sample.labels)")
        }
        for (_, _, family) in Self.cases { #expect((parsed[family: family] == nil) == (family == item.family), "\(family)") }
        #expect(parsed.samples("flashback_bucket_info").count == 3)
    }

    @Test func onlyTheFirstShardCollectsThem() async throws {
        for index in 0..<2 {
            let account = try CollectedAccount(collection: {
                $0.collectors.formUnion(["credits", "workspaces"])
                $0.selection.shard = Shard(index: index, total: 2)
            })
            let parsed = try await account.scrape()
            for (collector, endpoint, family) in Self.cases {
                #expect((parsed[family: family] != nil) == (index == 0), "\(family) on shard \(index)")
                #expect(account.simulation.requests.count(endpoint) == (index == 0 ? 1 : 0))
                #expect(parsed.samples("flashback_collector_success", ["collector": collector]).count == (index == 0 ? 1 : 0))
            }
        }
    }
}
