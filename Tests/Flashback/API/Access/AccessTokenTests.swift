import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import Testing

@Suite struct AccessTokenTests {
    private func token(payload: String, padded: Bool = false) throws -> AccessToken {
        var encoded = Data(payload.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        if !padded { encoded = encoded.replacing("=", with: "") }
        return try AccessToken(parsing: "eyJhbGciOiJIUzI1NiJ9.\(encoded).c2ln")
    }

    @Test(arguments: [
        "token", " token", "token\n", "\ttoken\r\n", "\n\n token \n", "\u{FEFF}token".replacing("\u{FEFF}", with: ""),
    ])
    func surroundingWhiteSpaceIsRemoved(_ text: String) throws {
        #expect(try AccessToken(parsing: text).secret.reveal() == "token")
    }

    @Test(arguments: ["", " ", "\n", "\r\n\t"])
    func anEmptyTokenIsRefused(_ text: String) {
        let error = #expect(throws: AccessTokenError.self) { try AccessToken(parsing: text) }
        #expect(error?.description == "the access token is empty")
    }

    @Test(arguments: [
        "hunter2 hunter3", "hunter2\nhunter3", "hunter2\r\nX-Evil: 1", "hunter2\0", "hünter2", "hunter2\u{7F}", "\u{FEFF}hunter2",
    ])
    func invalidTokenIsRefusedWithoutRepeatingIt(_ text: String) {
        let error = #expect(throws: AccessTokenError.self) { try AccessToken(parsing: text) }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        (#"{"exp":1705318200}"#, 1_705_318_200.0), (#"{"exp":1705318200.5,"iat":1}"#, 1_705_318_200.5),
        (#"{"userId":"ü?>","exp":1}"#, 1), (#"{"exp":0}"#, 0),
    ])
    func expiryComesFromTheClaim(_ payload: String, _ seconds: Double) throws {
        #expect(try token(payload: payload).expiresAt == Date(timeIntervalSince1970: seconds))
        #expect(try token(payload: payload, padded: true).expiresAt == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [#"{}"#, #"{"exp":null}"#, #"{"exp":"1705318200"}"#, "[]", "x", "", #"{"exp":1"#])
    func tokenWithoutClaimHasNoExpiry(_ payload: String) throws {
        #expect(try token(payload: payload).expiresAt == nil)
    }

    @Test(arguments: ["opaque", "a.b", "a.b.c.d", "..", "a.!!!.c", "a.e30.c"])
    func opaqueTokensAreAccepted(_ text: String) throws {
        let token = try AccessToken(parsing: text)
        #expect(token.secret.reveal() == text)
        #expect(token.expiresAt == nil)
    }

    @Test func descriptionHidesTheToken() throws {
        let token = try AccessToken(parsing: "hunter2")
        var dumped = ""
        dump(token, to: &dumped)
        for text in [
            "\(token)", String(reflecting: token), dumped, String(describing: Mirror(reflecting: token).children.map(\.value)),
        ] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }
}
