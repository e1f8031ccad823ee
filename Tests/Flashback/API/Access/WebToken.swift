import Foundation

/// A token in the form of a JSON Web Token with an `exp` claim.
func webToken(expiringAt date: Date, name: String = "token") -> String {
    func encoded(_ text: String) -> String {
        Data(text.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
    let claims = #"{"userId":"\#(name)","exp":\#(Int(date.timeIntervalSince1970))}"#
    return [encoded(#"{"alg":"HS256","typ":"JWT"}"#), encoded(claims), "c2lnbmF0dXJl"].joined(separator: ".")
}
