import FlashbackAPI
import FlashbackSimulator
import TestSupport
import Testing

@testable import FlashbackCollectors

/// What a lane remembers about refusals and omitted buckets.
@Suite struct BulkLaneTests {
    private static let interval = BulkLane.retryInterval

    /// An error as the client throws it for a status.
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
        lane.omitted(1, at: .zero)
        lane.omitted(2, at: .zero)
        lane.omitted(3, at: .zero)
        lane.read(2, isEmpty: true, at: .seconds(1))
        lane.read(1, isEmpty: false, at: .seconds(1))
        lane.forget(3)
        #expect((0...3).map { lane.isAlone($0, at: .seconds(2)) } == [false, true, false, false])
        let terms = lane.began([0, 2], at: .seconds(2))
        #expect(terms.meaningOfOmission(of: 2, mayLackReports: false) == .noReports)
        #expect(terms.meaningOfOmission(of: 0, mayLackReports: true) == .unknown)
        #expect(!lane.isAlone(1, at: Self.interval))
        #expect(lane.began([2], at: Self.interval).meaningOfOmission(of: 2, mayLackReports: false) == .unknown)
    }

    @Test(arguments: [400, 401, 403, 404, 405, 414, 431, 501])
    func refusals(_ status: Int) async throws { #expect(try await error(status).isRefusal == (status != 401)) }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func failures(_ status: Int) async throws { #expect(try await !error(status).isRefusal) }
}
