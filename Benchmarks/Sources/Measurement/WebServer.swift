internal import Foundation

/// nginx, sending the files of a directory as fast as it can, or standing before an API.
public final class WebServer {
    /// Host and port.
    public let address: String
    private let server: Server

    /// - Parameters:
    ///   - directory: for its files.
    ///   - listening: words of the directive `listen` after the address.
    ///   - site: what the server does, in nginx' words; by default it sends the directory's files.
    ///   - before: directives that stand before the server.
    /// - Throws: ``BenchmarkError`` when there is no nginx.
    public init(
        directory: String, listening: String = "", site: String? = nil, before: String = "access_log off;"
    ) throws {
        let port = try FreePort.find()
        address = "127.0.0.1:\(port)"
        let configuration = directory + "/nginx.conf"
        try """
        daemon off;
        master_process off;
        pid \(directory)/nginx.pid;
        error_log stderr notice;
        events {}
        http {
            sendfile on; tcp_nopush on;
            client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy; fastcgi_temp_path \(directory)/fastcgi;
            uwsgi_temp_path \(directory)/uwsgi; scgi_temp_path \(directory)/scgi;
            \(before)
            server { listen \(address) \(listening); keepalive_requests 1000000; \(site ?? "root \(directory);") }
        }
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let programs = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        guard let program = programs.first(where: FileManager.default.isExecutableFile) else {
            throw BenchmarkError("nginx is not installed; on Debian: apt-get install nginx-light")
        }
        // The line in which it names its version comes when it listens.
        server = try Server(
            program, ["-p", directory, "-c", configuration, "-e", "stderr"], announcement: "nginx/",
            announcesOnStandardError: true)
    }

    public func stop() { server.stop() }

    /// User and system seconds so far.
    public var processorSeconds: Double { server.processorSeconds }
}
