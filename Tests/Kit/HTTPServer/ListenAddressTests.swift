import HTTPServer
import Testing

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            (":10420", nil, 10_420, ":10420"), ("127.0.0.1:80", "127.0.0.1", 80, "127.0.0.1:80"),
            ("[::1]:9090", "::1", 9090, "[::1]:9090"),
            ("[::]:0", "::", 0, "[::]:0"), ("localhost:65535", "localhost", 65_535, "localhost:65535"),
            ("0.0.0.0:007", "0.0.0.0", 7, "0.0.0.0:7"),
            ("[fe80::1%eth0]:1", "fe80::1%eth0", 1, "[fe80::1%eth0]:1"), ("[127.0.0.1]:1", "127.0.0.1", 1, "127.0.0.1:1"),
        ] as [(String, String?, Int, String)])
    func validAddressesAreParsed(_ text: String, _ host: String?, _ port: Int, _ description: String) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == description)
        #expect(ListenAddress(address.description) == address)
    }

    @Test(arguments: [
        "", ":", "10420", "localhost", "localhost:", "localhost:http", ":65536", ":-1", ":+1", ":1.5", ": 80", ":80 ", "::1:80",
        "[::1]", "[]:80",
        "[::1]80", "http://localhost:80", "localhost:80/metrics", "local host:80", "[::1:80", "::1]:80", ":٣",
        ":99999999999999999999", "a:b:80",
    ])
    func invalidAddressesAreRefused(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
