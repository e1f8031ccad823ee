extension Server {
    /// Starts the exporter on a port of the kernel's choice.
    /// - Parameters:
    ///   - programs: the directory of flashback-exporter.
    ///   - upstream: the API.
    ///   - address: where the API is asked, if something stands before it.
    public static func exporter(
        programs: String, _ upstream: Upstream, at address: String? = nil, _ options: [String]
    ) throws -> Server {
        try Server(
            programs + "/flashback-exporter",
            [
                "--flashback.url", address ?? upstream.address, "--scrape.timeout", "10m", "--web.listen-address", "127.0.0.1:0",
                // One more request for the account, which says nothing about buckets.
                "--no-collector.quota",
            ]
                + (upstream.servesAvailable ? [] : ["--no-collector.available"]) + options,
            environment: ["FLASHBACK_TOKEN": Upstream.token], announcement: "address=", announcesOnStandardError: true)
    }
}
