import Foundation

extension Python {
    private static let parser = """
        import sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        body = sys.stdin.buffer.read().decode("utf-8")
        print(sum(len(family.samples) for family in text_string_to_metric_families(body)))
        """

    /// The number of samples in a body according to the strictest OpenMetrics parser.
    /// - Throws: the parser's message for a body that it rejects.
    static func openMetricsSamples(in body: Data) async throws -> Int {
        let parser = try await finished(["-c", parser], input: body)
        guard parser.end == .status(0), let count = Int(parser.outputText.trimmingCharacters(in: .newlines)) else {
            throw HTTP.Failed(description: parser.errorText)
        }
        return count
    }
}
