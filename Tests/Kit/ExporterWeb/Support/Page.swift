import Basics
import ExporterWeb
import Exposition
import HTTPServer
internal import HTTPTypes

/// A page for responders whose page does not matter.
let aPage: @Sendable (ListenerRequest) async -> ListenerResponse = { _ in .text(.ok, "A page.") }

extension [MetricSource] {
    /// Sources as the exporter has them: what a closure collects, and the process' own.
    static func of(_ snapshot: @escaping @Sendable (Duration, Set<Identifier>?) async -> MetricSnapshot) -> [MetricSource] {
        [MetricSource([]) { await snapshot($0.timeout ?? .zero, $0.accounts) }] + own
    }

    static var own: [MetricSource] { [.build, .process] }
}
