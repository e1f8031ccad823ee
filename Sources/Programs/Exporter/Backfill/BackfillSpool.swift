internal import Basics
internal import Configuration
internal import FlashbackCollectors

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The file that keeps what a backfill has read until everything is written, so that an interrupted backfill can be continued.
///
/// It is small: it has one value per day where the output has hundreds of samples. The first line identifies the backfill, and each further
/// line is the history of one bucket (``BucketHistory/line``). A later line replaces an earlier one for the same bucket. Only the positions
/// of the lines are in memory.
final class BackfillSpool {
    private struct Key: Hashable {
        let account: String?
        let bucket: Identifier
    }

    private struct Entry {
        let offset: Int
        let length: Int
        /// See ``BucketHistory/failures``.
        let failures: Int
        let hasTraffic: Bool
    }

    let path: String
    private let file: UnsafeMutablePointer<FILE>
    private var entries: [Key: Entry] = [:]
    private var end = 0

    /// Opens or creates the file.
    /// - Parameter identity: one line that covers everything that determines the content.
    /// - Throws: a one-line error, also when the file is in use or belongs to a backfill with another identity.
    init(path: String, identity: String) throws(InvalidArgument) {
        self.path = path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o600)
        guard descriptor >= 0, let file = fdopen(descriptor, "r+") else { throw Self.failure("open", path) }
        self.file = file
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw InvalidArgument("--output: \(path) is in use by another backfill; wait for its end")
        }
        try restore(identity)
    }

    deinit { fclose(file) }

    /// Whether all days of a bucket are in the file.
    func isComplete(_ bucket: Identifier, of account: Identifier?) -> Bool {
        entries[Key(account: account?.text, bucket: bucket)]?.failures == 0
    }

    /// Whether the traffic of any of an account's buckets is in the file.
    func hasTraffic(of account: Identifier?) -> Bool {
        entries.contains { $0.key.account == account?.text && $0.value.hasTraffic }
    }

    /// Whether nothing was read.
    var isEmpty: Bool { entries.isEmpty }

    /// Adds a bucket's history, unless an earlier one has more days. When this returns, the history is on disk.
    func append(_ history: BucketHistory) throws(InvalidArgument) {
        let key = Key(account: history.account, bucket: Identifier(history.bucket))
        if let earlier = entries[key], earlier.failures < history.failures { return }
        let line = history.line
        let offset = end
        try append(line)
        index(history, offset: offset, length: line.count)
    }

    /// A bucket's history; nil when nothing was read.
    func history(of bucket: Identifier, account: Identifier?) throws(InvalidArgument) -> BucketHistory? {
        guard let entry = entries[Key(account: account?.text, bucket: bucket)] else { return nil }
        var line = [UInt8](repeating: 0, count: entry.length)
        guard fseek(file, entry.offset, SEEK_SET) == 0, fread(&line, 1, line.count, file) == line.count else {
            throw Self.failure("read", path)
        }
        guard let history = BucketHistory(line: line) else { throw malformed(at: entry.offset) }
        return history
    }

    /// Deletes the file.
    func remove() { unlink(path) }

    // MARK: Lines

    private func append(_ line: [UInt8]) throws(InvalidArgument) {
        guard fseek(file, end, SEEK_SET) == 0, fwrite(line, 1, line.count, file) == line.count, fflush(file) == 0,
            fdatasync(fileno(file)) == 0
        else { throw Self.failure("write", path) }
        end += line.count
    }

    private func index(_ history: BucketHistory, offset: Int, length: Int) {
        entries[Key(account: history.account, bucket: Identifier(history.bucket))] = Entry(
            offset: offset, length: length, failures: history.failures, hasTraffic: history.traffic != nil)
    }

    /// Indexes the lines of an earlier run. Removes an incomplete last line, but throws if the first line is not this backfill's identity.
    private func restore(_ identity: String) throws(InvalidArgument) {
        let first = Array("\(identity)\n".utf8)
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while case let count = getline(&buffer, &capacity, file), count > 0, let start = buffer {
            let line = UnsafeRawBufferPointer(start: start, count: count)
            guard end > 0 || first.starts(with: line) else {
                throw InvalidArgument(
                    "--output: \(path) belongs to a backfill with other arguments; repeat it with those, or remove the file")
            }
            guard line.last == UInt8(ascii: "\n") else { break }
            if end > 0 {
                guard let history = BucketHistory(line: Array(line)) else { throw malformed(at: end) }
                index(history, offset: end, length: count)
            }
            end += count
        }
        guard ferror(file) == 0 else { throw Self.failure("read", path) }
        guard ftruncate(fileno(file), off_t(end)) == 0 else { throw Self.failure("write", path) }
        if end == 0 { try append(first) }
    }

    private func malformed(at offset: Int) -> InvalidArgument {
        InvalidArgument("--output: \(path) is damaged at byte \(offset); remove the file to begin again")
    }

    private static func failure(_ verb: String, _ path: String) -> InvalidArgument {
        InvalidArgument("--output: cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
