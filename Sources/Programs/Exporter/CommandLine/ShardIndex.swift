internal import Configuration

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The value of `--shard.index`.
enum ShardIndex: Hashable {
    case number(Int)
    /// The number at the end of the host name. The pods of a Kubernetes StatefulSet have host names that end in a hyphen and a
    /// number from 0.
    case hostName

    /// - Throws: an error with the valid values.
    init(parsing text: String) throws(InvalidArgument) {
        if text == "hostname" {
            self = .hostName
        } else if let number = Self.number(text[...]) {
            self = .number(number)
        } else {
            throw InvalidArgument("must be a number from 0, or hostname")
        }
    }

    /// - Throws: when the host name does not end in a number.
    func resolved(_ hostName: () -> String) throws(InvalidArgument) -> Int {
        if case .number(let number) = self { return number }
        let name = hostName()
        // Without a domain, which would hide the number.
        let pod = name.prefix { $0 != "." }
        guard let hyphen = pod.lastIndex(of: "-"), let number = Self.number(pod[pod.index(after: hyphen)...]) else {
            throw InvalidArgument(
                "--shard.index=hostname: the host name \"\(name)\" does not end in a hyphen and a number; set the number")
        }
        return number
    }

    /// This host's name.
    static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count) == 0 else { return "" }
            // A truncated name need not end with a zero byte.
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }

    private static func number(_ digits: Substring) -> Int? {
        digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(digits) : nil
    }
}
