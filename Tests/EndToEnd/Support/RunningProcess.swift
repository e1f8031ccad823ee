import Foundation
import NIOConcurrencyHelpers
import TestTools

/// A program started by a test, with its output so far and its end.
final class RunningProcess: Sendable {
    /// An output stream of a program.
    enum Stream: Hashable, CaseIterable {
        case output, error
    }

    /// How a program ended.
    enum End: Hashable {
        case status(Int32)
        case signal(Int32)
    }

    private struct State {
        var bytes: [Stream: Data] = [.output: Data(), .error: Data()]
        var closed: Set<Stream> = []
        var end: End?
        var watchers: [UUID: AsyncStream<Void>.Continuation] = [:]

        /// The complete lines of a stream so far: half a line may contain half a port.
        func lines(of stream: Stream) -> [Substring] {
            let text = String(decoding: bytes[stream] ?? Data(), as: UTF8.self)
            let lines = text.split(separator: "\n")
            return closed.contains(stream) || text.unicodeScalars.last == "\n" ? lines : lines.dropLast()
        }
    }

    let identifier: pid_t
    private let state = NIOLockedValueBox(State())

    /// Runs a program while the body runs, then kills it if it is still running, and waits for its end, so that it does not compete with
    /// what runs next for the API or the processor.
    /// - Parameters:
    ///   - environment: its whole environment except `PATH` and the options of sanitizers, so that it sees neither this machine's proxies
    ///     nor its secrets.
    ///   - sockets: the sockets that it inherits, from descriptor 3 on.
    static func running<Result>(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], sockets: [Int32] = [],
        _ body: (RunningProcess) async throws -> Result
    ) async throws -> Result {
        let running = try RunningProcess(program, arguments, environment, input: Data(), sockets: sockets)
        let result: Result
        do {
            defer { running.send(SIGKILL) }
            result = try await body(running)
        }
        try await running.end()
        return result
    }

    /// Runs a program to its end.
    static func finished(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], input: Data = Data()
    ) async throws -> FinishedProcess {
        let running = try RunningProcess(program, arguments, environment, input: input)
        defer { running.send(SIGKILL) }
        let end = try await running.end()
        return running.state.withLockedValue {
            FinishedProcess(end: end, output: $0.bytes[.output] ?? Data(), error: $0.bytes[.error] ?? Data())
        }
    }

    /// Starts a program.
    /// - Parameter input: its input; short enough for a pipe to hold, or read at once.
    private init(
        _ program: URL, _ arguments: [String], _ environment: [String: String], input: Data, sockets: [Int32] = []
    ) throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment = sanitizerOptions.merging(["PATH": path]) { $1 }.merging(environment) { $1 }
        let (standardInput, output, error) = (try ProcessPipe(), try ProcessPipe(), try ProcessPipe())
        identifier = try spawn(
            program.path(percentEncoded: false), arguments, environment,
            descriptors: [standardInput.reading, output.writing, error.writing] + sockets)
        for descriptor in [standardInput.reading, output.writing, error.writing] { close(descriptor) }
        // A separate thread: under this load, Dispatch's ways of waiting for descriptors have crashed on Linux.
        Thread.detachNewThread { [self] in
            collect([(.output, output.reading), (.error, error.reading)])
            reap()
        }
        let handle = FileHandle(fileDescriptor: standardInput.writing, closeOnDealloc: true)
        if !input.isEmpty { try handle.write(contentsOf: input) }
    }

    /// Sends a signal, unless the program has ended.
    /// - Parameter toGroup: whether to signal its child processes too. It must lead its own process group, as with `setsid`.
    func send(_ signal: Int32, toGroup: Bool = false) {
        state.withLockedValue { state in
            if state.end == nil { kill(toGroup ? -identifier : identifier, signal) }
        }
    }

    /// The output of the program so far.
    func text(of stream: Stream) -> String {
        state.withLockedValue { String(decoding: $0.bytes[stream] ?? Data(), as: UTF8.self) }
    }

    /// The output of the program on both streams so far.
    var everything: String { Stream.allCases.map(text(of:)).joined() }

    /// Waits for a line that contains a text, and returns the first.
    func line(of stream: Stream = .error, containing text: String) async throws -> String {
        try await lines(of: stream, containing: text, count: 1)[0]
    }

    /// Waits for a number of lines that contain a text.
    func lines(of stream: Stream = .error, containing text: String, count: Int) async throws -> [String] {
        let result: Result<[String], MissingLine> = try await wait { state in
            let lines = state.lines(of: stream).filter { $0.contains(text) }
            if lines.count >= count { return .success(lines.map(String.init)) }
            guard state.closed.contains(stream) else { return nil }
            return .failure(MissingLine(text: text, end: state.end, error: state.lines(of: .error).joined(separator: "\n")))
        }
        return try result.get()
    }

    /// Waits for the program's end and all of its output.
    @discardableResult
    func end() async throws -> End {
        try await wait { $0.closed.count == Stream.allCases.count ? $0.end : nil }
    }

    // MARK: Reading output

    /// Collects output until both streams end.
    private func collect(_ streams: [(stream: Stream, descriptor: Int32)]) {
        var polled = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while polled.contains(where: { $0.fd >= 0 }) {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 {
                let count = read(polled[index].fd, &buffer, buffer.count)
                if count > 0 {
                    change { $0.bytes[streams[index].stream]?.append(contentsOf: buffer[..<count]) }
                } else if count == 0 || errno != EINTR {
                    close(polled[index].fd)
                    polled[index].fd = -1  // Not polled any more.
                    change { _ = $0.closed.insert(streams[index].stream) }
                }
            }
        }
    }

    /// Waits for the program's end. It stays a zombie until `send` knows about it, so that no other program receives its signals.
    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        change { state in
            var status: Int32 = 0
            waitpid(identifier, &status, 0)
            let signal = status & 0x7F
            state.end = signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let watchers = state.withLockedValue { state in
            change(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Waits until there is a value; throws when the task is cancelled, as at a test's time limit.
    private func wait<Value: Sendable>(for value: @Sendable (borrowing State) -> Value?) async throws -> Value {
        let (changes, watcher) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        state.withLockedValue { $0.watchers[id] = watcher }
        defer { state.withLockedValue { $0.watchers[id] = nil } }
        watcher.yield()
        for await _ in changes {
            if let found = state.withLockedValue({ value($0) }) { return found }
        }
        throw CancellationError()
    }
}

/// A program that has ended, and what it wrote.
struct FinishedProcess {
    let end: RunningProcess.End
    let output: Data
    let error: Data

    var outputText: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: error, as: UTF8.self) }
}

/// A program ended, or closed a stream, without writing the expected line.
struct MissingLine: Error, CustomStringConvertible {
    let text: String
    let end: RunningProcess.End?
    let error: String

    var description: String {
        "the program ended (\(end.map { "\($0)" } ?? "not yet")) without a line with \"\(text)\"; it wrote: \(error)"
    }
}
