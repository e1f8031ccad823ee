package import Basics
internal import HTTPTypes

/// `GET /workspace`: the workspaces that the account may see.
package struct ListWorkspaces: Endpoint {
    package static let name = EndpointName(.get, "/workspace")
    package static let limits = AnswerLimits.workspaces

    package init() {}

    package var path: [String] { ["workspace"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<Workspace> {
        try body.rows(under: [.workspaces, .data])
    }
}

/// A row of `GET /workspace`. The row also has the workspace's users with their e-mail addresses, which are never decoded.
package struct Workspace: Row, Hashable {
    /// The field `id`.
    package let id: Identifier
    /// The field `name`.
    package let name: String?

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id) else { return nil }
        self.id = id
        name = fields.label(.name)
    }
}
