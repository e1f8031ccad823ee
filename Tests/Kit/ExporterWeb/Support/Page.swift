import HTTPServer
internal import HTTPTypes

/// A page for responders whose page does not matter.
let aPage: @Sendable (ListenerRequest) async -> ListenerResponse = { _ in .text(.ok, "A page.") }
