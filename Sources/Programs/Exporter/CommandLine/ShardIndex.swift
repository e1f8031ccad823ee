internal import Configuration

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The value of `--shard.index`.
enum ShardIndex: Hashable {
    case number(Int)
    /// The number at the end of the host's name. The pods of a Kubernetes StatefulSet are called like it, with a number from 0 after
    /// the last hyphen.
    case hostName

    /// - Throws: an error that says what can be given.
    init(parsing text: String) throws(InvalidArgument) {
        if text == "hostname" {
            self = .hostName
        } else if let number = Self.number(text[...]) {
            self = .number(number)
        } else {
            throw InvalidArgument("give a number from 0, or hostname")
        }
    }

    /// - Throws: when the host's name does not end in a number.
    func resolved(_ hostName: () -> String) throws(InvalidArgument) -> Int {
        if case .number(let number) = self { return number }
        let name = hostName()
        // With the domain, should there be one, the number is not at the end.
        let pod = name.prefix { $0 != "." }
        guard let hyphen = pod.lastIndex(of: "-"), let number = Self.number(pod[pod.index(after: hyphen)...]) else {
            throw InvalidArgument(
                "--shard.index=hostname: the host's name \"\(name)\" does not end in a hyphen and a number; give the number")
        }
        return number
    }

    /// What this host is called.
    static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count) == 0 else { return "" }
            // A name that was cut off need not end in a zero.
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }

    private static func number(_ digits: Substring) -> Int? {
        digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(digits) : nil
    }
}
