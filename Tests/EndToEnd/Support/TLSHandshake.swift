import Foundation

/// A handshake by the openssl command, whose TLS library shares no code with the exporter's.
struct TLSHandshake {
    /// Such as "TLSv1.3".
    let version: String
    /// OpenSSL's name of the suite.
    let cipherSuite: String
    /// The key exchange, such as "X25519, 253 bits".
    let keyExchange: String

    /// Completes a handshake and disconnects.
    /// - Returns: nil when the server or the client refused it.
    static func with(_ address: String, _ options: String...) async throws -> TLSHandshake? {
        let finished = try await RunningProcess.finished(
            try Program.openssl(), ["s_client", "-brief", "-connect", address] + options)
        guard finished.end == .status(0) else { return nil }
        func field(_ name: String) -> String {
            let line = finished.errorText.split(separator: "\n").first { $0.hasPrefix(name + ": ") }
            return line.map { String($0.dropFirst(name.count + 2)) } ?? ""
        }
        return TLSHandshake(
            version: field("Protocol version"), cipherSuite: field("Ciphersuite"), keyExchange: field("Server Temp Key"))
    }
}
