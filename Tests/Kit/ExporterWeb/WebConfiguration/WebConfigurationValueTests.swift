import Testing

@testable import ExporterWeb

@Suite struct WebConfigurationValueTests {
    @Test(
        arguments: [
            ("0", .zero), ("0s", .zero), ("1s", .seconds(1)), ("1.5h", .seconds(5400)), ("300ms", .milliseconds(300)),
            ("1m30s", .seconds(90)), ("1h1m1s1ms1us1ns", .nanoseconds(3_661_001_001_001)), (".5s", .milliseconds(500)),
            ("1.s", .seconds(1)), ("2µs", .microseconds(2)), ("2μs", .microseconds(2)),
        ] as [(String, Duration)])
    func goDurationsAreParsed(_ text: String, _ duration: Duration) {
        #expect(GoDuration.parse(text) == duration)
    }

    @Test(arguments: ["", "1", "s", "-1s", "+1s", "1d", "1 s", "1.2.3s", ".s", "1s1", "9999999h", "1e3s", "infs", "0x1s"])
    func invalidGoDurationsAreRefused(_ text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test(
        arguments: [
            "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2a$04$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2b$31$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
        ])
    func bcryptHashesAreParsed(_ text: String) {
        #expect(BcryptHash(text) != nil)
    }

    @Test(
        arguments: [
            "", "doe", "$2y$10$mDwo", "$2x$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2y$03$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2y$32$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2y$1a$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
            "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJP:e",
            "$5$rounds=1000$0123456789abcdef$0123456789abcdef0123456789abcdef",
            "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n",
        ])
    func invalidBcryptHashesAreRefused(hash text: String) {
        #expect(BcryptHash(text) == nil)
    }

    /// The hashes and passwords of the exporter-toolkit's own tests.
    @Test func hashMatchesItsPasswordOnly() throws {
        let hash = try #require(BcryptHash("$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"))
        #expect(hash.matches(Array("dave123".utf8)))
        for wrong in ["dave124", "", "dave123\0", "dave123\0x", String(repeating: "x", count: 2000)] {
            #expect(!hash.matches(Array(wrong.utf8)))
        }
    }

    @Test(
        arguments: [
            ("Basic ZGF2ZTpkYXZlMTIz", "dave", "dave123"), ("basic ZGF2ZTo=", "dave", ""), ("BASIC OmE6Yg==", "", "a:b"),
        ])
    func credentialsAreParsed(_ header: String, _ name: String, _ password: String) throws {
        let credentials = try #require(BasicCredentials(authorization: header))
        #expect(credentials.name == Array(name.utf8))
        #expect(credentials.password == Array(password.utf8))
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Bearer ZGF2ZTpkYXZlMTIz", "Basic ZGF2ZQ==", "Basic ***", "BasicZGF2ZTpkYXZlMTIz", "Basic ZGF2ZTo",
    ])
    func invalidCredentialsAreRefused(credentials header: String) {
        #expect(BasicCredentials(authorization: header) == nil)
    }
}
