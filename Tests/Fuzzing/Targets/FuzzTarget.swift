import Foundation

/// A parser of external input: the API's answers, clients' requests, files. Tests and the libFuzzer program in `Fuzzing` share these
/// definitions.
struct FuzzTarget: Sendable {
    /// A violated promise about an input. The callers measure crashes, time and memory.
    struct BrokenPromise: Error {
        let description: String
    }

    let name: String
    /// Initial inputs, including those that once broke a promise. Each is also run unchanged.
    let seeds: [[UInt8]]
    /// The length in bytes of the longest input that the program passes to the parser, or of the longest one that is worth trying.
    let longestInput: Int
    /// Handles an input as the program does.
    let run: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    init(
        _ name: String, seeds: [String], longestInput: Int, run: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void
    ) {
        self.name = name
        self.seeds = seeds.map { Array($0.utf8) }
        self.longestInput = longestInput
        self.run = run
    }

    /// The resources that an input may take: seconds of processor time, and bytes in addition to its own.
    static let (mostTime, mostMemory) = (1.0, 64 * 1024 * 1024)

    /// The processor time of this thread in seconds: a busy machine does not make an input slow.
    static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static let all: [FuzzTarget] = [
        .answers, .recordedBodies, .negotiation, .webConfiguration, .yaml, .requests, .times, .credentials, .recordings,
    ]

    /// The first lines of an input, for targets with several texts; missing lines are empty.
    static func lines(of input: [UInt8], count: Int) -> [String] {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: count - 1, omittingEmptySubsequences: false)
        return (0..<count).map { $0 < lines.count ? String(decoding: lines[$0], as: UTF8.self) : "" }
    }

    /// - Throws: ``BrokenPromise`` when the condition does not hold.
    static func promise(_ holds: Bool, _ description: @autoclosure () -> String) throws(BrokenPromise) {
        if !holds { throw BrokenPromise(description: description()) }
    }

    /// Errors must be one line, for a log or a response.
    static func promiseOneLine(_ error: String) throws(BrokenPromise) {
        try promise(!error.isEmpty && error.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "not one line: \(error)")
    }
}
