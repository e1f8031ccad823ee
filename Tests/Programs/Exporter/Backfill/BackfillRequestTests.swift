import Configuration
import FlashbackAPI
import FlashbackCollectors
import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct BackfillRequestTests {
    /// 2024-01-15T10:30:00Z.
    private static let now = Date(timeIntervalSince1970: 1_705_314_600)

    private static func request(
        from: String = "2024-01-01", to: String = "2024-01-08", step: Duration = .seconds(300), labels: [String] = []
    ) throws -> BackfillRequest {
        try BackfillRequest(from: from, to: to, step: step, labels: labels, output: "file", now: now)
    }

    @Test func daysAreThoseInUTCThatAreOver() throws {
        #expect(try Self.request().period.days.count == 7)
        #expect(try Self.request(to: "2024-01-15").period.days.count == 14)
        #expect(try Self.request(from: "2023-01-14", to: "2024-01-15").period.days.count == 366)
    }

    @Test(
        arguments: [
            ("2024-01-08", "2024-01-01", "--to: 2024-01-01 must be after --from, which is 2024-01-08"),
            ("2024-01-08", "2024-01-08", "--to: 2024-01-08 must be after --from, which is 2024-01-08"),
            ("2024-01-08", "2024-01-16", "--to: only days that are over have final values; give at most today, 2024-01-15"),
            ("2023-01-13", "2024-01-15", "--from: 367 days are too many for one file; give at most 366"),
            ("1.1.2024", "2024-01-15", "--from: \"1.1.2024\" is not a date; write it like 2026-10-01"),
            ("2024-01-01", "2024-02-30", "--to: \"2024-02-30\" is not a date; write it like 2026-10-01"),
            ("2024-01-01", "tomorrow\n", "--to: \"tomorrow\\n\" is not a date; write it like 2026-10-01"),
        ])
    func invalidDaysAreOneLine(_ from: String, _ to: String, _ message: String) {
        #expect { try Self.request(from: from, to: to) } throws: { "\($0)" == message }
    }

    @Test(arguments: [60, 240, 300, 3600, 86_400])
    func stepThatDividesADayIsAccepted(_ seconds: Int64) throws {
        #expect(try Self.request(step: .seconds(seconds)).period.step == Int(seconds))
    }

    @Test(
        arguments: [.zero, .seconds(59), .seconds(30), .milliseconds(60_500), .seconds(420), .seconds(172_800)] as [Duration])
    func otherStepsAreRefused(_ step: Duration) {
        #expect { try Self.request(step: step) } throws: {
            "\($0)" == "--step must be from 1m to 1d and divide a day, such as 1m, 5m or 1h"
        }
    }

    @Test func labelsKeepTheirOrderAndValuesMayContainEqualsSigns() throws {
        let labels = try Self.request(labels: ["job=flashback", "cluster=a=b"]).labels
        #expect(labels.map(\.name) == ["job", "cluster"] && labels.map(\.value) == ["flashback", "a=b"])
    }

    @Test(
        arguments: [
            ("job", "--label: \"job\" is not a label; write it like job=flashback"),
            ("job=", "--label: \"job=\" is not a label; write it like job=flashback"),
            ("=x", "--label: \"\" cannot be the name of a label"),
            ("__name__=x", "--label: \"__name__\" cannot be the name of a label"),
            ("1a=x", "--label: \"1a\" cannot be the name of a label"),
            ("bucket_id=x", "--label: the series have a label bucket_id of their own"),
            ("account=x", "--label: the series have a label account of their own"),
            ("day=x", "--label: the series have a label day of their own"),
        ])
    func invalidAndReservedLabelsAreRefused(_ label: String, _ message: String) {
        #expect { try Self.request(labels: [label]) } throws: { "\($0)" == message }
        #expect { try Self.request(labels: ["a=1", "a=2"]) } throws: { "\($0)" == "--label: a is given twice" }
    }
}
