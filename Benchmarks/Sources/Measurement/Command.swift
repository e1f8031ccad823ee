internal import Glibc

/// A program that is run to its end and measured as a whole, from its start to its exit.
public struct Command {
    /// What one run took.
    public struct Cost: Sendable {
        /// Seconds from the start to the exit.
        public let wall: Double
        /// User and system seconds.
        public let processor: Double
    }

    private let arguments: [String]

    /// - Parameter arguments: the program, looked for in `PATH`, and its arguments.
    public init(_ arguments: [String]) {
        self.arguments = arguments
    }

    /// Runs the program with its standard output in a file and its standard error stream thrown away.
    ///
    /// It is started by hand since Foundation's `Process` tells of neither the exit at once nor the processor time.
    /// - Throws: ``BenchmarkError`` when it cannot be started or does not exit with status 0.
    public func run(standardOutput path: String) throws -> Cost {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var process: pid_t = 0
        let start = ContinuousClock.now
        let failure = posix_spawnp(&process, arguments[0], &actions, nil, words, environ)
        guard failure == 0 else {
            throw BenchmarkError("cannot start \(arguments[0]): \(String(cString: strerror(failure)))")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw BenchmarkError("\(arguments[0]) is lost: \(String(cString: strerror(errno)))") }
        }
        let wall = start.duration(to: .now).inSeconds
        guard status == 0 else { throw BenchmarkError("\(arguments[0]) failed (wait status \(status))") }
        return Cost(wall: wall, processor: usage.ru_utime.inSeconds + usage.ru_stime.inSeconds)
    }
}

extension timeval {
    fileprivate var inSeconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
