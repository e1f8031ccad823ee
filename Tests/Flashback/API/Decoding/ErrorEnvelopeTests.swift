import FlashbackAPI
import Testing

/// The forms of errors on the API's pages.
@Suite struct ErrorEnvelopeTests {
    @Test(
        arguments: [
            (
                #"{"success":false,"message":"Bucket or user not found"}"#, nil, "Bucket or user not found",
                "Bucket or user not found"
            ),
            (#"{"success":false,"error_code":"NO_AUTH_USER"}"#, "NO_AUTH_USER", nil, "NO_AUTH_USER"),
            (#"{"success":false,"error_code":"X","message":"m"}"#, "X", "m", "X: m"),
            (#"{"success":false,"message":"m","error":"E"}"#, nil, "m", "m"),
            (#"{"success":false,"error":"E"}"#, nil, "E", "E"),
            (#"{"success":false,"error_code":"X","error_message":"m"}"#, "X", "m", "X: m"),
            (#"{"success":false,"message":"m","errorCode":"X","errorMessage":"n"}"#, "X", "m", "X: m"),
            (#"{"success":false,"errorMessage":"n"}"#, nil, "n", "n"),
            (#"{"message":null,"error":"E"}"#, nil, "E", "E"),
            (#"{}"#, nil, nil, nil),
            (#"{"message":7,"error_code":[]}"#, nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func everyFormIsRead(_ body: String, _ code: String?, _ message: String?, _ text: String?) throws {
        let envelope = try #require(ErrorEnvelope(body: Array(body.utf8)))
        #expect(envelope.code == code)
        #expect(envelope.message == message)
        #expect(envelope.text == text)
    }

    @Test(
        arguments: [(#"{"success":false}"#, false), (#"{"success":true}"#, true), (#"{"success":"no"}"#, nil), ("{}", nil)]
            as [(String, Bool?)])
    func successIsRead(_ body: String, _ success: Bool?) throws {
        #expect(try #require(ErrorEnvelope(body: Array(body.utf8))).success == success)
    }

    @Test(arguments: ["", "<html></html>", "[]", "null", "\"x\"", "{\"message\":\"cut"])
    func nonObjectsAreNotEnvelopes(_ body: String) {
        #expect(ErrorEnvelope(body: Array(body.utf8)) == nil)
    }
}
