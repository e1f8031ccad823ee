internal import Configuration

/// The content of `tls_server_config`.
struct TLSServerSettings: Sendable {
    let certificate: PEMSource
    let key: PEMSource
    /// Nil accepts certificates from any CA that the system trusts, if certificates are verified.
    let clientAuthority: PEMSource?
    let clientAuthentication: ClientAuthentication
    /// Nil accepts every certificate issued by the client CAs.
    let allowedNames: AllowedClientNames?
    let minimumVersion: TLSProtocolVersion
    let maximumVersion: TLSProtocolVersion
    /// For TLS up to 1.2. The order is ignored, as in Go since 1.17; the client's preference applies.
    let cipherSuites: [CipherSuite]
    /// The order is ignored; the TLS library follows the client's order.
    let curves: [KeyExchangeCurve]
    let offersHTTP2: Bool

    private typealias Key = WebConfigurationKey.TLS

    /// - Parameter warnings: receives probable mistakes.
    /// - Returns: nil when nothing is set, which means plain HTTP.
    init?(
        _ node: YAMLNode, directory: String, offersHTTP2: Bool, _ warnings: inout [YAMLError]
    ) throws(YAMLError) {
        let fields = try YAMLFields(node, in: WebConfigurationKey.tls.rawValue, keys: Key.self)
        if fields.isEmpty { return nil }
        let certificate = try Self.source(fields, .certificate, .certificateFile, directory)
        let key = try Self.source(fields, .key, .keyFile, directory)
        guard let certificate else { throw YAMLError(at: node.position, "tls_server_config needs one of cert_file and cert") }
        guard let key else { throw YAMLError(at: node.position, "tls_server_config needs one of key_file and key") }
        self.certificate = certificate
        self.key = key

        let authority = try Self.source(fields, .clientAuthority, .clientAuthorityFile, directory)
        clientAuthority = authority
        clientAuthentication = try Self.clientAuthentication(fields, authority: authority, &warnings)
        allowedNames = try Self.allowedNames(fields, clientAuthentication)

        let minimum = try Self.version(fields, .minimumVersion) ?? .tls12
        let maximum = try Self.version(fields, .maximumVersion) ?? .tls13
        guard minimum <= maximum else {
            throw YAMLError(
                at: (fields[.maximumVersion] ?? fields[.minimumVersion] ?? node).position,
                "min_version \(minimum.rawValue) is above max_version \(maximum.rawValue)")
        }
        minimumVersion = minimum
        maximumVersion = maximum
        let curves = try Self.choices(fields, .curves, of: KeyExchangeCurve.self)
        self.curves = curves.isEmpty ? KeyExchangeCurve.allCases : curves
        cipherSuites = try Self.cipherSuites(fields, minimum, offersHTTP2: offersHTTP2, &warnings)
        // HTTP/2 requires TLS 1.2 (RFC 9113 section 9.2).
        self.offersHTTP2 = offersHTTP2 && maximum >= .tls12
    }

    /// A certificate or key that may be given inline or as a file; an empty text counts as missing, as in the exporter-toolkit.
    private static func source(
        _ fields: YAMLFields<Key>, _ inline: Key, _ file: Key, _ directory: String
    ) throws(YAMLError) -> PEMSource? {
        func text(_ key: Key) throws(YAMLError) -> (text: String, position: YAMLPosition)? {
            guard let node = fields[key] else { return nil }
            let text = try node.text(of: key.rawValue)
            return text.isEmpty ? nil : (text, node.position)
        }
        switch (try text(inline), try text(file)) {
        case (nil, nil): return nil
        case (let content?, nil):
            return PEMSource(.inline(Array(content.text.utf8)), key: inline.rawValue, position: content.position)
        case (nil, let path?):
            return PEMSource(
                .file(FileContent.path(path.text, relativeTo: directory)), key: file.rawValue, position: path.position)
        case (_?, let path?):
            throw YAMLError(at: path.position, "\(inline.rawValue) and \(file.rawValue) are both given; keep one")
        }
    }

