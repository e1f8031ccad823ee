internal import Basics
package import Exposition
package import FlashbackAPI

/// The repositories of the account, their buckets, and their traffic since they were created.
///
/// It makes two kinds of requests, since the totals identify repositories only by identifier. Names, workspaces and repositories without
/// totals come from the list. Both requests must succeed.
package struct RepositoriesCollector: AccountCollector {
    package static let name = "repositories"
    package static let summary = "Export each repository's mode, buckets and traffic totals."
    package static let endpoint = ListRepositories.name
    package static let endpoints = [ListRepositories.name, ListRepositoryTotals.name]
    package static let defaultLifetime = Duration.seconds(60)
    package static let isOnByDefault = false

    /// A listed repository and its totals.
    package struct Listed: Sendable {
        let repository: Repository
        /// The labels of its series.
        let labels: LabelBlock
        /// The totals in the answer; nil if the answer has none.
        let row: RepositoryTotals?
        /// The totals to export; nil if they are not known.
        var totals: SettledTotals?

        init(_ repository: Repository, _ row: RepositoryTotals?) {
            self.repository = repository
            self.row = row
            labels = LabelBlock(["repository_id": repository.id.text, "repository_name": repository.name ?? ""])
        }
    }

    package struct Answer: Sendable {
        var repositories: [Listed]
        /// Whether all totals could be read. An unreadable row could belong to any repository.
        let hasAllTotals: Bool
        /// The totals of repositories that the latest lists omit, kept in case a list omits one by mistake.
        var unlisted: [Identifier: Unlisted] = [:]
    }

    /// A repository that the list omits.
    struct Unlisted: Sendable {
        /// For how many consecutive lists the totals of an omitted repository are kept: ten minutes at the default lifetime.
        static let maximumAnswers = 10
        /// The maximum number of repositories whose totals are kept: a broken API could list different ones each time.
        static let maximumCount = 10_000

        let totals: SettledTotals
        /// How many consecutive lists omitted it.
        let answers: Int
    }

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        var dropped = DroppedRows()
        var repositories: [Repository] = []
        // As for buckets, the lists of all workspaces are needed: the repositories of a missing workspace would appear deleted.
        let workspaceIDs: [Identifier?] = context.workspaceIDs.isEmpty ? [nil] : context.workspaceIDs
        for workspaceID in workspaceIDs {
            let rows = try await context.client.send(ListRepositories(workspaceID: workspaceID))
            dropped += DroppedRows(unreadIn: rows)
            repositories += rows.rows
        }
        repositories = dropped.merge(repositories, by: \.id) { _, _ in false }
        let rows = try await context.client.send(ListRepositoryTotals())
        dropped += DroppedRows(unreadIn: rows)
        // Uploads only grow, so of two rows for one repository, the row with more uploads is newer.
        let totals = dropped.merge(rows.rows, by: \.repositoryID) { ($0.uploadBytes ?? -1) > ($1.uploadBytes ?? -1) }
        let byRepository = Dictionary(uniqueKeysWithValues: totals.map { ($0.repositoryID, $0) })
        let selected = repositories.filter { context.selection.workspaces.admits($0.workspaceID?.text) }
        let listed = selected.map { Listed(Self.withoutDuplicates($0, &dropped), byRepository[$0.id]) }
        return ReadingResult(
            Answer(repositories: listed, hasAllTotals: rows.malformedRows == 0), dropped: dropped)
    }

    /// A bucket may be in a repository under several folders, but once under each; of two rows with the same folder, a master's row is
    /// kept.
    private static func withoutDuplicates(_ repository: Repository, _ dropped: inout DroppedRows) -> Repository {
        var repository = repository
        repository.buckets = dropped.merge(repository.buckets, by: { [$0.bucketID, Identifier($0.folder ?? "")] }) {
            $0.isMaster == true && $1.isMaster != true
        }
        return repository
    }

    /// Totals are protected against decreases. A repository counts as one without traffic only if all totals could be read.
    package func combine(_ answer: Answer, with previous: Answer?) -> Answer {
        var before = previous?.unlisted ?? [:]
        for listed in previous?.repositories ?? [] {
            before[listed.repository.id] = listed.totals.map { Unlisted(totals: $0, answers: 0) }
        }
        var combined = answer
        for index in combined.repositories.indices {
            let listed = combined.repositories[index]
            var settled = before.removeValue(forKey: listed.repository.id)?.totals
            if listed.row != nil || answer.hasAllTotals {
                var current = settled ?? SettledTotals()
                current.read(listed.row)
                settled = current
            } else {
                settled?.readNothing()
            }
            combined.repositories[index].totals = settled
        }
        combined.unlisted = before.mapValues { Unlisted(totals: $0.totals, answers: $0.answers + 1) }
            .filter { $0.value.answers <= Unlisted.maximumAnswers }
        if combined.unlisted.count > Unlisted.maximumCount {
            let latest = combined.unlisted.sorted { $0.value.answers < $1.value.answers }.prefix(Unlisted.maximumCount)
            combined.unlisted = Dictionary(uniqueKeysWithValues: latest.map { ($0.key, $0.value) })
        }
        return combined
    }

    package func summarize(_ answer: Answer, in summary: inout AccountSummary) {
        summary.disabledRepositories = answer.repositories.map(\.repository).filter { $0.isDisabled == true }
            .map { $0.name ?? $0.id.text }
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        for listed in answer.repositories {
            let (repository, labels) = (listed.repository, listed.labels)
            samples.scope.partition = repository.workspaceID ?? ""
            let description = LabelBlock([
                "mode": repository.mode ?? "", "storage_type": repository.storageType?.description ?? "",
                "workspace_id": repository.workspaceID?.text ?? "",
            ])
            samples.append(.info, labels, description, value: 1)
            if let isDisabled = repository.isDisabled { samples.append(.disabled, labels, value: SampleValue(isDisabled)) }
            if let date = repository.createdAt { samples.append(.created, labels, value: SampleValue(timestamp: date)) }
            for bucket in repository.buckets {
                let membership = LabelBlock([
                    "bucket_id": bucket.bucketID.text, "folder": bucket.folder ?? "", "mode": repository.mode ?? "",
                    "master": bucket.isMaster.map { $0 ? "true" : "false" } ?? "",
                ])
                samples.append(.bucket, labels, membership, value: 1)
            }
            guard let totals = listed.totals else { continue }
            for (family, total) in [
                (Families.uploadBytes, totals.uploadBytes.value), (.downloadBytes, totals.downloadBytes.value),
                (.sizeChange, totals.sizeChangeBytes), (.regressions, totals.regressions),
            ] {
                if let total { samples.append(family, labels, value: .integer(total)) }
            }
        }
    }
}

