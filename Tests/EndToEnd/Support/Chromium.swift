import Foundation
import TestTools

/// Headless Chromium, a client that shares no code with the tested programs.
enum Chromium {
    /// A page as the browser loaded it.
    struct Visit {
        /// The document after loading, as HTML.
        let document: String
        /// The messages of its console: policy violations and errors.
        let console: [String]
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens an address in a window of the given width.
    static func visit(_ url: String, width: Int = 1280) async throws -> Visit {
        let profile = try TemporaryDirectory()
        let browser = try await RunningProcess.finished(
            try Program.chromium(),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
                "--user-data-dir=\(profile.path("profile"))", "--window-size=\(width),900", "--hide-scrollbars",
                "--enable-logging=stderr", "--dump-dom", url,
            ], environment: ["HOME": profile.path("home")])
        guard browser.end == .status(0) else { throw Failed(description: "\(browser.end): \(browser.errorText)") }
        return Visit(
            document: browser.outputText,
            console: browser.errorText.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init))
    }
}
