internal import Basics

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A regular expression that is matched against a whole value, as those in Prometheus' configuration are.
///
/// It is one of POSIX, extended (XBD 9.4): the C library knows it, and a library of its own would make the program larger. The
/// program never calls `setlocale`, so it is in the locale C whatever the environment says, and `.` stands for one byte
/// that is not 0: `caf.` does not match `café`, but `caf.*` does.
package final class Pattern: Sendable {
    /// Why a text is no pattern: one line.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    /// What it was made from.
    package let text: String
    /// Set by `init` and freed by `deinit`, which are alone with it; in between it is only read, by `regexec`, which takes it as
    /// `const` and is thread-safe (POSIX XSH 2.9.1; glibc, which fills caches in it, does so under a lock of its own).
    nonisolated(unsafe) private let compiled: UnsafeMutablePointer<regex_t>

    package init(parsing text: String) throws(Invalid) {
        try Self.refusePerlEscapes(in: text)
        guard !text.utf8.contains(0) else { throw Invalid("it holds a byte that is 0") }
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        let status = regcomp(compiled, text, REG_EXTENDED)
        guard status == 0 else {
            let reason = Self.reason(of: status, in: compiled)
            compiled.deallocate()
            throw Invalid("it is no extended regular expression: \(reason)")
        }
        self.text = text
        self.compiled = compiled
    }

    deinit {
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether it matches a value from its first byte to its last.
    ///
    /// The expression is not put between `^(` and `)$`, which would change the meaning of one with a stray parenthesis. Of all matches
    /// POSIX has the leftmost reported, and of these the longest: if the whole value can be matched, it is.
    package func matches(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            var match = regmatch_t(rm_so: 0, rm_eo: regoff_t(bytes.count))
            // An empty value may have no address; the byte is not read, since the value ends before it.
            return withUnsafePointer(to: UInt8(0)) { nothing in
                let start = UnsafeRawPointer(bytes.baseAddress ?? nothing).assumingMemoryBound(to: CChar.self)
                return regexec(compiled, start, 1, &match, REG_STARTEND) == 0 && match.rm_so == 0 && match.rm_eo == bytes.count
            }
        }
    }

    /// The C library takes `\d` for the letter d, where whoever wrote it meant a digit; nothing would tell them.
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

/// Patterns of the same bytes match the same values.
extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool { Identifier(left.text) == Identifier(right.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(Identifier(text)) }
}

/// Which values are let through: those that one of the patterns to include matches, or any when there are none, less those that one of
/// the patterns to exclude matches.
package struct PatternFilter: Sendable, Hashable {
    package var include: [Pattern]
    package var exclude: [Pattern]

    package init(include: [Pattern] = [], exclude: [Pattern] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// - Parameter value: nil for what has none, which is matched as Prometheus matches a label that is absent: as an empty value.
    package func admits(_ value: String?) -> Bool {
        let value = value ?? ""
        return (include.isEmpty || include.contains { $0.matches(value) }) && !exclude.contains { $0.matches(value) }
    }
}
