import Basics
import Exposition
import FlashbackAPI
import FlashbackSimulator
import HTTPClient
import TestSupport
import Testing

@testable import FlashbackCollectors

@Suite struct PerBucketColumnTests {
    /// A late answer may arrive after its bucket was removed and its slot reused.
    @Test(arguments: [true, false], [true, false])
    func answerAboutARemovedBucketIsIgnored(isRemoved: Bool, fails: Bool) async throws {
        let column = StatusCollector.column(account: AccountLabel(nil, selection: MetricSelection()))
        let account = try CollectedAccount(transport: { simulation in
            StubTransport { request async throws(TransferError) in
                let response = try await simulation.execute(request)
                if isRemoved { column.forget(0) }
                return response
            }
        })
        if fails { account.simulation.faults.add(.status(403), to: .bucketStatus) }
        let body = #"{"success":true,"buckets":[{"id":"\#(account.id(0))","name":"n"}]}"#
        let bucket = try ListBuckets().answer(from: AnswerBody(Array(body.utf8))).rows.map(ListedBucket.init)[0]
        let place = BucketDirectory.Place(slot: 0, bucket: bucket, listedAt: .zero)
        let context = ReadingContext(
            client: account.client, configuration: CollectionConfiguration(), time: account.time.source,
            logger: account.log.logger)

        let attempt = await column.read(place, context)
        #expect((attempt.error != nil) == fails)
        #expect(column.tally.requested == (isRemoved ? 0 : 1))
        #expect(column.tally.failed == (fails && !isRemoved ? 1 : 0))
        let written = column.write([place], servedFor: .seconds(30), at: account.time.source.moment, Deflater())
        #expect(written.hasReadings == (!isRemoved && !fails))
    }
}
