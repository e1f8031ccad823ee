internal import HTTPTypes

/// How long a scrape may wait for a refresh: as long as Prometheus waits for the scrape, less an offset for the way back.
package struct ScrapeTimeout: Sendable, Hashable {
    /// What Prometheus sends with each scrape, in seconds and with a fraction.
    private static let headerName = HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds")

    /// The time of scrapes that do not say how long they wait, such as one by a browser: Prometheus' own default.
    private static let withoutHeader = Duration.seconds(10)

    /// The longest, whatever the header says, and the time of scrapes without one; nil leaves it to the header.
    package var longest: Duration?
    /// What is kept back for the response's way.
    package var offset: Duration

    package init(longest: Duration? = nil, offset: Duration = .milliseconds(500)) {
        self.longest = longest
        self.offset = offset
    }

    /// The time that a request leaves. A header that is not a positive number counts as none; one that the offset would use up
    /// leaves nothing, and the scrape gets what there is.
    func timeout(of request: HTTPRequest) -> Duration {
        guard let name = Self.headerName, let value = request.headerFields[name], let seconds = Double(value), seconds > 0,
            seconds < 86_400
        else { return longest ?? Self.withoutHeader }
        let timeout = max(.zero, .seconds(seconds) - offset)
        return longest.map { min(timeout, $0) } ?? timeout
    }
}
