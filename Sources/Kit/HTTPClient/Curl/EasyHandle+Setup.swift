internal import Basics
internal import CLibcurl
internal import HTTPTypes

extension EasyHandle {
    /// Sets all options for a transfer; the handle must be new or reset.
    func prepare(_ transfer: Transfer, _ configuration: CurlTransportConfiguration) throws(OptionRefused) {
        let request = transfer.request
        try attach(transfer)
        try set(CURLOPT_HEADERFUNCTION) { Transfer.at($3)?.receiveHead($0, $1 * $2) ?? 0 }
        try set(CURLOPT_WRITEFUNCTION) { Transfer.at($3)?.receiveBody($0, $1 * $2) ?? 0 }
        try setMethod(request)
        try set(CURLOPT_URL, request.url)
        // Keep the path unchanged: libcurl would normalize `/bucket/../status` to `/status`.
        try set(CURLOPT_PATH_AS_IS, true)
        try setHeader(request.headerLines)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        // Requests gzip and decompresses it: `receiveBody` counts decompressed bytes, which limits compression bombs.
        try set(CURLOPT_ACCEPT_ENCODING, "gzip")
        try setConnection(transfer, configuration)
        try setTrust(configuration)
        try setRedirects(request, configuration)
        if !request.isRepeatable || !request.isHTTPS {
            try setPrerequest { context, _, _, _, _ in
                Transfer.at(context)?.mayBeSent() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            }
        }
        if let token = request.bearerToken {
            // libcurl's own bearer token, unlike a header line, is sent only to the host, port and scheme of the first request.
            // It is sent only if bearer is the authentication method.
            try set(CURLOPT_HTTPAUTH, clibcurl_auth_bearer())
            try set(CURLOPT_XOAUTH2_BEARER, token.reveal())
        }
    }

    private func setMethod(_ request: PreparedRequest) throws(OptionRefused) {
        switch (request.method, request.body) {
        case (.get, nil):
            try set(CURLOPT_HTTPGET, true)
        case (.head, _):
            try set(CURLOPT_NOBODY, true)
        case (.post, let body):
            try set(CURLOPT_POST, true)
            try setBody(body ?? [])
        case (let method, let body):
            if let body { try setBody(body) }
            try set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        }
    }

    private func setConnection(_ transfer: Transfer, _ configuration: CurlTransportConfiguration) throws(OptionRefused) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        try set(CURLOPT_NOPROXY, transfer.origin.hostsWithoutProxy)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        // Waits to see whether a connection being opened can be shared, instead of opening one per transfer.
        if transfer.request.isHTTPS { try set(CURLOPT_PIPEWAIT, true) }
        if !transfer.request.isRepeatable {
            // When a connection that was used before breaks without a response, libcurl sends any request again, even a POST. A new
            // connection does not break only because it was idle. It is closed afterwards, so that these connections do not fill the pool.
            // libcurl may still reuse one after a redirect, or share it (HTTP/2): then `Transfer.mayBeSent` prevents the repetition.
            try set(CURLOPT_FRESH_CONNECT, true)
            try set(CURLOPT_FORBID_REUSE, true)
        }
        try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
        try set(CURLOPT_TCP_KEEPALIVE, true)
        try set(CURLOPT_TCP_KEEPIDLE, 30)
        try set(CURLOPT_TCP_KEEPINTVL, 15)
        // No signals for time-outs, and no changes to SIGPIPE handling: the process is multithreaded.
        try set(CURLOPT_NOSIGNAL, true)
        // A transfer that ends during name lookup leaves the lookup thread behind; by default libcurl would wait for it and block
        // all other transfers.
        try set(CURLOPT_QUICK_EXIT, true)
    }

    private func setTrust(_ configuration: CurlTransportConfiguration) throws(OptionRefused) {
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if configuration.isForOwnMachine {
            try set(CURLOPT_SSL_VERIFYPEER, false)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
            return
        }
        try set(CURLOPT_SSL_VERIFYPEER, true)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        // A file without a directory is parsed once every ten minutes; with both, libcurl would parse the file for every connection.
        if let file = configuration.caFile ?? CurlLibrary.systemCAFile {
            try set(CURLOPT_CAINFO, file)
            try set(CURLOPT_CAPATH, nil as String?)
            try set(CURLOPT_CA_CACHE_TIMEOUT, 600)
        }
    }

    private func setRedirects(_ request: PreparedRequest, _ configuration: CurlTransportConfiguration) throws(OptionRefused) {
        guard request.followsRedirects, [.get, .head, .post].contains(request.method) else { return }
        if request.method == .get, request.body != nil { return }  // libcurl would repeat the body, with the method GET.
        try set(CURLOPT_FOLLOWLOCATION, true)
        try set(CURLOPT_MAXREDIRS, configuration.maximumRedirects)
        if request.isHTTPS {
            try set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        } else {
            // A redirect may lead from HTTP to HTTPS, but not back (`Transfer.mayBeSent`).
            try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        }
    }
}

extension Duration {
    /// In milliseconds, at least one, and at most what libcurl can represent.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
