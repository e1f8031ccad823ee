package import HTTPTypes

/// How long a scrape may wait for a refresh: Prometheus' scrape time-out minus an offset for sending the response.
package struct ScrapeTimeout: Sendable, Hashable {
    /// Sent by Prometheus with each scrape; in seconds, with fraction.
    private static let headerName = HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds")

    /// The time-out for scrapes without the header, such as from a browser: Prometheus' default.
    private static let withoutHeader = Duration.seconds(10)

    /// The maximum unless another one is configured. A request occupies one of a limited number of places while it waits, and any client
    /// can send the header.
    private static let defaultMaximum = Duration.seconds(120)

    /// The maximum, whatever the header says, and the time-out without a header; nil for two minutes and Prometheus' default.
    package var maximum: Duration?
    /// The time reserved for sending the response.
    package var offset: Duration

    package init(maximum: Duration? = nil, offset: Duration = .milliseconds(500)) {
        self.maximum = maximum
        self.offset = offset
    }

    /// How long a request may wait. A header that is not a positive number is ignored; if the offset exceeds it, the scrape does not wait
    /// at all.
    package func timeout(of request: HTTPRequest) -> Duration {
        guard let name = Self.headerName, let value = request.headerFields[name], let seconds = Double(value), seconds > 0,
            seconds < 86_400
        else { return maximum ?? Self.withoutHeader }
        return min(max(.zero, .seconds(seconds) - offset), maximum ?? Self.defaultMaximum)
    }
}
