internal import Glibc
internal import Measurement

/// Times the same work several times and prints a line about it.
struct Stopwatch {
    let runs: Int

    /// Measures the processor time of the thread, which hardly depends on what else the machine does.
    /// - Parameters:
    ///   - count: how many things the work does, of which the line says how many are done in a second.
    ///   - work: gives something back that depends on what it did, so that the compiler cannot leave it out.
    func time(_ name: String, count: Int, of things: String, _ work: () throws -> Int) rethrows {
        var results: [Double] = []
        for run in 0...runs {
            let start = threadSeconds
            blackHole(try work())
            if run > 0 { results.append(threadSeconds - start) }
        }
        report(name, count, things, "of CPU", results)
    }

    /// As ``time(_:count:of:_:)``, for work that waits: measures the time that passes.
    func time(_ name: String, count: Int, of things: String, _ work: () async throws -> Int) async rethrows {
        var results: [Double] = []
        for run in 0...runs {
            let start = ContinuousClock.now
            blackHole(try await work())
            if run > 0 { results.append(start.duration(to: .now).inSeconds) }
        }
        report(name, count, things, "passing", results)
    }

    private var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func report(_ name: String, _ count: Int, _ things: String, _ kind: String, _ results: [Double]) {
        let spread = Spread(results)
        let milliseconds = Spread(results.map { $0 * 1000 })
        let rate = Int(Double(count) / spread.median)
        print("\(name)\n    \(milliseconds) ms \(kind) for \(count) \(things), \(rate) a second")
    }
}

@inline(never)
private func blackHole(_ result: Int) {}
