import Foundation

/// A parser of input from outside: the API's answers, clients' requests, files. Tests and the libFuzzer program in `Fuzzing` share
/// these definitions.
struct FuzzTarget: Sendable {
    /// A promise about an input that was not kept. Crashes, time and memory are measured by the callers.
    struct BrokenPromise: Error {
        let description: String
    }

    let name: String
    /// Inputs to start from; those that once broke a promise stay here. Each is also run unchanged.
    let seeds: [[UInt8]]
    /// The longest input that the program passes to the parser, or one that is as long as is worth trying, in bytes.
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

    /// What an input may take: seconds of the processor, and bytes beyond its own.
    static let (mostTime, mostMemory) = (1.0, 64 * 1024 * 1024)

    /// The time that this thread has run, in seconds: a busy machine does not make an input slow.
    static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static let all: [FuzzTarget] = [
        .answers, .recordedBodies, .negotiation, .webConfiguration, .yaml, .requests, .times, .credentials, .recordings,
    ]

    /// The first lines of an input, for targets of several texts; those that are missing are empty.
    static func lines(of input: [UInt8], count: Int) -> [String] {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: count - 1, omittingEmptySubsequences: false)
        return (0..<count).map { $0 < lines.count ? String(decoding: lines[$0], as: UTF8.self) : "" }
    }

    /// - Throws: ``BrokenPromise`` when the condition does not hold.
    static func promise(_ holds: Bool, _ description: @autoclosure () -> String) throws(BrokenPromise) {
        if !holds { throw BrokenPromise(description: description()) }
    }

    /// Errors are shown as one line of a log or a response.
    static func promiseOneLine(_ error: String) throws(BrokenPromise) {
        try promise(!error.isEmpty && error.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "not one line: \(error)")
    }
}
