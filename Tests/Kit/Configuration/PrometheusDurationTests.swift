import Configuration
import Testing

@Suite struct PrometheusDurationTests {
    @Test(
        arguments: [
            ("0", .zero), ("0s", .zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("1h30m", .seconds(5400)), ("1d", .seconds(86_400)), ("2w", .seconds(14 * 86_400)), ("1y", .seconds(365 * 86_400)),
            ("1y1w1d1h1m1s1ms", .milliseconds((373 * 86_400 + 3661) * 1000 + 1)), ("90m", .seconds(5400)), ("007s", .seconds(7)),
            ("9223372036854775807ms", .milliseconds(Int64.max)),
        ] as [(String, Duration)])
    func durationsAreParsed(_ text: String, _ duration: Duration) throws {
        #expect(try PrometheusDuration(parsing: text).duration == duration)
    }

    @Test(arguments: [
        "", " ", "s", "5", "00", "5 s", " 5s", "5s ", "5S", "5sec", "1.5s", "+5s", "5m1h", "1s1s", "1ms1s", "1h1", "s5", "٣s",
        "5s\n",
        "1e3s", "0x5s", "1\u{301}s",
    ])
    func invalidDurationsAreRefused(_ text: String) {
        let error = #expect(throws: InvalidArgument.self) { try PrometheusDuration(parsing: text) }
        #expect(error?.description == "a duration is written like 30s, 5m, 1h30m or 500ms")
    }

    @Test(arguments: ["-1s", "-0", "-"])
    func negativeDurationsAreRefused(_ text: String) {
        let error = #expect(throws: InvalidArgument.self) { try PrometheusDuration(parsing: text) }
        #expect(error?.description == "a duration must not be negative")
    }

    @Test(arguments: ["9223372036854775807s", "292471209y", "9223372036854775s808ms", "106751991168d"])
    func overflowingDurationsAreRefused(_ text: String) {
        let error = #expect(throws: InvalidArgument.self) { try PrometheusDuration(parsing: text) }
        #expect(error?.description == "the duration is too long")
    }

    @Test(
        arguments: [
            (.zero, "0s"), (.milliseconds(1), "1ms"), (.seconds(30), "30s"), (.seconds(5400), "1h30m"),
            (.milliseconds(61_500), "1m1s500ms"),
            (.seconds(400 * 86_400), "400d"), (.microseconds(1), "0s"),
        ] as [(Duration, String)])
    func durationsAreFormatted(_ duration: Duration, _ text: String) {
        #expect(PrometheusDuration(duration).description == text)
    }

    @Test func formattedDurationsAreParsed() throws {
        for milliseconds: Int64 in [1, 999, 1000, 59_999, 3_600_000, 86_399_999, 86_400_000, 31_536_000_000, 123_456_789_012] {
            let duration = PrometheusDuration(.milliseconds(milliseconds))
            #expect(try PrometheusDuration(parsing: duration.description) == duration)
        }
    }
}
