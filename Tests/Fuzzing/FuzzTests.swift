import Foundation
import TestTools
import Testing

/// A few inputs of the kind that `scripts/torture/fuzz.sh` creates by the million.
@Suite(.serialized) struct FuzzTests {
    /// The number of mutated inputs for each parser, and how many of them have the maximum length.
    private static let (inputs, longInputs) = (1000, 8)
    private static let seed: UInt64 = 18
    /// These builds are not optimized. Under a sanitizer, an input may take twenty times as long, and memory is not checked.
    private static let isSanitized = !sanitizerOptions.isEmpty

    @Test(arguments: FuzzTarget.all.map(\.name)) func inputKeepsThePromises(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var mutator = InputMutator(of: target, seed: Self.seed)
        for seed in target.seeds { try check(seed, target) }
        for _ in 0..<Self.inputs { try check(mutator.next(isLong: false), target) }
        for _ in 0..<Self.longInputs {
            let input = mutator.next(isLong: true)
            let memory = try PeakMemory()
            try check(input, target)
            let growth = try memory.growth()
            #expect(Self.isSanitized || growth <= FuzzTarget.mostMemory + input.count, "\(growth) bytes for \(Self.shown(input))")
        }
    }

    private func check(_ input: [UInt8], _ target: FuzzTarget) throws {
        let start = FuzzTarget.processorTime
        do {
            try target.run(input)
        } catch {
            Issue.record("\(error.description): \(Self.shown(input))")
        }
        let time = FuzzTarget.processorTime - start
        if time > FuzzTarget.mostTime * (Self.isSanitized ? 20 : 1) { Issue.record("\(time) s for \(Self.shown(input))") }
    }

    private static func shown(_ input: [UInt8]) -> String {
        let text = String(decoding: input.prefix(600), as: UTF8.self).debugDescription
        return "\(input.count) bytes \(text), base64 \(Data(input.prefix(3000)).base64EncodedString())"
    }
}

/// The process' peak resident memory since the measurement began.
private struct PeakMemory {
    private let start: Int

    init() throws {
        // Resets the peak; see proc(5).
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        start = try Self.status("VmRSS")
    }

    /// In bytes.
    func growth() throws -> Int { try Self.status("VmHWM") - start }

    private static func status(_ name: String) throws -> Int {
        let text = String(decoding: try Data(contentsOf: URL(filePath: "/proc/self/status")), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name):") })
        return try #require(line.split { " \t".contains($0) }.dropFirst().first.flatMap { Int($0) }) * 1024
    }
}
