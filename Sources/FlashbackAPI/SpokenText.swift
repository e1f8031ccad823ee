internal import CurlTransport

/// Makes a text from outside fit to stand in a log line: one line, not long, and without the secrets that we know of.
func spoken(_ text: String, hiding secrets: [Secret]) -> String {
    // By scalars: a combining mark after the secret would make another character of its last one.
    var scalars = text.unicodeScalars
    // The longest first: a secret may be the beginning of another, whose rest must not stay.
    for secret in secrets.map({ $0.reveal() }).sorted(by: { $0.utf8.count > $1.utf8.count }) where !secret.isEmpty {
        scalars = scalars.replacing(secret.unicodeScalars, with: "<redacted>".unicodeScalars)
    }
    let limit = 200
    let line = String(scalars.prefix(limit).map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return scalars.count > limit ? line + "…" : line
}
