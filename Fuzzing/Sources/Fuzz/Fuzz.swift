import Foundation

/// libFuzzer with the target that the environment variable `FUZZ_TARGET` names; the arguments are libFuzzer's. The target's seeds are
/// written to the directory that `FUZZ_SEEDS` names. Without a target, the names of all are printed.
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
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments) { start, count in
        do {
            try target?.run(Array(UnsafeBufferPointer(start: start, count: count)))
        } catch {
            fatalError(error.description)
        }
        return 0
    }
}

private let target = FuzzTarget.all.first { $0.name == ProcessInfo.processInfo.environment["FUZZ_TARGET"] }

/// libFuzzer's entry for programs with a main function of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
