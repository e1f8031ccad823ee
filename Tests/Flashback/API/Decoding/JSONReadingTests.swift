import FlashbackAPI
import TestSupport
import Testing

/// Compares the JSON decoder with Foundation's: both accept the same bodies, with the same values.
@Suite struct JSONReadingTests {
    @Test(arguments: 0..<20)
    func randomDocumentsAreReadLikeFoundationDoes(_ part: UInt64) {
        for seed in part * 100..<part * 100 + 100 {
            var maker = RandomDocument(seed: seed)
            let body = maker.body()
            #expect(Reading(body) == Reading(byFoundation: body), "seed \(seed): \(String(decoding: body, as: UTF8.self))")
        }
    }

    @Test func randomDocumentsAreMostlyReadable() {
        let readings = (UInt64(0)..<500).map { seed in
            var maker = RandomDocument(seed: seed)
            return Reading(maker.body())
        }
        let rows = readings.filter { if case .rows(let rows, _, _) = $0 { rows.contains { $0.total != nil } } else { false } }
        #expect(rows.count > 50)
    }

    @Test(arguments: 0..<20)
    func damagedDocumentsAreReadLikeFoundationDoes(_ part: UInt64) {
        for seed in part * 200..<part * 200 + 200 {
            var maker = RandomDocument(seed: seed)
            let body = maker.mutated(maker.body())
            let reading = Reading(body)
            let expected = Reading(byFoundation: body)
            // Foundation accepts a comma after the last element, which RFC 8259 forbids.
            let same = reading == expected || reading.isNoJSON && Reading(withoutTrailingCommas(body)) == expected
            #expect(same, "seed \(seed): \(String(decoding: body, as: UTF8.self)): \(reading) instead of \(expected)")
        }
    }

    @Test func randomBytesDoNotCrash() {
        var random = SeededGenerator(seed: 1)
        let alphabet = Array("{}[]\",:\\u0d8-+.eEtruefalsn \n\u{FEFF}é\"\"\"id".utf8)
        for _ in 0..<20_000 {
            let body = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let reading = Reading(body)
            if !reading.isNoJSON { #expect(reading == Reading(byFoundation: body), "\(String(decoding: body, as: UTF8.self))") }
        }
    }

    @Test(arguments: 0..<60)
    func everyTruncationIsRefused(_ seed: UInt64) {
        var maker = RandomDocument(seed: seed)
        let body = maker.body()
        let isContainer = Reading(body) != Reading(Array("1".utf8))
        guard isContainer, body.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }) else { return }
        let end = body.lastIndex { !" \n\r\t".utf8.contains($0) } ?? 0
        for length in 1...end {
            let reading = Reading(Array(body[..<length]))
            #expect(reading == Reading(byFoundation: Array(body[..<length])), "seed \(seed), \(length) bytes")
            #expect(reading.isNoJSON, "seed \(seed), \(length) bytes")
        }
    }

    /// The body without commas before the end of a list or an object.
    private func withoutTrailingCommas(_ body: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var comma: Int?
        var isInString = false
        var isEscaped = false
        for byte in body {
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else if byte == UInt8(ascii: ",") {
                comma = kept.count
            } else if !" \n\r\t".utf8.contains(byte) {
                if let comma, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { kept[comma] = UInt8(ascii: " ") }
                comma = nil
                isInString = byte == UInt8(ascii: "\"")
                isEscaped = false
            }
            kept.append(byte)
        }
        return kept
    }
}
