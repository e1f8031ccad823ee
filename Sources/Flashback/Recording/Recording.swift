package import FoundationEssentials

/// Requests to the API and its responses, from which everything that identifies the account has been removed. `docs/recording.md`
/// describes the format and what it guarantees.
package struct Recording: Sendable, Hashable {
    /// The value of the header's member `format`.
    package static let format = "flashback-recording"
    /// The newest version of the format that this program can read, and the one that it writes.
    package static let version = 1
    /// The largest file that is read, in bytes.
    private static let maximumFileBytes = 1 << 30

    /// The version of the exporter that made the recording.
    package var exporterVersion: String
    /// When the recording began.
    package var began: Date
    package var exchanges: [RecordedExchange]

    package init(exporterVersion: String, began: Date, exchanges: [RecordedExchange]) {
        self.exporterVersion = exporterVersion
        self.began = began
        self.exchanges = exchanges
    }

    // MARK: Writing

    /// The lines of the file, each with its newline.
    package var lines: some Sequence<[UInt8]> {
        [header + [UInt8(ascii: "\n")]] + exchanges.map { $0.line + [UInt8(ascii: "\n")] }
    }

    private var header: [UInt8] {
        var line = JSONLine()
        line.add("format", Self.format)
        line.add("version", json: Array("\(Self.version)".utf8))
        line.add("exporter", exporterVersion)
        line.add("began", began.formatted(Self.dateFormat))
        return line.bytes
    }

    private static let dateFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    // MARK: Reading

    private struct Header: Decodable {
        let format: String
        let version: Int
        let exporter: String?
        let began: String?
    }

    /// Reads a file.
    /// - Throws: ``RecordingError``, which names the file.
    package init(file path: String) throws(RecordingError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw RecordingError("cannot read the recording \(path)")
        }
        guard data.count <= Self.maximumFileBytes else { throw RecordingError("\(path) is too large for a recording") }
        do {
            try self.init(parsing: Array(data))
        } catch {
            throw RecordingError("\(path): \(error)")
        }
    }

    /// Parses the content of a file.
    package init(parsing bytes: [UInt8]) throws(RecordingError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), let header = try? JSONDecoder().decode(Header.self, from: Data(first)),
            header.format == Self.format
        else {
            throw RecordingError("not a recording: the first line is not its header; make one with flashback-exporter record")
        }
        guard header.version == Self.version else {
            throw RecordingError(
                "a recording in version \(header.version) of the format; this program reads version \(Self.version)")
        }
        guard let began = header.began.flatMap({ try? Self.dateFormat.parse($0) }) else {
            throw RecordingError("line 1: the member began is missing or not a date")
        }
        var exchanges: [RecordedExchange] = []
        for (index, line) in lines.enumerated() where !line.isEmpty {
            guard let exchange = RecordedExchange(line: Array(line)) else {
                throw RecordingError("line \(index + 2): not an exchange")
            }
            exchanges.append(exchange)
        }
        self.init(exporterVersion: header.exporter ?? "unknown", began: began, exchanges: exchanges)
    }
}

/// Why a recording cannot be read.
package struct RecordingError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
