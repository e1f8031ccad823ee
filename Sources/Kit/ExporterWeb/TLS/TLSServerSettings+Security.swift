internal import HTTPServer
internal import NIOCore
internal import NIOSSL

/// Conversion of the settings for the listener.
extension TLSServerSettings {
    /// Reads certificates and key. This is disk I/O that takes milliseconds and must not happen on the event loop.
    /// - Parameter files: records the files read.
    func connectionSecurity(_ files: inout WatchedFiles) throws(WebConfigurationError) -> ConnectionSecurity {
        let chain = try Self.certificates(certificate, &files)
        let privateKey = try Self.privateKey(key, &files)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        // How long a closed connection, with all of its memory, waits for the client to close it too. A flood creates thousands of them
        // within the default of 5 s.
        tls.shutdownTimeout = .seconds(1)
        tls.minimumTLSVersion = minimumVersion.value
        tls.maximumTLSVersion = maximumVersion.value
        tls.cipherSuiteValues = cipherSuites.compactMap(\.value)
        tls.curves = curves.map(\.value)
        tls.applicationProtocols =
            offersHTTP2 ? ConnectionSecurity.applicationProtocolsWithHTTP2 : ConnectionSecurity.applicationProtocols
        tls.certificateVerification = clientAuthentication.verification
        tls.verifySignatureAlgorithms = Self.signatureAlgorithms
        let authorities = try clientAuthority.map { source throws(WebConfigurationError) in try Self.certificates(source, &files)
        }
        // For NIOSSL, nil means the system's CAs, which should be used only if certificates are verified.
        tls.trustRoots = authorities.map { .certificates($0) } ?? (clientAuthentication.verifies ? .default : .certificates([]))
        // The list tells clients with several certificates which one to send, as in Go. The system has too many CAs to list.
        tls.sendCANameList = authorities != nil
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: tls)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw key.error("the key does not match the certificate in \(certificate.key)")
        } catch {
            throw certificate.error("the TLS library cannot use the certificate: \(error)")
        }
        var acceptsClientCertificate: (@Sendable (NIOSSLCertificate) -> Bool)?
        if let allowedNames { acceptsClientCertificate = { allowedNames.contain(oneOf: $0) } }
        return ConnectionSecurity(
            context: context, offersHTTP2: offersHTTP2, acceptsClientCertificate: acceptsClientCertificate,
            takesAnyClientCertificate: clientAuthentication.takesAny)
    }

    /// The accepted signature algorithms of clients. BoringSSL's default lacks Ed25519 and P-521, which Go accepts.
    private static let signatureAlgorithms: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512,
    ]

    private static func certificates(
        _ source: PEMSource, _ files: inout WatchedFiles
    ) throws(WebConfigurationError) -> [NIOSSLCertificate] {
        let bytes = try source.bytes(&files)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw source.error("no certificate in PEM format (-----BEGIN CERTIFICATE-----)")
        }
        return certificates
    }

    private static func privateKey(_ source: PEMSource, _ files: inout WatchedFiles) throws(WebConfigurationError)
        -> NIOSSLPrivateKey
    {
        let bytes = try source.bytes(&files)
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw source.error("no private key in PEM format (-----BEGIN PRIVATE KEY-----), or an encrypted one")
        }
        return key
    }
}
