import HTTPServer
import Testing

@Suite struct QueryParametersTests {
    @Test(
        arguments: [
            (nil, "a", []), ("", "a", []), ("a", "a", [""]), ("a=", "a", [""]), ("a=1", "a", ["1"]),
            ("a=1&a=2", "a", ["1", "2"]),
            ("b=1", "a", []), ("a[]=1&a%5B%5D=2", "a[]", ["1", "2"]), ("a=b=c", "a", ["b=c"]), ("&&a=1&", "a", ["1"]),
            ("a=x+y%2Bz", "a", ["x y+z"]), ("a=%", "a", ["%"]), ("a=%zz%4", "a", ["%zz%4"]), ("a=%C3%A9", "a", ["é"]),
            ("a=%FF", "a", ["\u{FFFD}"]), ("a=1;b=2", "b", []),
        ] as [(Substring?, String, [String])])
    func queryIsDecodedAsAForm(_ query: Substring?, _ name: String, _ values: [String]) {
        #expect(QueryParameters(query)[name] == values)
    }
}
