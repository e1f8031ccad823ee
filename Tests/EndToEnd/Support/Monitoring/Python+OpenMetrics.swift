import Foundation

extension Python {
    private static let parser = """
        import sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        body = sys.stdin.buffer.read().decode("utf-8")
        print(sum(len(family.samples) for family in text_string_to_metric_families(body)))
        """

    /// How many samples the strictest OpenMetrics parser there is reads in a body.
    /// - Throws: what it has to say of a body that it refuses.
    static func openMetricsSamples(in body: Data) async throws -> Int {
        let parser = try await finished(["-c", parser], input: body)
        guard parser.end == .status(0), let count = Int(parser.outputText.trimmingCharacters(in: .newlines)) else {
            throw HTTP.Failed(description: parser.errorText)
        }
        return count
    }
}
