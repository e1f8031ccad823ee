import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

/// GET /repo and GET /repo/stats.
@Suite struct RepositoryRouteTests {
    private let simulation = FlashbackSimulation.make()

    @Test func listHasTheDocumentedMembers() async throws {
        let reply = await simulation.get("/repo")
        #expect(try reply.status == 200 && keys(reply.object()) == ["success", "repos"])
        let rows = try reply.rows("repos")
        #expect(Set(rows.compactMap { $0["mode"] as? String }) == ["NORMAL", "MIRROR"])
        for row in rows {
            #expect(
                keys(row) == [
                    "id", "name", "storageType", "mode", "workspaceId", "buckets", "apiKeys", "aiLlms", "aiApiKeys", "createdAt",
                    "disabled",
                ])
            #expect(row["disabled"] as? Bool == false)
            let buckets = try #require(row["buckets"] as? [[String: Any]])
            #expect(!buckets.isEmpty)
            for bucket in buckets {
                #expect(keys(bucket) == ["folder", "master", "bucketId", "bucket"])
                let nested = try #require(bucket["bucket"] as? [String: Any])
                #expect(nested["id"] as? String == bucket["bucketId"] as? String && nested["secret"] is [String: Any])
            }
            let masters = buckets.count { $0["master"] as? Bool == true }
            #expect(masters == (row["mode"] as? String == "MIRROR" ? 1 : 0))
        }
    }

    @Test func totalsAreStringsAndTheSumsOfTheBuckets() async throws {
        let rows = try await simulation.get("/repo/stats").rows("stats")
        #expect(rows.count == simulation.repositories.count)
        for row in rows {
            #expect(keys(row) == ["repoId", "totalUploadBytes", "totalDownloadBytes", "totalSizeChange"])
            let repository = try #require(simulation.repositories.first { $0.id == row["repoId"] as? String })
            let uploads = repository.bucketIDs.compactMap { simulation.totals(ofBucket: $0)?.uploadBytes }
            #expect(row["totalUploadBytes"] as? String == String(uploads.reduce(0, +)))
        }
        let ids = simulation.repositories.prefix(2).map(\.id)
        let some = try await simulation.get("/repo/stats?repoId=\(ids.joined(separator: ",")),unknown").rows("stats")
        #expect(some.compactMap { $0["repoId"] as? String } == ids)
    }

    @Test func onlyTheBucketsOfMirrorsAreUnavailable() async throws {
        func mirrored() -> Set<String> { Set(simulation.repositories.filter { $0.mode == "MIRROR" }.flatMap(\.bucketIDs)) }
        func available() async throws -> Set<String> {
            Set(try await simulation.get("/bucket/available").rows().compactMap { $0["id"] as? String })
        }
        let all = Set(simulation.buckets.map(\.id))
        #expect(!mirrored().isEmpty)
        #expect(try await available() == all.subtracting(mirrored()))
        let free = try #require(simulation.buckets.first { !mirrored().contains($0.id) })
        let id = simulation.createRepository(name: "m", isMirror: true, buckets: [free.id])
        #expect(mirrored().contains(free.id))
        #expect(try await available() == all.subtracting(mirrored()))
        #expect(try await simulation.get("/repo?repoId=\(id)").rows("repos").count == 1)
        simulation.deleteBucket(free.id)
        #expect(simulation.repositories.last?.bucketIDs == [])
    }

    @Test func repositoryIsDisabledRenamedAndListedTwice() async throws {
        let id = simulation.repositories[0].id
        simulation.setDisabled(true, repository: id)
        simulation.renameRepository(id, to: "a\"\n")
        simulation.setExtraRows(1, ofRepository: id)
        simulation.setTotals(SimulatedTotals(uploadBytes: .max), ofRepository: id)
        let rows = try await simulation.get("/repo").rows("repos").filter { $0["id"] as? String == id }
        #expect(rows.count == 2)
        #expect(rows[0]["disabled"] as? Bool == true && rows[0]["name"] as? String == "a\"\n")
        #expect((rows[0]["buckets"] as? [Any])?.count == simulation.repositories[0].bucketIDs.count * 2)
        let totals = try await simulation.get("/repo/stats?repoId=\(id)").rows("stats")
        #expect(totals.map { $0["totalUploadBytes"] as? String } == ["9223372036854775807", "9223372036854775807"])
        #expect(!simulation.setDisabled(true, repository: "unknown"))
    }

    @Test func workspacesRestrictTheRepositories() async throws {
        let all = try await simulation.get("/repo").rows("repos")
        let mine = try await simulation.get("/repo?workspaceId=workspace-2").rows("repos")
        #expect(!mine.isEmpty && mine.count < all.count)
        #expect(mine.allSatisfy { $0["workspaceId"] as? String == "workspace-2" })
        let restricted = FlashbackSimulation.make { $0.restrictedTokens = ["t": ["workspace-1"]] }
        #expect(
            try await restricted.get("/repo", token: "t").rows("repos").allSatisfy {
                $0["workspaceId"] as? String == "workspace-1"
            })
        #expect(await simulation.get("/repo", token: nil).status == 401)
    }

    @Test func repositoriesAppearInEveryDialect() async throws {
        simulation.configuration.dialect.repositoryBucketsName = .units
        simulation.configuration.dialect.bucketIDName = .unitID
        var row = try #require(try await simulation.get("/repo").rows("repos")[0]["units"] as? [[String: Any]])[0]
        #expect(keys(row) == ["folder", "master", "unitId", "unit"])
        simulation.configuration.dialect.repositoryBucketForm = .identifier
        row = try #require(try await simulation.get("/repo").rows("repos")[0]["units"] as? [[String: Any]])[0]
        #expect(keys(row) == ["folder", "master", "unitId"])
        simulation.configuration.dialect = APIDialect()
        simulation.configuration.dialect.repositoryBucketForm = .description
        row = try #require(try await simulation.get("/repo").rows("repos")[0]["buckets"] as? [[String: Any]])[0]
        #expect(keys(row) == ["folder", "master", "bucket"])
        simulation.configuration.dialect.optionalFields = .missing
        #expect(
            keys(try await simulation.get("/repo").rows("repos")[0])
                == ["id", "name", "storageType", "mode", "workspaceId", "buckets", "createdAt"])
        simulation.configuration.dialect.totalsNames = .snakeCase
        simulation.configuration.dialect.totalsKind = .number
        let totals = try await simulation.get("/repo/stats").rows("stats")[0]
        #expect(keys(totals) == ["repoId", "upl_bytes", "dwl_bytes", "size_change"] && totals["upl_bytes"] is Int)
    }

    @Test func clientReadsTheRepositoriesOfABucket() async throws {
        simulation.configuration.dialect.clientFields = true
        let repository = simulation.repositories[0]
        let row = try #require(
            try await simulation.get("/bucket").rows("buckets").first { $0["id"] as? String == repository.bucketIDs[0] })
        let repositories = try #require(row["repos"] as? [[String: Any]])
        #expect(repositories.map { $0["id"] as? String } == [repository.id])
        #expect(keys(repositories[0]) == ["id", "name", "storageType", "createdAt"])
    }
}
