import TestSupport

/// Creates inputs from a target's seeds; the same random seed gives the same inputs.
struct InputMutator {
    /// Bytes with a meaning for some of the parsers.
    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", "\\", "\\u", ":", ",", ";", "=", "&", "?", "%", "%00", "+", "-", ".", "/", " ", "\t",
            "\r\n", "\n", "*",
            "<<", "!", "|", ">", "#", "---", "0", "9223372036854775808", "1e999", "nan", "null", "é", "\u{301}", "🪣", "\u{FEFF}",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80]]

    private let seeds: [[UInt8]]
    private let longestInput: Int
    private var generator: SeededGenerator

    init(of target: FuzzTarget, seed: UInt64) {
        seeds = target.seeds
        longestInput = target.longestInput
        generator = SeededGenerator(seed: seed)
    }

    /// - Parameter isLong: whether to repeat a part up to the longest input, which reveals non-linear work.
    mutating func next(isLong: Bool) -> [UInt8] {
        var input = anySeed()
        for _ in 0..<Int.random(in: 1...6, using: &generator) { mutate(&input) }
        if isLong {
            var part = Array(input[range(in: input, atMost: 8)])
            let end = input.count
            while !part.isEmpty, part.count < longestInput { part += part }
            input += part.prefix(max(0, longestInput - 2 * end)) + anySeed().prefix(end)
        }
        return Array(input.prefix(longestInput))
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0 where !input.isEmpty:
            input[Int.random(in: input.indices, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where !input.isEmpty:
            input[Int.random(in: input.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        case 2: input.removeSubrange(range(in: input, atMost: 32))
        case 3: input.insert(contentsOf: Array(input[range(in: input, atMost: 64)]), at: position(in: input))
        case 4:
            let other = anySeed()
            input.replaceSubrange(range(in: input, atMost: 64), with: other[range(in: other, atMost: 64)])
        default:
            input.insert(contentsOf: Self.tokens[Int.random(in: Self.tokens.indices, using: &generator)], at: position(in: input))
        }
    }

    private mutating func anySeed() -> [UInt8] { seeds[Int.random(in: seeds.indices, using: &generator)] }

    private mutating func position(in input: [UInt8]) -> Int { .random(in: 0...input.count, using: &generator) }

    private mutating func range(in input: [UInt8], atMost length: Int) -> Range<Int> {
        let start = position(in: input)
        return start..<min(input.count, start + .random(in: 1...length, using: &generator))
    }
}
