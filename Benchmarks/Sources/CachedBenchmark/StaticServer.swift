internal import Foundation
internal import Glibc
internal import Measurement

/// nginx, sending the files of a directory as fast as it can.
final class StaticServer {
    let address: String
    private let server: Server

    /// - Throws: `BenchmarkError` when there is no nginx.
    init(directory: String) throws {
        let port = try Self.freePort()
        address = "127.0.0.1:\(port)"
        let configuration = directory + "/nginx.conf"
        try """
        daemon off;
        master_process off;
        pid \(directory)/nginx.pid;
        error_log stderr notice;
        events {}
        http {
            access_log off; sendfile on; tcp_nopush on;
            client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy; fastcgi_temp_path \(directory)/fastcgi;
            uwsgi_temp_path \(directory)/uwsgi; scgi_temp_path \(directory)/scgi;
            server { listen \(address); root \(directory); }
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

    func stop() { server.stop() }

    var processorSeconds: Double { server.processorSeconds }

    /// A port that was free a moment ago: nginx cannot be told to take any.
    private static func freePort() throws -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isBound else { throw BenchmarkError("no free port: \(String(cString: strerror(errno)))") }
        return UInt16(bigEndian: address.sin_port)
    }
}
