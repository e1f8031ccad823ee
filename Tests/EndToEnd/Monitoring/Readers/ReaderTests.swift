import FlashbackSimulator
import Foundation
import TestTools
import Testing

/// Whether everything that reads the exporter's metrics stores the same series, as docs/readers.md says.
@Suite(.timeLimit(.minutes(10))) struct ReaderTests {
    /// The names of buckets that every parser reads. The one for OpenMetrics in Python takes more for the end of a line than the
    /// format does.
    private static let names = UnusualNameTests.names.filter { name in
        !name.unicodeScalars.contains { "\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
    }

    @Test(arguments: MetricsReader.all) func readerStoresEverySeriesWithItsValue(_ reader: MetricsReader) async throws {
        let simulation = FlashbackSimulation.small()
        for name in Self.names { _ = simulation.createBucket(name: name, region: name) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            // What is about buckets stays as it is.
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "1h"]) { exporter in
                _ = try await exporter.scrape()
                let before = StoredSeries(try await exporter.scrape())
                var differences = ["nothing was read"]
                var compared = 0
                try await reader.reading(exporter) { stored in
                    let after = StoredSeries(try await exporter.scrape())
                    (differences, compared) = Self.differences(of: stored, from: before, after, tolerance: reader.tolerance)
                    return differences.isEmpty
                }
                #expect(differences == [], "\(reader.testDescription)")
                #expect(compared > 1000, "\(reader.testDescription)")
                // A row of the table in docs/readers.md.
                if ProcessInfo.processInfo.environment["READER_ROWS"] != nil {
                    print("| \(reader.testDescription) | \(before.values.count) | \(compared) | \(differences.count) |")
                }
            }
        }
    }

    /// What is missing from the stored series, what should not be there, and values that differ although the exporter served the same
    /// before and after.
    private static func differences(
        of stored: StoredSeries, from before: StoredSeries, _ after: StoredSeries, tolerance: Double
    ) -> (differences: [String], compared: Int) {
        var stored = stored
        let underivable = stored.addClassicSeries(of: before)
        let kept = Set(before.values.keys).intersection(after.values.keys).subtracting(underivable)
        let known = Set(before.values.keys).union(after.values.keys)
        let additional = stored.values.keys.filter { !known.contains($0) && stored.histograms[$0] == nil }
        var differences = additional.map { "additional: \($0)" }
        var compared = 0
        for series in kept {
            guard let value = stored.values[series] else {
                differences.append("missing: \(series)")
                continue
            }
            guard let expected = before.values[series], expected == after.values[series] else { continue }
            // A reader's own connection counts in the process' figures.
            if series.name.hasPrefix("process_") { continue }
            compared += 1
            if abs(value - expected) > tolerance * abs(expected) { differences.append("\(value), not \(expected): \(series)") }
        }
        return (differences.sorted(), compared)
    }
}
