import FlashbackAPI
import Testing

@Suite struct APIBaseURLTests {
    @Test(arguments: [
        ("https://backend.flashback.tech", "https://backend.flashback.tech"),
        ("https://backend.flashback.tech/", "https://backend.flashback.tech"),
        ("https://host/api//", "https://host/api"), ("HTTPS://Host:8443/v1", "HTTPS://Host:8443/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ])
    func validAddressesAreParsed(_ text: String, _ description: String) throws {
        #expect(try APIBaseURL(parsing: text).description == description)
    }

    @Test(arguments: [
        "http://localhost", "http://LOCALHOST:1", "http://api.localhost", "http://127.0.0.1", "http://127.255.0.9:80/x",
        "http://[::1]:8080",
        "https://example.com", "https://10.0.0.1",
    ])
    func loopbackAndHTTPSAreNotExposed(_ text: String) throws {
        #expect(try !APIBaseURL(parsing: text).isExposed)
    }

    @Test(arguments: [
        "http://example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://128.0.0.1",
        "http://127.0.0.256", "http://127.1", "http://0177.0.0.1", "http://[::2]", "http://notlocalhost",
        "http://[::ffff:10.0.0.1]", "http://0.0.0.0",
        "http://127.0.0.1.", "http://+127.0.0.1",
    ])
    func plaintextToOtherMachinesIsExposed(_ text: String) throws {
        #expect(try APIBaseURL(parsing: text).isExposed)
    }

    @Test(arguments: [
        ("", "https:// or http://"), ("backend.flashback.tech", "https:// or http://"), ("ftp://host", "https:// or http://"),
        ("file:///etc/passwd", "https:// or http://"), ("//host", "https:// or http://"), ("https://", "has no host"),
        ("https:///path", "has no host"), ("https:host", "https:// or http://"), ("https://host?x=1", "without ? or #"),
        ("https://host/#x", "without ? or #"),
        ("https://host?", "without ? or #"), ("http://host:port", ""), ("http://host:65536", "port"), ("http://host:0", "port"),
        ("https://[::1", ""),
        ("https://ho st", ""), ("https://host/a b", ""), ("https://host\n.example.com", ""), ("https://host/\r\nX: y", ""),
        (" https://host", ""),
        ("https://host ", ""), ("https://höst", ""), ("https://host/ü", ""), ("https://host/%zz", ""),
        ("https://host\\@evil.example", ""),
    ])
    func invalidAddressesAreRefused(_ text: String, _ words: String) {
        let error = #expect(throws: InvalidBaseURL.self) { try APIBaseURL(parsing: text) }
        #expect(error?.description.contains(words) == true || words.isEmpty, "\(String(describing: error))")
    }

    @Test(arguments: [
        "https://user:hunter2@host", "https://hunter2@host", "https://hunter2:@host/x", "http://user:hunter2@127.0.0.1",
        "https://user:hunter2@",
        "https://user:hunter2@host?x", "ftp://user:hunter2@host", "https://user:hunter2@ho st", "user:hunter2@host",
    ])
    func credentialsAreRefusedAndNeverRepeated(_ text: String) {
        let error = #expect(throws: InvalidBaseURL.self) { try APIBaseURL(parsing: text) }
        #expect(!String(describing: error).contains("hunter2"))
        #expect(!String(reflecting: error).contains("hunter2"))
    }
}
