internal import HTTPListener
internal import HTTPTypes

/// The page at `/`, for a person who has found the port and wants to know what it is.
struct LandingPage {
    let telemetryPath: String

    var response: ListenerResponse {
        var fields: HTTPFields = [.contentType: "text/html; charset=utf-8"]
        // The page needs nothing but its own style.
        fields[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
        fields[.xContentTypeOptions] = "nosniff"
        return ListenerResponse(status: .ok, headerFields: fields, body: [Array(html.utf8)])
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Flashback exporter</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
        h1 { margin-bottom: 0; }
        .version { margin-top: 0; opacity: .7; }
        li { margin: .25rem 0; }
        </style>
        </head>
        <body>
        <h1>Flashback exporter</h1>
        <p class="version">Version \(Self.escaped(BuildInformation.version)), revision \(Self.escaped(BuildInformation.revision))</p>
        <p>Prometheus metrics about the storage buckets that Flashback manages.</p>
        <ul>
        <li><a href="\(Self.escaped(telemetryPath))">Metrics</a></li>
        <li><a href="/-/healthy">Health</a>: the program runs</li>
        <li><a href="/-/ready">Readiness</a>: the API has been asked for the first time</li>
        </ul>
        </body>
        </html>

        """
    }

    /// Text as it stands in HTML, between tags and in quoted attributes.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
