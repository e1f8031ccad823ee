import Foundation
import HeldMemory

/// libFuzzer with the target that the environment variable `FUZZ_TARGET` names; the arguments are libFuzzer's. The target's seeds are
/// written to the directory that `FUZZ_SEEDS` names. Without a target, the names of all are printed.
///
/// An input that breaks a promise ends the process, and libFuzzer keeps it. At the end the most that an input took is printed.
///
/// SwiftPM renames an executable's main function to this.
@_cdecl("fuzz_main")
public func fuzz(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    guard let target else {
        for target in FuzzTarget.all { print(target.name) }
        return environment["FUZZ_TARGET"] == nil ? 0 : 2
    }
    do {
        guard let directory = environment["FUZZ_SEEDS"] else { fatalError("FUZZ_SEEDS is missing") }
        for (index, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: URL(filePath: directory).appending(path: "seed-\(index)"))
        }
    } catch {
        fatalError("cannot write the seeds: \(error)")
    }
    held_memory_install()
    atexit {
        let most = "most for an input: \(Int(longestTime * 1000)) ms, \(highestMemory / 1024) KiB\n"
        FileHandle.standardError.write(Data(most.utf8))
    }
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments) { start, count in
        run(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    }
}

private func run(_ input: [UInt8]) {
    let start = FuzzTarget.processorTime
    held_memory_begin(FuzzTarget.mostMemory + input.count)
    do {
        try target?.run(input)
    } catch {
        fatalError(error.description)
    }
    highestMemory = max(highestMemory, held_memory_end())
    let time = FuzzTarget.processorTime - start
    longestTime = max(longestTime, time)
    if time > FuzzTarget.mostTime { fatalError("\(time) s of processor time") }
}

private let target = FuzzTarget.all.first { $0.name == ProcessInfo.processInfo.environment["FUZZ_TARGET"] }

nonisolated(unsafe) private var (longestTime, highestMemory) = (0.0, 0)

/// libFuzzer's entry for programs with a main function of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
