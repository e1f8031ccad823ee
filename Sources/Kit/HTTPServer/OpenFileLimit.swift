#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How many files, and so connections, the process may have open (getrlimit(2)).
enum OpenFileLimit {
    /// What is left for what is not a client's connection: those to the API, files, event queues.
    private static let others = 256

    /// How many connections may be open, which is as many as are asked for if the system allows it. The soft limit is raised as
    /// far as the hard one lets it: it is low for the sake of programs that use select(2), of which this is none.
    static func connections(_ asked: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return asked }
        let wanted = rlim_t(asked) + rlim_t(others)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            guard setrlimit(resource, &limit) == 0 else { return asked }
        }
        let allowed = Int(clamping: limit.rlim_cur)
        return max(1, min(asked, max(allowed - others, allowed / 2)))
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
