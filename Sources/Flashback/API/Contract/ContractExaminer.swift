/// Compares responses with their contracts.
struct ContractExaminer: Sendable {
    private struct Place: Hashable {
        let endpoint: String
        let path: String
    }

    /// How a field occurred in the objects that should have it.
    private struct Occurrence {
        var objects = 0
        var present = 0
        var null = 0
        let isOptional: Bool
    }

    private var occurrences: [Place: Occurrence] = [:]
    private var findings: [ContractFinding: Int] = [:]
    /// The buckets in the responses of an endpoint.
    private var buckets: [String: Set<String>] = [:]
    private(set) var responses = 0

    /// - Parameters:
    ///   - endpoint: the documented endpoint.
    ///   - query: the request's parameters.
    mutating func examine(_ endpoint: KnownEndpoint, query: [String: String], status: Int, body: JSONTree?) {
        let name = endpoint.name.description
        guard let contract = EndpointContract.all.first(where: { $0.name == name }) else { return }
        responses += 1
        let isSuccess = (200..<300).contains(status)
        guard let body else {
            if isSuccess { note(name, "", "not JSON", isProblem: true) }
            return
        }
        guard isSuccess else { return examineError(body, contract) }
        if case .array(let rows) = body, let list = contract.list {
            if !contract.isArray { note(name, list, "the list itself instead of an object with the list") }
            for field in contract.root.fields where field.names.contains(list) {
                if case .list(let row) = field.form { for element in rows { examine(element, row, name, list) } }
            }
            countBuckets(rows, name, query)
        } else {
            if contract.isArray, let list = contract.list {
                note(name, list, "an object with the list instead of the list itself")
            }
            examine(body, contract.root, name, "")
            if let list = contract.list, case .array(let rows)? = body[list] {
                countBuckets(rows, name, query)
                examinePage(rows.count, body, name, query)
            }
        }
    }

    /// All findings; problems first.
    var report: [(finding: ContractFinding, count: Int)] {
        var findings = findings
        for (place, occurrence) in occurrences {
            let (all, missing) = (occurrence.objects, occurrence.objects - occurrence.present)
            func add(_ text: String, _ count: Int, isProblem: Bool) {
                findings[ContractFinding(isProblem: isProblem, endpoint: place.endpoint, path: place.path, text: text)] = count
            }
            if missing == all {
                add("missing everywhere", missing, isProblem: !occurrence.isOptional)
            } else if missing > 0, !occurrence.isOptional {
                add("missing in some", missing, isProblem: false)
            }
            if occurrence.null > 0 { add("null", occurrence.null, isProblem: false) }
        }
        let listed = buckets["GET /bucket"] ?? []
        if let withTotals = buckets["GET /bucket/stats"], !listed.isSubset(of: withTotals) {
            let finding = ContractFinding(
                isProblem: false, endpoint: "GET /bucket/stats", path: "stats", text: "no row for a listed bucket")
            findings[finding] = listed.subtracting(withTotals).count
        }
        return findings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: Responses

    private mutating func examineError(_ body: JSONTree, _ contract: EndpointContract) {
        guard case .object(let members) = body else { return note(contract.name, "error", "not an object") }
        let names = Set(members.map(\.name)).subtracting(["success"])
        if names != contract.errorFields {
            let shown = names.map(Self.shown).sorted().joined(separator: ", ")
            note(contract.name, "error", "has \(shown) instead of \(contract.errorFields.sorted().joined(separator: ", "))")
        }
    }

    private mutating func countBuckets(_ rows: [JSONTree], _ endpoint: String, _ query: [String: String]) {
        guard query["bucketId"] == nil, ["GET /bucket", "GET /bucket/stats"].contains(endpoint) else { return }
        for row in rows {
            for name in endpoint == "GET /bucket" ? ["id"] : ["bucketId", "unitId"] {
                if case .string(let id)? = row[name] { buckets[endpoint, default: []].insert(id) }
            }
        }
        if rows.isEmpty { buckets[endpoint, default: []].formUnion([]) }
    }

    /// Whether a page is shorter than requested although there are more rows.
    private mutating func examinePage(_ rows: Int, _ body: JSONTree, _ endpoint: String, _ query: [String: String]) {
        guard let limit = query["limit"].flatMap({ Int($0) }), let offset = query["offset"].flatMap({ Int($0) }),
            let total = body["meta"]?["totalEntities"]?.decimal, rows < limit, Double(offset) + Double(rows) < total
        else { return }
        note(endpoint, "entities", "\(rows) rows on a page of \(limit), although there are more")
    }

    // MARK: Objects

    private mutating func examine(_ value: JSONTree, _ contract: ObjectContract, _ endpoint: String, _ path: String) {
        guard case .object(let members) = value else {
            return note(endpoint, path, "\(value.kind) instead of object", isProblem: true)
        }
        for field in contract.fields {
            let documented = field.names.first ?? ""
            let place = path.isEmpty ? documented : "\(path).\(documented)"
            let found = field.names.lazy.compactMap { name in members.first { $0.name == name } }.first
            if case .unused = field.form { continue }
            var occurrence =
                occurrences[Place(endpoint: endpoint, path: place)] ?? Occurrence(isOptional: field.isOptional)
            occurrence.objects += 1
            if let found {
                occurrence.present += 1
                if case .null = found.value { occurrence.null += 1 }
            }
            occurrences[Place(endpoint: endpoint, path: place)] = occurrence
            guard let found else { continue }
            if found.name != documented { note(endpoint, place, "called \(found.name)") }
            if case .null = found.value { continue }
            examine(found.value, field.form, endpoint, place)
        }
        let known = Set(contract.fields.flatMap(\.names))
        for member in members where !known.contains(member.name) {
            note(endpoint, path, "new field \(Self.shown(member.name)) (\(member.value.kind))")
        }
    }

    private mutating func examine(_ value: JSONTree, _ form: FieldContract.Form, _ endpoint: String, _ path: String) {
        switch (form, value) {
        case (.object(let contract), .object): examine(value, contract, endpoint, path)
        case (.list(let contract), .array(let rows)): for row in rows { examine(row, contract, endpoint, path) }
        default:
            if let difference = ValueDifference(value, form) {
                note(endpoint, path, difference.text, isProblem: difference.isProblem)
            }
        }
    }

    private mutating func note(_ endpoint: String, _ path: String, _ text: String, isProblem: Bool = false) {
        findings[ContractFinding(isProblem: isProblem, endpoint: endpoint, path: path, text: text), default: 0] += 1
    }

    /// A name, if it is plausible as a field's name; identifiers used as names are not shown.
    private static func shown(_ name: String) -> String {
        HarmlessText.isFieldName(name) ? name : "with a name of \(name.utf8.count) bytes"
    }
}

/// A difference between a response and its contract.
struct ContractFinding: Hashable, Comparable {
    /// Whether the difference keeps some data from being exported.
    let isProblem: Bool
    let endpoint: String
    /// The field's path in the response; empty for the response itself.
    let path: String
    let text: String

    static func < (left: ContractFinding, right: ContractFinding) -> Bool {
        (left.isProblem ? 0 : 1, left.endpoint, left.path, left.text)
            < (right.isProblem ? 0 : 1, right.endpoint, right.path, right.text)
    }
}
