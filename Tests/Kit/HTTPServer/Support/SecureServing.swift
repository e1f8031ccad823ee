import HTTPServer
import HTTPTypes
import NIOSSL

/// Serves with the certificate of an authority on a port of the kernel's choice while the body runs, and drains.
func serving(
    _ authority: Authority, http2: Bool = true, _ configure: (inout ListenerConfiguration) -> Void = { _ in },
    handler: @escaping HTTPListener.Handler = { echo($0) }, _ body: (Int) async throws -> Void
) async throws {
    let security = try ConnectionSecurity.fixed(try authority.serverConfiguration(http2: http2))
    try await serving(
        {
            $0.security = security
            configure(&$0)
        }, handler: handler, body)
}
