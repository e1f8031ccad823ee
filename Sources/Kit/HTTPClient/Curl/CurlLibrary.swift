internal import CLibcurl

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Process-wide libcurl state.
enum CurlLibrary {
    /// The result of `curl_global_init`, which libcurl requires once before anything else. There is no cleanup: another part of
    /// the process could be using libcurl or OpenSSL.
    static let initialization: CURLcode = clibcurl_global_init()

    /// The CA file built into libcurl; nil when there is none or it is not readable.
    static let systemCAFile: String? = {
        guard let path = clibcurl_built_in_ca_file(), access(path, R_OK) == 0 else { return nil }
        return String(cString: path)
    }()

    /// The value of libcurl's `no_proxy`: the environment's hosts plus this machine, which a redirect may lead to as well. Local traffic
    /// must not be exposed to a proxy.
    /// - Parameter host: another name of this machine, from the request's URL.
    static func hostsWithoutProxy(besides host: String?) -> String {
        let given = environment("no_proxy") ?? environment("NO_PROXY")
        if given == "*" { return "*" }
        return [given, "localhost,127.0.0.0/8,::1", host].compactMap { $0 }.joined(separator: ",")
    }

    /// An environment variable's value; nil when it is empty or not set.
    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// libcurl's text for a result, such as "Couldn't connect to server".
    static func text(for code: CURLcode) -> String {
        curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }
}
