import Foundation

/// HTTP with the curl command, a client that shares no code with the tested programs.
enum HTTP {
    struct Answer {
        let status: Int
        /// By lower-case name.
        let fields: [String: String]
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Requests an address and reads the whole answer, whatever its status.
    /// - Parameters:
    ///   - form: parameters to send as a POST form.
    ///   - options: further options of curl.
    static func send(
        _ method: String = "GET", _ url: String, fields: [String: String] = [:], form: [String: String] = [:],
        options: [String] = []
    ) async throws -> Answer {
        var arguments = ["-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "300", "--globoff", "--include"]
        switch method {
        case "GET" where form.isEmpty: break
        case "HEAD": arguments.append("--head")
        default: arguments += ["--request", method]
        }
        for (name, value) in fields { arguments += ["--header", "\(name): \(value)"] }
        for (name, value) in form { arguments += ["--data-urlencode", "\(name)=\(value)"] }
        let curl = try await RunningProcess.finished(try Program.curl(), arguments + options + [url])
        guard curl.end == .status(0) else { throw Failed(description: curl.errorText) }
        return try answer(curl.output)
    }

    /// Parses an answer as received over the connection.
    static func answer(_ bytes: Data) throws -> Answer {
        guard let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) else { throw Failed(description: "no end of the head") }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failed(description: "not a status line: \(lines[0])")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts.dropFirst().first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        }
        return Answer(status: status, fields: fields, body: bytes[end.upperBound...])
    }
}
