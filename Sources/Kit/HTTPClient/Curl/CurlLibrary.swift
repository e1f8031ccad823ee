internal import CLibcurl

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// What is done once for the whole process.
enum CurlLibrary {
    /// The result of `curl_global_init`, which libcurl wants called once before anything else. Nothing is ever undone: another
    /// part of the process could be using libcurl or OpenSSL.
    static let initialization: CURLcode = clibcurl_global_init()

    /// The file of trusted certificates that libcurl was built to use; nil when it was built to use none, or there is none.
    static let systemCAFile: String? = {
        guard let path = clibcurl_built_in_ca_file(), access(path, R_OK) == 0 else { return nil }
        return String(cString: path)
    }()

    /// What libcurl is told in the place of the variable `no_proxy`: its hosts, and this machine, which a redirect may lead to too. A
    /// proxy would be shown for nothing what need not leave this machine.
    /// - Parameter host: a name of this machine that a request goes to.
    static func hostsWithoutProxy(besides host: String?) -> String {
        let given = environment("no_proxy") ?? environment("NO_PROXY")
        if given == "*" { return "*" }
        return [given, "localhost,127.0.0.0/8,::1", host].compactMap { $0 }.joined(separator: ",")
    }

    /// A variable's value; nil when it is empty or not set.
    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// libcurl's own words for a result, such as "Couldn't connect to server".
    static func text(for code: CURLcode) -> String {
        curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }
}
