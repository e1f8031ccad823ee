import Basics
import ExporterWeb
import Exposition
import HTTPServer
internal import HTTPTypes

/// A page for responders whose page does not matter.
let aPage: @Sendable (ListenerRequest) async -> ListenerResponse = { _ in .text(.ok, "A page.") }

extension [MetricSource] {
    /// Sources like the exporter's: what a closure collects, and the process' own families.
    static func of(_ snapshot: @escaping @Sendable (Duration, Set<Identifier>?) async -> MetricSnapshot) -> [MetricSource] {
        [MetricSource([]) { await snapshot($0.timeout ?? .zero, $0.accounts) }] + own
    }

    static var own: [MetricSource] { [.build, .process] }
}
