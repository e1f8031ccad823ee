import Foundation
import NIOConcurrencyHelpers

/// Prevents programs from being started between the creation of a pipe and marking its ends as not inheritable.
///
/// This is not a box around an empty value, because the thread sanitizer would report an access to that value as one to the box.
private let spawning = NIOLock()

/// A pipe whose ends are not inherited by other programs that are started at the same time.
///
/// These tests do not use Foundation's `Process`: on Linux, programs that several tasks start at once inherit each other's pipes, so that
/// the end of one is noticed only when the others have ended; and they inherit the blocked signals of Swift's threads.
struct ProcessPipe {
    let reading: Int32
    let writing: Int32

    init() throws {
        var descriptors: [Int32] = [-1, -1]
        try spawning.withLock {
            guard pipe(&descriptors) == 0 else { throw SystemError(call: "pipe", number: errno) }
            for index in descriptors.indices {
                let descriptor = descriptors[index]
                // If the tests have no standard input, a pipe would get its number, which has another meaning in the started program.
                descriptors[index] = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
                let number = errno
                close(descriptor)
                guard descriptors[index] >= 0 else { throw SystemError(call: "fcntl", number: number) }
            }
        }
        (reading, writing) = (descriptors[0], descriptors[1])
    }
}

/// A system call that failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    var description: String { "\(call): \(String(cString: strerror(number)))" }
}

/// Starts a program with no signal blocked or ignored.
/// - Parameter descriptors: become its standard input, output and error, and the descriptors after them.
func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String], descriptors: [Int32]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (standard, descriptor) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(standard))
    }
    // It must not inherit the sockets of concurrent tests either, which would not see them closed while it runs. A number above the limit
    // would be an error.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    for descriptor in Int32(descriptors.count)..<Int32(min(limit.rlim_cur, 1024)) {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var identifier: pid_t = 0
    let result = spawning.withLock { posix_spawn(&identifier, program, &actions, &attributes, &words, &variables) }
    guard result == 0 else { throw SystemError(call: "cannot start \(program)", number: result) }
    return identifier
}
