import Basics
import Foundation
import TestTools

/// A real nginx with HTTP/2 over TLS on a free loopback port. Every response names its connection in `X-Connection`.
///
/// The executable is looked up in PATH, in the system's directories and in the directory given by the environment variable `NGINX`.
final class Nginx {
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let process = Process()
    private let directory: TemporaryDirectory

    /// Starts nginx. Its port was chosen before, and another program may have taken it since; then another port is tried.
    static func started(with identity: CertificateAuthority.Identity) throws -> Nginx {
        for _ in 1...9 {
            do { return try Nginx(identity) } catch let error as NotStarted where error.description.contains("bind()") {}
        }
        return try Nginx(identity)
    }

    private init(_ identity: CertificateAuthority.Identity) throws {
        directory = try TemporaryDirectory()
        port = try Loopback.freePort()
        let configuration = """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr notice;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                keepalive_requests 100000;
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate "\(identity.certificate)";
                    ssl_certificate_key "\(identity.key)";
                    add_header X-Connection $connection always;
                    location / { return 200 "$request_method $uri"; }
                    location /file { root .; }
                    location = /connections { stub_status; }
                }
            }
            """
        _ = try directory.write(configuration, to: "nginx.conf")
        _ = try directory.write(String(repeating: "0123456789", count: 200_000), to: "file")
        process.executableURL = try Self.executable()
        process.arguments = ["-p", directory.path(), "-c", "nginx.conf", "-e", "stderr"]
        // nginx itself interprets a variable with this name as a list of sockets.
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "NGINX" }
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        // nginx writes the first line with its version once it listens.
        var log = Data()
        while log.firstRange(of: Data(": nginx/".utf8)) == nil {
            let more = errors.fileHandleForReading.availableData
            guard !more.isEmpty else { throw NotStarted(description: String(decoding: log, as: UTF8.self)) }
            log += more
        }
        // Otherwise, it would block once the pipe is full.
        errors.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        // A process inherits the blocked signals of the thread that starts it: nearly all on Swift's pool.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func executable() throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        let directories =
            [environment["NGINX"]].compactMap(\.self) + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
            + ["/usr/sbin", "/usr/local/sbin"]
        for directory in directories {
            let file = URL(filePath: directory).appending(path: "nginx")
            if FileManager.default.isExecutableFile(atPath: file.path(percentEncoded: false)) { return file }
        }
        throw NotStarted(description: "nginx is not installed: install it, or name its directory in NGINX")
    }
}
