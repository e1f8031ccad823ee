/// Names in error messages: quoting, and suggestions for misspelt names.
package enum YAMLName {
    /// A name in quotes, without line breaks and truncated if it is too long.
    package static func quoted(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(40) {
            text.unicodeScalars.append(scalar.properties.generalCategory.isPrintable ? scalar : "\u{FFFD}")
        }
        return "\"\(text)\(name.unicodeScalars.count > 40 ? "…" : "")\""
    }

    /// The known name that was most likely meant; nil when none is similar.
    package static func nearest(to name: String, among known: [String]) -> String? {
        let name = Array(name.lowercased().utf8.prefix(100))
        let candidates = known.map { (name: $0, distance: distance(name, Array($0.lowercased().utf8))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        if best.distance <= max(2, best.name.utf8.count / 3), best.distance < best.name.utf8.count { return best.name }
        // Words may have been omitted, for example in the middle.
        return name.count >= 4 ? known.first { isWithin(name, Array($0.lowercased().utf8)) } : nil
    }

    /// Whether a text contains all bytes of another in the same order.
    private static func isWithin(_ part: [UInt8], _ whole: [UInt8]) -> Bool {
        var rest = part[...]
        for byte in whole where byte == rest.first { rest.removeFirst() }
        return rest.isEmpty
    }

    /// How many bytes must be inserted, deleted, replaced or swapped with their neighbour to turn one text into the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous: [Int] = []
        var row = Array(0...right.count)
        for i in left.indices {
            var next = [i + 1]
            next.reserveCapacity(right.count + 1)
            for j in right.indices {
                var best = min(row[j] + (left[i] == right[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, previous[j - 1] + 1) }
                next.append(best)
            }
            (previous, row) = (row, next)
        }
        return row[right.count]
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isPrintable: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
