import Foundation

extension RunningProcess {
    /// Waits until the program listens on a port, for programs that do not log the port that the kernel chose.
    /// - Returns: `127.0.0.1:port`.
    func listeningAddress() async throws -> String {
        for _ in 0..<3000 {
            if let port = listeningPort() { return "127.0.0.1:\(port)" }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HTTP.Failed(description: "the program does not listen; it wrote: \(everything)")
    }

    /// The port of the program's first listening TCP socket.
    private func listeningPort() -> UInt16? {
        let descriptors = "/proc/\(identifier)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
        let links = names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)") }
        let inodes = Set(links.compactMap { $0.wholeMatch(of: /socket:\[(\d+)\]/)?.1 })
        for line in Self.lines(of: "/proc/net/tcp").dropFirst() {
            // sl local_address rem_address st … inode, as in proc(5); 0A is TCP_LISTEN.
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", inodes.contains(fields[9]) else { continue }
            return fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
        }
        return nil
    }

    /// Foundation's method for reading a whole file stops at the first partial read of a file in `/proc`.
    private static func lines(of path: String) -> [Substring] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        var text = Data()
        while let piece = try? file.read(upToCount: 65_536), !piece.isEmpty { text.append(piece) }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
}
