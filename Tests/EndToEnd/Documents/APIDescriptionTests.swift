import TestTools
import Testing

@Suite(.timeLimit(.minutes(10)))
struct APIDescriptionTests {
    private let description = RepositoryFile("docs/api.yaml").path

    @Test func examplesOfTheDocumentationMatchTheDescription() async throws {
        let check = try await Python.finished([RepositoryFile("docs/tests/check_api.py").path, description])
        #expect(check.outputText == "\n")
        #expect(check.end == .status(0), "\(check.errorText)")
    }

    /// Flags of the simulator for the forms on the endpoints' pages, and for all other forms.
    static let dialects = [
        [],
        [
            "--dialect.latency=latencyMs", "--dialect.bucket-id=unitId", "--dialect.totals=number",
            "--dialect.totals-names=camelCase", "--dialect.azure=AZURE", "--dialect.list=array", "--dialect.available=envelope",
            "--dialect.optional-fields=null", "--dialect.latency-when-down=missing", "--dialect.last-updated=last_updated",
            "--dialect.node-status=nodeStatus", "--dialect.host=endpoint", "--dialect.uptime=online",
            "--dialect.disconnected=ERROR", "--dialect.online-bucket=ACTIVE", "--dialect.access-token=access_token",
            "--dialect.refresh-token=refresh_token", "--dialect.expires-at=milliseconds", "--dialect.times=seconds",
            "--dialect.client-fields", "--dialect.series-times=milliseconds", "--dialect.node-id=identifier-and-address",
            "--dialect.day=seconds", "--dialect.statistics=string", "--dialect.repository-buckets-name=units",
            "--dialect.repository-buckets=identifier", "--dialect.nodes=array", "--dialect.node-latency=latency_ms",
            "--dialect.node-address=host", "--dialect.online-node=running", "--dialect.traffic-names=snake_case",
            "--dialect.traffic=string", "--dialect.omit-total-entities", "--dialect.amounts=string", "--dialect.credit-date=day",
            "--dialect.quota-errors=error_code",
        ],
    ]

    @Test(arguments: dialects)
    func schemathesisFindsOnlyDescribedResponsesOfTheSimulator(_ flags: [String]) async throws {
        let arguments = ["--web.listen-address=127.0.0.1:0", "--latency=0s", "--jitter=0s"] + flags
        try await RunningProcess.running(Program.simulator, arguments) { process in
            let line = try await process.line(of: .output, containing: "Listening on ")
            let url = try #require(line.split(separator: " ").last)
            let run = try await Python.finished([
                "-m", "schemathesis.cli", "run", description, "--url", String(url),
                "--header", "Authorization: Bearer simulated-token", "--phases", "examples,coverage,fuzzing",
                // A name may already be in use, which the description cannot express.
                "--exclude-checks", "positive_data_acceptance",
                "--max-examples", "20", "--generation-deterministic",
                "--continue-on-failure", "--no-color",
            ])
            #expect(run.end == .status(0), "\(run.outputText)\(run.errorText)")
            #expect(run.outputText.contains(" passed"))
        }
    }
}
