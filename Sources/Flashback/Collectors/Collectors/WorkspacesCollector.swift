internal import Basics
package import Exposition
package import FlashbackAPI

/// The names of the workspaces; `flashback_bucket_info` has only their identifiers.
package struct WorkspacesCollector: AccountCollector {
    package static let name = "workspaces"
    package static let summary = "Export the names of the workspaces."
    package static let endpoint = ListWorkspaces.name
    package static let defaultLifetime = Duration.seconds(600)
    /// The response contains personal data, which not every account should request without need.
    package static let isOnByDefault = false

    package enum Families: Int, MetricFamilySet {
        case info

        package var family: MetricFamily {
            MetricFamily(
                "flashback_workspace_info", .info,
                help: "A workspace and its name, always 1; from the fields id and name.",
                labelNames: ["workspace_id", "workspace_name"])
        }
    }

    package typealias Answer = [Workspace]

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        let rows = try await context.client.send(ListWorkspaces())
        var dropped = DroppedRows(unreadIn: rows)
        let selected = rows.rows.filter { context.workspaceIDs.isEmpty || context.workspaceIDs.contains($0.id) }
        return ReadingResult(dropped.merge(selected, by: \.id) { _, _ in false }, dropped: dropped)
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        for workspace in answer {
            samples.scope.partition = workspace.id
            let labels = LabelBlock(["workspace_id": workspace.id.text, "workspace_name": workspace.name ?? ""])
            samples.append(.info, labels, value: 1)
        }
    }
}
