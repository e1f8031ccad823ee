import Foundation

/// The series that a reader has stored from a scrape, in a form that is the same for all readers.
struct StoredSeries {
    /// A series without the labels that belong to the scrape. A label without a value is no label. Readers spell the bounds of
    /// histograms differently, so these are compared as numbers.
    struct Identity: Hashable, CustomStringConvertible {
        let name: String
        let labels: [String: String]

        init(_ name: String, _ labels: [String: String]) {
            self.name = name
            self.labels = labels.filter { !$0.value.isEmpty && !["__name__", "instance", "job"].contains($0.key) }
                .reduce(into: [:]) { labels, label in
                    let bound = label.key == "le" ? Double(label.value).map { "\($0)" } : nil
                    labels[label.key] = bound ?? label.value
                }
        }

        var description: String { "\(name)\(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.debugDescription)" })" }
    }

    /// A histogram that is stored as one sample: a native one, or a classic one that was converted.
    struct Histogram: Decodable {
        let count: String
        let sum: String
        /// The rule of its bounds, the lower one, the upper one, and the count.
        let buckets: [[JSONText]]?
    }

    /// A number or a text.
    struct JSONText: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(String.self)) ?? "\(container.decode(Double.self))"
        }
    }

    var values: [Identity: Double] = [:]
    var histograms: [Identity: Histogram] = [:]

    /// What a scrape's response exposes.
    init(_ metrics: Metrics) {
        for sample in metrics.samples { values[Identity(sample.name, sample.labels)] = sample.value }
    }

    /// What a database with Prometheus' API has of the only job, without what the scrape itself adds.
    init(queriedFrom database: RunningPrometheus) async throws {
        struct Answer: Decodable {
            struct Series: Decodable {
                let metric: [String: String]
                let value: [JSONText]?
                let histogram: Pair?
            }
            struct Pair: Decodable {
                let histogram: Histogram

                init(from decoder: any Decoder) throws {
                    var pair = try decoder.unkeyedContainer()
                    _ = try pair.decode(Double.self)
                    histogram = try pair.decode(Histogram.self)
                }
            }
            struct Data: Decodable {
                let result: [Series]
            }
            let data: Data
        }
        let form = ["query": "{job=\"flashback\"}"]
        let answer = try await HTTP.send("POST", "http://\(database.address)/api/v1/query", form: form)
        for series in try JSONDecoder().decode(Answer.self, from: answer.body).data.result {
            let name = series.metric["__name__"] ?? ""
            guard name != "up", !name.hasPrefix("scrape_") else { continue }
            let identity = Identity(name, series.metric)
            values[identity] = series.value?.last.flatMap { Double($0.text) }
            histograms[identity] = series.histogram?.histogram
        }
    }

    /// What a parser written in Python reads in a scrape's response.
    /// - Parameter module: that of the parser.
    init(parsed body: Data, by module: String) async throws {
        struct Sample: Decodable {
            let name: String
            let labels: [String: String]
            let value: String
        }
        let program = """
            import json, sys
            from \(module) import text_string_to_metric_families
            families = text_string_to_metric_families(sys.stdin.buffer.read().decode("utf-8"))
            print(json.dumps([{"name": s.name, "labels": s.labels, "value": repr(s.value)} for f in families for s in f.samples]))
            """
        let parser = try await Python.finished(["-c", program], input: body)
        guard parser.end == .status(0) else { throw HTTP.Failed(description: parser.errorText) }
        for sample in try JSONDecoder().decode([Sample].self, from: parser.output) {
            values[Identity(sample.name, sample.labels)] = Double(sample.value)
        }
    }

    /// Adds the classic series of histograms that are stored as one sample, as far as the sample has the same bounds.
    /// - Parameter exposed: the classic series.
    /// - Returns: the series of buckets that cannot be derived, since the sample has bounds of its own.
    mutating func addClassicSeries(of exposed: StoredSeries) -> Set<Identity> {
        var underivable: Set<Identity> = []
        for (identity, histogram) in histograms {
            values[Identity(identity.name + "_count", identity.labels)] = Double(histogram.count)
            values[Identity(identity.name + "_sum", identity.labels)] = Double(histogram.sum)
            let classic = exposed.values.keys.filter { series in
                series.name == identity.name + "_bucket"
                    && series.labels.filter { $0.key != "le" } == identity.labels && values[series] == nil
            }
            let bounds = Set(classic.compactMap { $0.labels["le"].flatMap(Double.init) })
            let buckets = (histogram.buckets ?? []).compactMap { bucket in
                bucket.count == 4
                    ? Double(bucket[2].text).flatMap { upper in Double(bucket[3].text).map { (upper, count: $0) } } : nil
            }
            guard buckets.allSatisfy({ bounds.contains($0.0) }) else {
                underivable.formUnion(classic)
                continue
            }
            for series in classic {
                guard let bound = series.labels["le"].flatMap(Double.init) else { continue }
                values[series] = buckets.filter { $0.0 <= bound }.reduce(0) { $0 + $1.count }
            }
        }
        return underivable
    }
}
