import Basics
import HTTPClient
import HTTPTypes
import Testing

@Suite("A secret")
struct SecretTests {
    private let secret = Secret("canary-1234")

    @Test("shows itself to nobody but reveal()")
    func redacted() {
        #expect(secret.reveal() == "canary-1234")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped, "\(Optional(secret) as Any)",
            "\([secret])", "\(["key": secret])",
        ] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("canary"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test("stays hidden inside a request")
    func insideRequest() {
        let request = TransferRequest(method: .get, url: "http://a.example/", bearerToken: secret)
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("canary"))
        }
    }

    @Test("compares by its value")
    func equality() {
        #expect(secret == Secret("canary-1234"))
        #expect(secret != Secret("canary-1235"))
        #expect(Set([secret, secret]).count == 1)
    }
}
