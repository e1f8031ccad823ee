#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A regular expression that must match a whole value, as in Prometheus' configuration.
///
/// It is a POSIX extended regular expression (XBD 9.4): the C library supports it, while a regex library would make the program
/// larger. The program never calls `setlocale`, so the locale is C regardless of the environment, and `.` matches one non-zero
/// byte: `caf.` does not match `café`, but `caf.*` does.
package final class Pattern: Sendable {
    /// Why a text is not a valid pattern: one line.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    /// The pattern's source text.
    package let text: String
    /// Set by `init` and freed by `deinit`, which have exclusive access; in between it is only read, by `regexec`, which takes it
    /// as `const` and is thread-safe (POSIX XSH 2.9.1; glibc fills internal caches under its own lock).
    nonisolated(unsafe) private let compiled: UnsafeMutablePointer<regex_t>

    package init(parsing text: String) throws(Invalid) {
        try Self.refusePerlEscapes(in: text)
        guard !text.utf8.contains(0) else { throw Invalid("the pattern contains a NUL byte") }
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        let status = regcomp(compiled, text, REG_EXTENDED)
        guard status == 0 else {
            let reason = Self.reason(of: status, in: compiled)
            compiled.deallocate()
            throw Invalid("not an extended regular expression: \(reason)")
        }
        self.text = text
        self.compiled = compiled
    }

    deinit {
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether the pattern matches the whole value.
    ///
    /// The expression is not wrapped in `^(` and `)$`, which would change the meaning of one with a stray parenthesis. POSIX
    /// requires the leftmost and, among these, the longest match to be reported: if the whole value can be matched, it is.
    package func matches(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            var match = regmatch_t(rm_so: 0, rm_eo: regoff_t(bytes.count))
            // An empty value may have no address. The byte is not read, since the value has length 0.
            return withUnsafePointer(to: UInt8(0)) { nothing in
                let start = UnsafeRawPointer(bytes.baseAddress ?? nothing).assumingMemoryBound(to: CChar.self)
                return regexec(compiled, start, 1, &match, REG_STARTEND) == 0 && match.rm_so == 0 && match.rm_eo == bytes.count
            }
        }
    }

    /// Rejects `\d` and the like: the C library matches `\d` with the letter d, without an error, although the user meant a digit.
    private static func refusePerlEscapes(in text: String) throws(Invalid) {
        var isEscaped = false
        for character in text {
            if isEscaped, character.isASCII, character.isLetter || character.isNumber {
                throw Invalid(
                    "\\\(character) is unknown in extended regular expressions; use a class such as [0-9] or [[:alnum:]]")
            }
            isEscaped = !isEscaped && character == "\\"
        }
    }

    private static func reason(of status: CInt, in compiled: UnsafePointer<regex_t>) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            _ = regerror(status, compiled, start, buffer.count)
            return String(cString: start)
        }
    }
}

extension Pattern.Invalid {
    fileprivate init(_ description: String) { self.description = description }
}

/// Compared by bytes, like the values they match.
extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool { Identifier(left.text) == Identifier(right.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(Identifier(text)) }
}

/// Which values are admitted: those matching an include pattern, or all when there is none, except those matching an exclude
/// pattern.
package struct PatternFilter: Sendable, Hashable {
    package var include: [Pattern]
    package var exclude: [Pattern]

    package init(include: [Pattern] = [], exclude: [Pattern] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// - Parameter value: nil for a missing value, which is treated as empty, as Prometheus does for a missing label.
    package func admits(_ value: String?) -> Bool {
        let value = value ?? ""
        return (include.isEmpty || include.contains { $0.matches(value) }) && !exclude.contains { $0.matches(value) }
    }
}
