internal import ArgumentParser
internal import Configuration
internal import FlashbackAPI
internal import FlashbackCollectors
internal import HTTPClient

/// How the API is reached and how fast it is requested.
struct FlashbackOptions: ParsableArguments {
    /// The environment variable that holds an access token.
    static let tokenVariable = "FLASHBACK_TOKEN"

    @Option(name: .customLong("flashback.url"), help: ArgumentHelp("Address of the Flashback API.", valueName: "url"))
    var url = "https://backend.flashback.tech"

    @Option(
        name: .customLong("flashback.workspace-id"),
        help: ArgumentHelp(
            "Export only the buckets of this workspace; may be repeated. (default: all that the account can see)", valueName: "id"
        ))
    var workspaceIDs: [String] = []

    @Option(
        name: .customLong("flashback.token-file"),
        help: ArgumentHelp("File with the access token; reloaded when it changes.", valueName: "path"))
    var tokenFile: String?

    @Option(
        name: .customLong("flashback.refresh-token-file"),
        help: ArgumentHelp(
            "File with a refresh token for renewing access tokens; rotated tokens are written back to it.",
            valueName: "path"))
    var refreshTokenFile: String?

    @Option(
        name: .customLong("flashback.email"),
        help: ArgumentHelp("Account to log in with; needs --flashback.password-file.", valueName: "address"))
    var email: String?

    @Option(
        name: .customLong("flashback.password-file"),
        help: ArgumentHelp("File with the password of --flashback.email.", valueName: "path"))
    var passwordFile: String?

    @Option(
        name: .customLong("flashback.ca-file"),
        help: ArgumentHelp(
            "PEM file of the certificate authorities to trust instead of the system's.", valueName: "path"))
    var caFile: String?

    @Flag(
        name: .customLong("flashback.allow-insecure"), inversion: .prefixedNo,
        help: "Allow plain http to a host that is not loopback, where others can read the token.")
    var allowsInsecure = false

    @Option(
        name: .customLong("flashback.concurrency"), parsing: .unconditional,
        help: ArgumentHelp("Maximum concurrent requests to the API.", valueName: "count"))
    var concurrency = 16

    @Option(
        name: .customLong("flashback.max-requests-per-second"), parsing: .unconditional,
        help: ArgumentHelp("Maximum requests to the API per second. (default: as many as the API accepts)", valueName: "rate"))
    var maximumRate: Double?

    @Option(
        name: .customLong("flashback.bulk"),
        help: ArgumentHelp(
            "Whether to request status and daily statistics of up to 200 buckets at once; auto requests on its own what the API "
                + "refuses or omits."))
    var bulk = BulkMode.never

    @Option(
        duration: "flashback.connect-timeout", default: .seconds(5), help: "Timeout for connecting to the API.")
    var connectTimeout: PrometheusDuration

    @Option(
        duration: "flashback.timeout", default: .seconds(30), help: "Timeout for a request to the API, including retries.")
    var timeout: PrometheusDuration

    /// About one request every 17 minutes: anything slower is useless and would make waits overflow.
    private static let slowestRate = 0.001
    /// Effectively unlimited.
    private static let fastestRate = 1e6

    /// The upstream described by these options, validated as far as possible without a request.
    /// - Throws: a one-line error with the invalid option.
    func upstream(environment: [String: String]) throws -> Upstream {
        let baseURL = try baseURL()
        guard !workspaceIDs.contains("") else { throw InvalidArgument("--flashback.workspace-id must not be empty") }
        guard concurrency >= 1 else { throw InvalidArgument("--flashback.concurrency must be at least 1") }
        // Each request needs its own port.
        guard concurrency <= 65_535 else { throw InvalidArgument("--flashback.concurrency must be at most 65535") }
        if let maximumRate, !(Self.slowestRate...Self.fastestRate).contains(maximumRate) {
            throw InvalidArgument("--flashback.max-requests-per-second must be from 0.001 to 1000000")
        }
        guard connectTimeout.duration > .zero else { throw InvalidArgument("--flashback.connect-timeout must be more than 0s") }
        guard timeout.duration > .zero else { throw InvalidArgument("--flashback.timeout must be more than 0s") }
        var transport = CurlTransportConfiguration()
        transport.caFile = caFile
        transport.connectTimeout = connectTimeout.duration
        transport.totalTimeout = timeout.duration
        transport.maximumConnections = concurrency
        transport.maximumConnectionsPerHost = concurrency
        return Upstream(
            baseURL: baseURL, credentials: try credentials(environment), transport: transport, concurrency: concurrency,
            maximumRate: maximumRate)
    }

    private func baseURL() throws -> APIBaseURL {
        let baseURL: APIBaseURL
        do {
            baseURL = try APIBaseURL(parsing: url)
        } catch {
            throw InvalidArgument("--flashback.url: \(error)")
        }
        if baseURL.isExposed, !allowsInsecure {
            throw InvalidArgument(
                "--flashback.url: plain http would expose the token to the network; use https, or add --flashback.allow-insecure")
        }
        return baseURL
    }

    private func credentials(_ environment: [String: String]) throws -> Credentials {
        let given = [
            tokenFile.map { ("--flashback.token-file", Credentials.tokenFile(path: $0)) },
            refreshTokenFile.map { ("--flashback.refresh-token-file", .refreshTokenFile(path: $0)) },
            try passwordCredentials().map { ("--flashback.email", $0) },
        ].compactMap { $0 }
        if given.count > 1 {
            throw InvalidArgument("\(given.map(\.0).joined(separator: " and ")) are mutually exclusive; use one of them")
        }
        if let only = given.first { return only.1 }
        guard let token = environment[Self.tokenVariable] else {
            throw InvalidArgument(
                "no access token: give --flashback.token-file, --flashback.refresh-token-file or --flashback.email, or set "
                    + Self.tokenVariable)
        }
        do {
            return .token(try AccessToken(parsing: token))
        } catch {
            throw InvalidArgument("\(Self.tokenVariable): \(error)")
        }
    }

    private func passwordCredentials() throws -> Credentials? {
        switch (email, passwordFile) {
        case (nil, nil): return nil
        case (let email?, let file?): return .password(email: email, passwordFile: file)
        default: throw InvalidArgument("--flashback.email and --flashback.password-file go together")
        }
    }
}

extension BulkMode: ExpressibleByArgument {}
