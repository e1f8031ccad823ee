import FlashbackAPI
import FlashbackSimulator
import TestSupport
import Testing

@testable import FlashbackCollectors

/// What a lane remembers about refusals and omitted buckets.
@Suite struct BulkLaneTests {
    private static let interval = BulkLane.retryInterval

    /// The client's error for a status.
    private func error(_ status: Int) async throws -> APIError {
        var settings = SimulatedAccount.Settings()
        settings.retries = .never
        let account = try SimulatedAccount(SimulatorConfiguration(), settings, time: ManualTime())
        account.simulation.faults.add(.status(status))
        do throws(APIError) {
            _ = try await account.client.send(ListNodeStatuses(BucketBatch()))
        } catch {
            return error
        }
        throw Unexpected()
    }

    private struct Unexpected: Error {}

    @Test func onlyOneTrialIsMadeAtATime() async throws {
        var lane = BulkLane(.auto)
        let refusal = try await error(404)
        #expect(lane.isInUse && lane.mayRequestTogether(at: .zero))
        let (first, second) = (lane.began([1], at: .zero), lane.began([2], at: .zero))
        guard case .refused = lane.ended(first, refusal, at: .seconds(1)) else { throw Unexpected() }
        #expect(lane.ended(second, refusal, at: .seconds(2)) == nil)
        #expect(!lane.isInUse && !lane.mayRequestTogether(at: Self.interval))
        let end = Self.interval + .seconds(2)
        #expect(lane.mayRequestTogether(at: end))
        let trial = lane.began([1], at: end)
        #expect(trial.isTrial && !lane.mayRequestTogether(at: end))
        // An answer to an earlier request proves nothing.
        #expect(lane.ended(second, nil, at: end) == nil && !lane.isInUse)
        guard case .resumed = lane.ended(trial, nil, at: end) else { throw Unexpected() }
        #expect(lane.isInUse)
    }

    @Test func modesWithoutFallbackIgnoreRefusals() async throws {
        var always = BulkLane(.always)
        let terms = always.began([1], at: .zero)
        let refusal = try await error(404)
        #expect(always.ended(terms, refusal, at: .zero) == nil && always.isInUse)
        #expect(!terms.defers(refusal))
        #expect(!BulkLane(.never).mayRequestTogether(at: .zero) && !BulkLane(.never).isInUse)
    }

    @Test func omittedBucketIsAloneForAWhileUnlessItHasNoReports() {
        var lane = BulkLane(.auto)
        for slot in 1...3 { lane.answered(slot, isDeferred: true, isEmpty: false, at: .zero) }
        lane.read(2, isEmpty: true, at: .seconds(1))
        lane.read(1, isEmpty: false, at: .seconds(1))
        lane.forget(3)
        #expect((0...3).map { lane.isAlone($0, at: .seconds(2)) } == [false, true, false, false])
        let terms = lane.began([0, 2], at: .seconds(2))
        func meaning(of slot: Int, _ terms: BulkTerms, mayLackReports: Bool) -> BulkTerms.Omission {
            terms.meaningOfOmission(of: slot, mayLackReports: mayLackReports, isFirstOfDay: true)
        }
        #expect(meaning(of: 2, terms, mayLackReports: false) == .noReports)
        #expect(meaning(of: 0, terms, mayLackReports: true) == .unknown)
        #expect(!lane.isAlone(1, at: Self.interval))
        #expect(meaning(of: 2, lane.began([2], at: Self.interval), mayLackReports: false) == .unknown)
    }

    @Test func bucketThatWasInTheAnswerLacksReportsWhenADayBegins() {
        var lane = BulkLane(.auto)
        func meaning(at now: Duration, mayLackReports: Bool = true, isFirstOfDay: Bool = true) -> BulkTerms.Omission {
            lane.began([1], at: now).meaningOfOmission(of: 1, mayLackReports: mayLackReports, isFirstOfDay: isFirstOfDay)
        }
        lane.answered(1, isDeferred: false, isEmpty: false, at: .zero)
        #expect(meaning(at: .zero) == .noReports)
        #expect(meaning(at: .zero, isFirstOfDay: false) == .unknown)
        #expect(meaning(at: .zero, mayLackReports: false) == .unknown)
        lane.answered(1, isDeferred: false, isEmpty: true, at: .zero)
        // Later answers on the same day may omit it too, for a while.
        #expect(meaning(at: .seconds(300), isFirstOfDay: false) == .noReports)
        lane.answered(1, isDeferred: false, isEmpty: true, at: .seconds(300))
        #expect(meaning(at: Self.interval) == .unknown, "another omission must not prolong it")
        lane.answered(1, isDeferred: false, isEmpty: false, at: .seconds(600))
        #expect(meaning(at: .seconds(900), isFirstOfDay: false) == .unknown, "reports of the day have disappeared")
        lane.answered(1, isDeferred: true, isEmpty: false, at: .seconds(900))
        #expect(lane.isAlone(1, at: .seconds(901)))
    }

    @Test(arguments: [400, 401, 403, 404, 405, 414, 431, 501])
    func refusals(_ status: Int) async throws { #expect(try await error(status).isRefusal == (status != 401)) }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func failures(_ status: Int) async throws { #expect(try await !error(status).isRefusal) }
}
