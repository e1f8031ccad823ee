import FlashbackRecording
import Foundation
import Testing

@Suite struct RecordingFileTests {
    private let header =
        #"{"format":"flashback-recording","version":1,"exporter":"1.0","began":"2024-01-15T10:30:00.000Z"}"# + "\n"

    private func refusal(_ text: String) -> String {
        do {
            _ = try Recording(parsing: Array(text.utf8))
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test func readsWhatItWrites() throws {
        let recording = Recording(
            exporterVersion: "1.0", began: Date(timeIntervalSince1970: 1_705_314_600),
            exchanges: [
                RecordedExchange(
                    method: "POST", template: "/a", path: "/a", query: "x=1", requestBody: Array(#"{"body":1}"#.utf8), start: 5,
                    duration: 6, status: 200, headers: [.init(name: "content-type", value: "a \"b\" \\ \u{1}")],
                    body: Array(#"{"n":12345678901234567890,"n":"},\"body\":{"}"#.utf8)),
                RecordedExchange(method: "GET", template: nil, path: "/", query: "", failure: "timeout"),
                RecordedExchange(method: "GET", template: nil, path: "/", query: "", status: 502, otherBodyBytes: 12),
            ])
        #expect(try Recording(parsing: recording.lines.flatMap(\.self)) == recording)
    }

    @Test func refusesOtherFilesInOneLine() {
        #expect(refusal("").contains("not a recording"))
        #expect(refusal("flashback_up 1\n").contains("not a recording"))
        #expect(refusal(header.replacing(#""version":1"#, with: #""version":2"#)).contains("version 2 of the format"))
        #expect(refusal(header.replacing("2024-", with: "x")).hasPrefix("line 1:"))
        #expect(refusal(header + "\n{}\n") == "line 3: not an exchange")
        #expect(
            refusal(header + #"{"method":"GET","path":"/","start_ms":0,"duration_ms":0,"status":9,"headers":{}}"#).hasPrefix(
                "line 2"))
        for text in ["[]", "{", "{\"method\":", "\"a\"", "\u{0}"] {
            #expect(refusal(header + text) == "line 2: not an exchange")
        }
    }
}
