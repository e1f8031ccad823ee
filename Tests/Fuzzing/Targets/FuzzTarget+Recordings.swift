import FlashbackAPI
import FlashbackRecording
import FlashbackSimulator
import Foundation

extension FuzzTarget {
    /// A recording, read for a replay or for the contract check.
    static let recordings = FuzzTarget(
        "recordings",
        seeds: [
            header + exchange, header + exchange + "\n" + exchange.replacingOccurrences(of: "200", with: "599"),
            header + #"{"method":"POST","path":"/bucket/b/stats","query":"startDate=1062024&endDate=x,99999999999&a","#
                + #""request":{"day":"2024-01-15T00:00:00.000Z"},"start_ms":1,"duration_ms":0,"failure":"timeout","headers":{}}"#,
            header + #"{"method":"GET","path":"/v2/stats/storage/breakdown/nodes","#
                + #""query":"limit=100&offset=9223372036854775807","start_ms":1,"duration_ms":0,"status":200,"headers":{},"body":"#
                + #"{"success":true,"entities":[{}],"meta":{"totalEntities":5}}}"#,
            header + #"{ "path" : "/" , "method":"GET","start_ms":0,"duration_ms":0,"headers":{"a":"b"},"other_body_bytes":9}"#,
            header.replacingOccurrences(of: "2024", with: "9999"), header.replacingOccurrences(of: ":1,", with: ":2,"), "{}\n",
            "\n",
        ], longestInput: 256 * 1024
    ) { input throws(BrokenPromise) in
        let recording: Recording
        do {
            recording = try Recording(parsing: input)
        } catch {
            return try promiseOneLine("\(error)")
        }
        let again = try? Recording(parsing: recording.lines.flatMap(\.self))
        try promise(again?.exchanges == recording.exchanges, "not read as it was written")
        _ = RecordingReplay(recording)
        let check = ContractCheck()
        check.examine(recording)
        for line in check.lines { try promiseOneLine(line) }
    }

    private static let header =
        #"{"format":"flashback-recording","version":1,"exporter":"1.0","began":"2024-01-15T10:30:00.000Z"}"# + "\n"
    private static let exchange =
        #"{"method":"GET","endpoint":"/bucket","path":"/bucket","query":"workspaceId=workspace-1","start_ms":5,"duration_ms":6,"#
        + #""status":200,"headers":{"content-type":"application/json"},"body":{"n":[1,"},\"body\":{",null],"n":1e5}}"#
}
