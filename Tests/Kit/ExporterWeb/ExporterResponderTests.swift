import Basics
import ExporterWeb
import Exposition
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct ExporterResponderTests {
    private let family = MetricFamily("demo", .gauge, help: "A demonstration.")
    private let selection = ScrapeSelection(collectors: [], families: [])

    private func responder(
        telemetryPath: String = "/metrics", ready: Bool = true,
        snapshot: @escaping @Sendable (Duration, Set<Identifier>?) async -> MetricSnapshot = { _, _ in .empty }
    ) -> ExporterResponder {
        ExporterResponder(
            telemetryPath: telemetryPath, selection: selection, isReady: { ready }, page: aPage, sources: .of(snapshot))
    }

    private func ask(
        _ responder: ExporterResponder, _ path: String, _ method: HTTPRequest.Method = .get, headerFields: HTTPFields = [:]
    ) async -> ListenerResponse {
        await responder.respond(
            to: ListenerRequest(
                head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headerFields)))
    }

    private func text(_ response: ListenerResponse) -> String {
        String(decoding: response.body.bytes, as: UTF8.self)
    }

    @Test func metricsAreTheSnapshotAndTheExportersOwn() async throws {
        let rendered = RenderedFamily(family: family, lines: Array("demo 7\n".utf8))
        let response = await ask(responder { _, _ in MetricSnapshot([rendered]) }, "/metrics")
        #expect(response.status == .ok)
        #expect(response.headerFields[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let parsed = try ParsedExposition(response.body.bytes)
        #expect(parsed.value("demo") == 7)
        #expect(parsed.value("flashback_exporter_build_info") == 1)
        #expect(parsed.value("process_start_time_seconds") != nil)
        #expect(Set(parsed.families.map(\.name)).subtracting([MetricSource].own.flatMap(\.families).map(\.name)) == ["demo"])
    }

    @Test func cancelledScrapeIsNotConverted() async throws {
        let rendered = RenderedFamily(family: family, lines: Array("demo 7\n".utf8))
        let protobuf: HTTPFields = [
            .accept: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        ]
        func status(cancelled: Bool) async -> HTTPResponse.Status {
            await Task {
                if cancelled { withUnsafeCurrentTask { $0?.cancel() } }
                return await ask(responder { _, _ in MetricSnapshot([rendered]) }, "/metrics", headerFields: protobuf)
            }.value.status
        }
        #expect(await status(cancelled: false) == .ok)
        #expect(await status(cancelled: true) == .serviceUnavailable)
    }

    @Test func unknownQueryIsIgnored() async {
        #expect(await ask(responder(), "/metrics?x=1").status == .ok)
        #expect(await ask(responder(), "/?x=1").status == .ok)
    }

    @Test func headIsAnsweredLikeGet() async {
        for path in ["/metrics", "/", "/-/healthy", "/-/ready"] {
            let (get, head) = (await ask(responder(), path), await ask(responder(), path, .head))
            #expect(head.status == get.status)
            #expect(head.headerFields == get.headerFields)
        }
    }

    @Test func otherPathsHaveHandlersOfTheirOwn() async {
        let responder = ExporterResponder(
            selection: selection, isReady: { true }, page: aPage,
            others: ["/extra": { .text(.ok, "extra \($0.query ?? "")") }, "/metrics": { _ in .text(.ok, "not the metrics") }],
            sources: .of { _, _ in .empty })
        #expect(await text(ask(responder, "/extra?x=1")) == "extra x=1\n")
        #expect(await ask(responder, "/extra", .head).status == .ok)
        let refused = await ask(responder, "/extra", .post)
        #expect(refused.status == .methodNotAllowed && refused.headerFields[.allow] == "GET, HEAD")
        #expect(await ask(responder, "/extra/").status == .notFound)
        #expect(await text(ask(responder, "/metrics")) != "not the metrics\n")
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .options, .patch, .trace])
    func otherMethodsAreRefused(_ method: HTTPRequest.Method) async {
        for path in ["/metrics", "/", "/-/healthy", "/-/ready"] {
            let response = await ask(responder(), path, method)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headerFields[.allow] == "GET, HEAD")
        }
        #expect(await ask(responder(), "/nothing", method).status == .notFound)
    }

    @Test(arguments: ["/nothing", "/metrics/", "/metricsx", "//", "/-/", "/-/healthy/", "/%6Detrics", "*", "/METRICS"])
    func otherPathsAreNotFound(_ path: String) async {
        let response = await ask(responder(telemetryPath: "/m"), path)
        #expect(response.status == .notFound)
        #expect(text(response) == "Not found. The metrics are at /m.\n")
    }

    @Test func telemetryPathIsConfigurable() async {
        #expect(
            await ask(responder(telemetryPath: "/m"), "/m").headerFields[.contentType]?.hasPrefix("text/plain; version") == true)
        #expect(
            await ask(responder(telemetryPath: "/"), "/").headerFields[.contentType]?.hasPrefix("text/plain; version") == true)
    }

    @Test func healthDoesNotCollect() async {
        let responder = responder(ready: false) { _, _ in
            Issue.record("the metrics were requested")
            return .empty
        }
        let healthy = await ask(responder, "/-/healthy")
        #expect(healthy.status == .ok)
        #expect(text(healthy) == "The exporter is healthy.\n")
        let ready = await ask(responder, "/-/ready")
        #expect(ready.status == .serviceUnavailable)
        #expect(text(ready) == "The first refresh has not finished yet.\n")
        #expect(await ask(responder, "/").status == .ok)
        #expect(await ask(self.responder(ready: true), "/-/ready").status == .ok)
    }

    // MARK: Reloading, as in Prometheus

    private func reloading(_ reload: (@Sendable () async -> ReloadOutcome)?) -> ExporterResponder {
        ExporterResponder(selection: selection, isReady: { true }, reload: reload, page: aPage, sources: .of { _, _ in .empty })
    }

    @Test(arguments: [HTTPRequest.Method.post, .put])
    func reloadReadsTheConfigurationAgain(_ method: HTTPRequest.Method) async {
        let good = await ask(reloading { .active }, "/-/reload", method)
        #expect(good.status == .ok)
        #expect(text(good) == "Configuration reloaded.\n")
        let bad = await ask(reloading { .refused("line 3: no such key") }, "/-/reload", method)
        #expect(bad.status == .internalServerError)
        #expect(text(bad) == "failed to reload config: line 3: no such key\n")
        let disabled = await ask(reloading(nil), "/-/reload", method)
        #expect(disabled.status == .forbidden)
        #expect(text(disabled).hasPrefix("Lifecycle API is not enabled."))
    }

    @Test(arguments: [HTTPRequest.Method.get, .head, .delete, .options])
    func getDoesNotReload(_ method: HTTPRequest.Method) async {
        let responder = reloading {
            Issue.record("the configuration was read")
            return .active
        }
        let response = await ask(responder, "/-/reload", method)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headerFields[.allow] == "POST, PUT")
    }

    @Test func scrapeTimeoutIsPassedOn() async throws {
        let asked = NIOLockedValueBox<[Duration]>([])
        let responder = ExporterResponder(
            scrapeTimeout: ScrapeTimeout(maximum: .seconds(20), offset: .seconds(1)), selection: selection, isReady: { true },
            page: aPage,
            sources: .of { timeout, _ in
                asked.withLockedValue { $0.append(timeout) }
                return .empty
            })
        let name = try #require(HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds"))
        _ = await ask(responder, "/metrics", headerFields: [name: "5"])
        _ = await ask(responder, "/metrics")
        #expect(asked.withLockedValue { $0 } == [.seconds(4), .seconds(20)])
    }
}
