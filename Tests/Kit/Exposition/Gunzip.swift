import CZlib
import Foundation
import TestSupport
import TestTools

/// Decompresses gzip members with zlib, which verifies their lengths and checksums.
func gunzip(_ bytes: [UInt8]) async throws -> [UInt8] {
    try await TemporaryDirectory.with { folder in
        let path = folder.path("body.gz")
        try Data(bytes).write(to: URL(filePath: path))
        guard let file = gzopen(path, "rb") else { throw NotGzip(reason: "cannot be opened") }
        defer { gzclose(file) }
        // zlib passes data that is not gzip through unchanged.
        guard gzdirect(file) == 0 else { throw NotGzip(reason: "no gzip header") }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = gzread(file, &piece, UInt32(piece.count))
            if count == 0 { return content }
            guard count > 0 else {
                var status: Int32 = 0
                throw NotGzip(reason: String(cString: gzerror(file, &status)))
            }
            content += piece[..<Int(count)]
        }
    }
}

struct NotGzip: Error {
    let reason: String
}
