import Basics
import Testing

@Suite struct SecretTests {
    private let secret = Secret("canary-1234")

    @Test func onlyRevealShowsTheSecret() {
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

    @Test func comparesByValue() {
        #expect(secret == Secret("canary-1234"))
        #expect(secret != Secret("canary-1235"))
        #expect(Set([secret, secret]).count == 1)
    }
}