extension RepositoriesCollector {
    package enum Families: Int, MetricFamilySet {
        case info, disabled, created, bucket, uploadBytes, downloadBytes, sizeChange, regressions

        private static let labelNames = ["repository_id", "repository_name"]

        package var family: MetricFamily {
            switch self {
            case .info:
                MetricFamily(
                    "flashback_repository_info", .info,
                    help: "A repository and its description, always 1; from the fields mode, storageType and workspaceId.",
                    labelNames: Self.labelNames + ["mode", "storage_type", "workspace_id"])
            case .disabled:
                MetricFamily(
                    "flashback_repository_disabled", .gauge,
                    help: "Whether the repository is switched off (1) or not (0); from the field disabled.",
                    labelNames: Self.labelNames)
            case .created:
                MetricFamily(
                    "flashback_repository_created_timestamp_seconds", .gauge, unit: .seconds,
                    help: "When the repository was created, in seconds since 1970-01-01 UTC; from the field createdAt.",
                    labelNames: Self.labelNames)
            case .bucket:
                MetricFamily(
                    "flashback_repository_bucket_info", .info,
                    help: "A bucket in a repository, always 1; from the fields bucketId, folder and master in buckets.",
                    labelNames: Self.labelNames + ["bucket_id", "folder", "mode", "master"])
            case .uploadBytes:
                MetricFamily(
                    "flashback_repository_upload_bytes_total", .counter, unit: .bytes,
                    help: "Bytes uploaded through the repository; from the field totalUploadBytes.",
                    labelNames: Self.labelNames)
            case .downloadBytes:
                MetricFamily(
                    "flashback_repository_download_bytes_total", .counter, unit: .bytes,
                    help: "Bytes downloaded through the repository; from the field totalDownloadBytes.",
                    labelNames: Self.labelNames)
            case .sizeChange:
                MetricFamily(
                    "flashback_repository_size_change_bytes", .gauge, unit: .bytes,
                    help:
                        "Bytes written minus bytes deleted through the repository, may be negative; from the field totalSizeChange.",
                    labelNames: Self.labelNames)
            case .regressions:
                MetricFamily(
                    "flashback_repository_totals_regressions_total", .counter,
                    help:
                        "How often a total of the repository decreased and its previous value was kept, until three consecutive readings were lower.",
                    labelNames: Self.labelNames)
            }
        }
    }
}
