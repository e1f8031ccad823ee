/// The variables that Kubernetes sets in every container for the services around it, and Docker did for its links.
///
/// A service that is called as the program is makes variables that begin as the program's own do: `FLASHBACK_EXPORTER_PORT`,
/// `FLASHBACK_EXPORTER_SERVICE_HOST`, `FLASHBACK_EXPORTER_PORT_10420_TCP_ADDR`.
enum ServiceLink {
    /// Whether a variable is one of them.
    static func isOne(_ name: String, _ value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") { return true }
        let words = name.split(separator: "_")
        // …_SERVICE_PORT_NAME, whose value is a port's number.
        if UInt16(value) != nil, words.indices.contains(where: { words[$0...].starts(with: ["SERVICE", "PORT"]) }) {
            return true
        }
        // …_PORT, whose value is an address such as tcp://10.0.0.1:80.
        let isAddress = ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
        if isAddress, words.last == "PORT" { return true }
        // …_PORT_80_TCP and what follows it.
        return words.indices.contains { index in
            let rest = words[index...]
            guard rest.count >= 3, rest.first == "PORT", UInt16(rest[index + 1]) != nil else { return false }
            return ["TCP", "UDP", "SCTP"].contains(rest[index + 2])
        }
    }
}
