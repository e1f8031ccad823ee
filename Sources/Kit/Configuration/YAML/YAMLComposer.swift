/// Builds a tree from YAML events.
struct YAMLComposer {
    private struct Anchored {
        let node: YAMLNode
        /// The number of nodes in the tree.
        let count: Int
    }

    private let events: YAMLEvents
    private let limits: YAMLLimits
    private var count = 0
    private var depth = 0
    private var anchors: [String: Anchored] = [:]
    /// Anchors whose node is not yet complete.
    private var openAnchors: Set<String> = []

    init(events: YAMLEvents, limits: YAMLLimits) {
        self.events = events
        self.limits = limits
    }

    mutating func document() throws(YAMLError) -> YAMLNode {
        let start = try events.next()
        guard case .documentStart = start.kind else {
            return YAMLNode(.scalar(YAMLScalar(text: "", isPlain: true)), at: start.position)
        }
        let root = try node(try events.next())
        _ = try events.next()  // The end of the document.
        let following = try events.next()
        guard case .streamEnd = following.kind else {
            throw YAMLError(at: following.position, "a second document begins here; only one is supported")
        }
        return root
    }

    private mutating func node(_ event: YAMLEvent) throws(YAMLError) -> YAMLNode {
        let countBefore = count
        try add(1, at: event.position)
        switch event.kind {
        case .scalar(let scalar, let properties):
            let isText = try Self.isText(properties.tag, at: event.position)
            let scalar = YAMLScalar(text: scalar.text, isPlain: scalar.isPlain && !isText)
            return remember(YAMLNode(.scalar(scalar), at: event.position), properties, since: countBefore)
        case .sequenceStart(let properties):
            let content = try within(properties, event.position) { composer throws(YAMLError) in try composer.sequence() }
            return remember(YAMLNode(content, at: event.position), properties, since: countBefore)
        case .mappingStart(let properties):
            let content = try within(properties, event.position) { composer throws(YAMLError) in try composer.mapping() }
            return remember(YAMLNode(content, at: event.position), properties, since: countBefore)
        case .alias(let name):
            guard !openAnchors.contains(name) else { throw YAMLError(at: event.position, "*\(name) contains itself") }
            guard let anchored = anchors[name] else {
                throw YAMLError(at: event.position, "*\(name) has no &\(name) before it")
            }
            try add(anchored.count - 1, at: event.position)
            return anchored.node
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            // libyaml does not report missing values where a value is required.
            throw YAMLError(at: event.position, "a value is missing here")
        }
    }

    private mutating func sequence() throws(YAMLError) -> YAMLNode.Content {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return .sequence(elements) }
            elements.append(try node(event))
        }
    }

    private mutating func mapping() throws(YAMLError) -> YAMLNode.Content {
        var entries: [YAMLEntry] = []
        var merged: [YAMLEntry] = []
        // Compared by bytes: Swift treats some texts as equal that differ in YAML.
        var keys: Set<[UInt8]> = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            guard case .scalar(let key) = try node(event).content else {
                throw YAMLError(at: event.position, "a key must be a single value")
            }
            guard keys.insert(Array(key.text.utf8)).inserted else {
                throw YAMLError(at: event.position, "the key \(YAMLName.quoted(key.text)) is given twice")
            }
            let value = try node(try events.next())
            if key.isPlain, key.text == "<<" {
                merged = try Self.mergedEntries(of: value)
            } else {
                entries.append(YAMLEntry(key: key.text, keyPosition: event.position, value: value))
            }
        }
        for entry in merged where keys.insert(Array(entry.key.utf8)).inserted { entries.append(entry) }
        return .mapping(entries)
    }

    /// The entries that a merge key adds; in a list of mappings, the first entry for each name wins.
    private static func mergedEntries(of value: YAMLNode) throws(YAMLError) -> [YAMLEntry] {
        switch value.content {
        case .mapping(let entries): return entries
        case .sequence(let elements):
            var entries: [YAMLEntry] = []
            for element in elements {
                guard case .mapping(let more) = element.content else {
                    throw YAMLError(at: element.position, "<< merges mappings, and this is \(element.kind)")
                }
                entries += more
            }
            return entries
        case .scalar: throw YAMLError(at: value.position, "<< merges mappings, and this is \(value.kind)")
        }
    }

    /// Runs a closure one nesting level deeper; the node's anchor cannot be used meanwhile.
    private mutating func within(
        _ properties: YAMLProperties, _ position: YAMLPosition,
        _ body: (inout YAMLComposer) throws(YAMLError) -> YAMLNode.Content
    ) throws(YAMLError) -> YAMLNode.Content {
        if let tag = properties.tag { throw Self.unknownTag(tag, at: position) }
        guard depth < limits.depth else {
            throw YAMLError(at: position, "lists and mappings are nested more than \(limits.depth) deep")
        }
        if let anchor = properties.anchor { openAnchors.insert(anchor) }
        depth += 1
        let content = try body(&self)
        depth -= 1
        if let anchor = properties.anchor { openAnchors.remove(anchor) }
        return content
    }

    private mutating func remember(_ node: YAMLNode, _ properties: YAMLProperties, since countBefore: Int) -> YAMLNode {
        if let anchor = properties.anchor { anchors[anchor] = Anchored(node: node, count: count - countBefore) }
        return node
    }

    private mutating func add(_ nodes: Int, at position: YAMLPosition) throws(YAMLError) {
        count += nodes
        guard count <= limits.nodes else { throw YAMLError(at: position, "more than \(limits.nodes) values") }
    }

    /// Whether a tag marks a value as text even if it looks like another type.
    private static func isText(_ tag: String?, at position: YAMLPosition) throws(YAMLError) -> Bool {
        switch tag {
        case nil: return false
        case "tag:yaml.org,2002:str", "!": return true
        case .some(let tag): throw unknownTag(tag, at: position)
        }
    }

    private static func unknownTag(_ tag: String, at position: YAMLPosition) -> YAMLError {
        YAMLError(at: position, "the tag \(YAMLName.quoted(tag)) is not supported")
    }
}
