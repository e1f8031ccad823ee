internal import CurlTransport

/// Makes a text from outside fit to stand in a log line: one line, not long, and without the secrets that we know of.
func spoken(_ text: String, hiding secret: Secret?) -> String {
    // By scalars: a combining mark after the secret would make another character of its last one.
    var scalars = text.unicodeScalars
    if let secret, !secret.reveal().isEmpty {
        scalars = scalars.replacing(secret.reveal().unicodeScalars, with: "<redacted>".unicodeScalars)
    }
    let limit = 200
    let line = String(scalars.prefix(limit).map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return scalars.count > limit ? line + "…" : line
}
