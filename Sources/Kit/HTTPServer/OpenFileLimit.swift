#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The process' limit on open files, which also limits connections (getrlimit(2)).
enum OpenFileLimit {
    /// Files reserved for purposes other than client connections: API connections, files, event queues.
    private static let others = 256

    /// How many connections may be open: the requested number, if the system allows it. The soft limit is raised as far as the hard limit
    /// permits; its default is low only for programs that use select(2), which this one does not.
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
