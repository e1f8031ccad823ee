public import ArgumentParser
internal import Foundation

/// Rows of the table that `Benchmarks/run.sh report` prints.
public struct RowOptions: ParsableArguments {
    @Option(name: .customLong("rows"), help: "File to which rows of a Markdown table are appended.")
    public var path: String?

    public init() {}

    /// Appends a row, if rows are wanted.
    /// - Parameters:
    ///   - measured: what was measured.
    ///   - exporter: the exporter's numbers.
    ///   - reference: what they are compared with, and its numbers.
    ///   - ratio: the exporter's number divided by the reference's.
    public func append(_ measured: String, _ exporter: String, reference: String = "", ratio: String = "") throws {
        guard let path else { return }
        guard let file = fopen(path, "a") else { throw BenchmarkError("cannot write to \(path)") }
        defer { fclose(file) }
        fputs("| \(measured) | \(exporter) | \(reference) | \(ratio) |\n", file)
    }
}