    private static func clientAuthentication(
        _ fields: YAMLFields<Key>, authority: PEMSource?, _ warnings: inout [YAMLError]
    ) throws(YAMLError) -> ClientAuthentication {
        var authentication = ClientAuthentication.none
        if let node = fields[.clientAuthentication] {
            let name = try node.text(of: Key.clientAuthentication.rawValue)
            guard let known = name.isEmpty ? ClientAuthentication.none : ClientAuthentication(name: name) else {
                throw unknown(name, of: .clientAuthentication, among: ClientAuthentication.self, at: node.position)
            }
            authentication = known
        }
        if let authority, authentication == .none {
            throw YAMLError(
                at: authority.position,
                "\(authority.key) is given, but client_auth_type does not ask for certificates; set it to RequireAndVerifyClientCert"
            )
        }
        if authentication.verifies, authority == nil {
            warnings.append(
                YAMLError(
                    at: fields[.clientAuthentication]?.position ?? fields.position,
                    "\(authentication.rawValue) without client_ca_file accepts certificates of every authority that the system trusts; set your own"
                ))
        }
        return authentication
    }

    private static func allowedNames(
        _ fields: YAMLFields<Key>, _ authentication: ClientAuthentication
    ) throws(YAMLError) -> AllowedClientNames? {
        guard let node = fields[.allowedNames] else { return nil }
        guard authentication.verifies else {
            throw YAMLError(
                at: node.position,
                "client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert, as the names of unverified certificates prove nothing"
            )
        }
        var names: [String] = []
        for element in try node.elements(of: Key.allowedNames.rawValue) {
            names.append(try element.text(of: "a name of client_allowed_sans"))
        }
        guard !names.isEmpty else {
            throw YAMLError(at: node.position, "client_allowed_sans is empty: no client would be accepted")
        }
        return AllowedClientNames(names)
    }

    private static func version(_ fields: YAMLFields<Key>, _ key: Key) throws(YAMLError) -> TLSProtocolVersion? {
        guard let node = fields[key] else { return nil }
        let name = try node.text(of: key.rawValue)
        guard let version = TLSProtocolVersion(rawValue: name) else {
            throw unknown(name, of: key, among: TLSProtocolVersion.self, at: node.position)
        }
        return version
    }

    private static func cipherSuites(
        _ fields: YAMLFields<Key>, _ minimum: TLSProtocolVersion, offersHTTP2: Bool, _ warnings: inout [YAMLError]
    ) throws(YAMLError) -> [CipherSuite] {
        let chosen = try choices(fields, .cipherSuites, of: CipherSuite.self)
        let isChosen = !chosen.isEmpty
        // The default is all of these, as in Go.
        let suites = (isChosen ? chosen : CipherSuite.allCases).filter { $0.value != nil }
        let position = fields[.cipherSuites]?.position ?? fields.position
        guard minimum < .tls13 else { return suites.isEmpty ? CipherSuite.allCases : suites }
        guard !suites.isEmpty else {
            throw YAMLError(
                at: position,
                "cipher_suites has only TLS 1.3 suites, which are always enabled; add one for TLS 1.2, or set min_version: TLS13")
        }
        if offersHTTP2, isChosen, CipherSuite.requiredForHTTP2.isDisjoint(with: suites) {
            throw YAMLError(
                at: position,
                "cipher_suites lacks what HTTP/2 requires: add TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, or set http_server_config's http2: false"
            )
        }
        if let node = fields[.prefersServerCipherSuites], try node.boolean(of: Key.prefersServerCipherSuites.rawValue),
            suites.count > 1
        {
            warnings.append(
                YAMLError(
                    at: node.position,
                    "prefer_server_cipher_suites: true has no effect, as in Go since 1.17: the client's order counts; remove it"))
        }
        return suites
    }

    /// The values in a list, without duplicates.
    private static func choices<Choice: CaseIterable & Hashable & RawRepresentable<String>>(
        _ fields: YAMLFields<Key>, _ key: Key, of type: Choice.Type
    ) throws(YAMLError) -> [Choice] {
        guard let node = fields[key] else { return [] }
        var choices: [Choice] = []
        for element in try node.elements(of: key.rawValue) {
            let name = try element.text(of: "a name of \(key.rawValue)")
            guard let choice = Choice(rawValue: name) else { throw unknown(name, of: key, among: type, at: element.position) }
            if !choices.contains(choice) { choices.append(choice) }
        }
        return choices
    }

    private static func unknown<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String, of key: Key, among type: Choice.Type, at position: YAMLPosition
    ) -> YAMLError {
        let known = Choice.allCases.map(\.rawValue)
        let hint =
            YAMLName.nearest(to: name, among: known).map { "did you mean \($0)?" } ?? "known: \(known.joined(separator: ", "))"
        return YAMLError(at: position, "\(key.rawValue) cannot be \(YAMLName.quoted(name)); \(hint)")
    }
}
