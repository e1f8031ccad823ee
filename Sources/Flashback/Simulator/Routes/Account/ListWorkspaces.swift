/// GET /workspace: the workspaces with their users, whose names and addresses no client should keep.
enum ListWorkspaces {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let workspaces = organization.workspaces.enumerated().filter { call.workspaces?.contains($0.element) ?? true }
        let rows = workspaces.map { number, id in row(number, id, organization, dialect) }
        return .ok(.object([.init("success", true), .init("workspaces", .array(rows))]))
    }

    private static func row(_ number: Int, _ id: String, _ organization: Organization, _ dialect: APIDialect) -> JSONValue {
        let users = SimulatedUser.all(of: id, canary: organization.canary).map { user in
            let person = JSONValue.object([
                .init("id", .string(user.id)), .init("name", .string(user.name)), .init("email", .string(user.email)),
            ])
            return JSONValue.object([
                .init("userId", .string(user.id)), .init("role", .string(user.role)), .init("user", person),
            ])
        }
        var members: [JSONValue.Member] = [
            .init("id", .string(id)), .init("name", .string("Workspace \(number + 1)")), .init("orgId", "organization-1"),
            .init("users", .array(users)),
        ]
        if dialect.clientFields { members += [.init("default", .bool(number == 0)), .init("deletedAt", .null)] }
        return .object(members)
    }
}

/// A user of a workspace.
struct SimulatedUser {
    let id: String
    let name: String
    let email: String
    let role: String

    /// The users of a workspace, one for each role.
    static func all(of workspace: String, canary: String) -> [SimulatedUser] {
        ["READ", "WRITE", "ADMIN"].map { role in
            let word = "\(canary)\(role.lowercased())-\(workspace)"
            return SimulatedUser(id: "user-\(word)", name: "Name \(word)", email: "\(word)@users.example.com", role: role)
        }
    }
}
