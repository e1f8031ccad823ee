internal import FlashbackAPI
internal import Logging

/// Requests about many buckets.
extension CollectionEngine {
    /// Items of one lane that share a request and its place in the budget. A class, so that turns without one stay small.
    final class Batch: Sendable {
        let lane: Int
        let items: [Schedule.Item]
        /// The buckets of the items.
        let places: [BucketDirectory.Place]
        let bucketIDs: BucketBatch
        let terms: BulkTerms

        init(
            lane: Int, items: [Schedule.Item], places: [BucketDirectory.Place], bucketIDs: BucketBatch, terms: BulkTerms
        ) {
            self.lane = lane
            self.items = items
            self.places = places
            self.bucketIDs = bucketIDs
            self.terms = terms
        }
    }

    /// The outcome of a request about many buckets. Their data is already in its column.
    struct BatchOutcome: Sendable {
        /// Why the whole request failed.
        var failure: APIError?
        /// By bucket.
        let attempts: [Attempt]
    }

    /// Takes further items to be requested together with one that was just taken.
    /// - Returns: nil if the first item is requested separately.
    func takeBatch(from first: Schedule.Item, lane: Int, _ place: BucketDirectory.Place, at moment: Moment) -> Batch? {
        let now = moment.uptime
        guard bulkLanes[lane].mayRequestTogether(at: now), mayJoin(place, lane, at: now) else { return nil }
        var bucketIDs = BucketBatch()
        _ = bucketIDs.add(place.bucket.id)
        var places = [place]
        let others = schedule.takeAlong(with: first, at: now, moment.date, upTo: currentHorizon) { slot in
            guard let place = directory[slot], mayJoin(place, lane, at: now) else { return .skip }
            guard bucketIDs.add(place.bucket.id) else { return .stop }
            places.append(place)
            return .take
        }
        for other in places.dropFirst() { began(lane, other.slot, at: now) }
        let terms = bulkLanes[lane].began(places.map(\.slot), at: now)
        return Batch(lane: lane, items: [first] + others, places: places, bucketIDs: bucketIDs, terms: terms)
    }

    /// Whether a bucket may be requested together with others.
    private func mayJoin(_ place: BucketDirectory.Place, _ lane: Int, at now: Duration) -> Bool {
        BucketBatch.admits(place.bucket.id) && !bulkLanes[lane].isAlone(place.slot, at: now)
    }

    /// Handles the end of a request about many buckets, as if each bucket had been requested separately.
    func finish(_ batch: Batch, _ outcome: BatchOutcome) {
        let (lane, moment) = (batch.lane, context.time.moment)
        if outcome.failure == nil, let askedAt = outcome.attempts.first?.askedAt {
            usualDurations[.lane(lane), default: UsualDuration()].note(moment.uptime - askedAt)
        }
        var hasOutcome = false
        // In reverse, since items that were not requested return to the front of the queue.
        for (item, attempt) in zip(batch.items, outcome.attempts).reversed() {
            guard case .bucket(_, let slot, _) = item else { continue }
            let isListed = schedule.underWay[item] != nil
            schedule.ended(item, attempt.ending, at: moment.uptime)
            if isListed, outcome.failure == nil, attempt.error == nil, batch.terms.mode == .auto {
                bulkLanes[lane].answered(
                    slot, isDeferred: attempt.isDeferred, isEmpty: attempt.isEmpty, at: moment.uptime)
            }
            if note(attempt, ofLane: lane, slot: slot, at: moment) { hasOutcome = true }
        }
        if hasOutcome { noteRound(lane, at: moment) }
        if let change = bulkLanes[lane].ended(batch.terms, outcome.failure, at: moment.uptime) { tell(of: change, lane) }
        published.noteChange()
        updateReadiness()
        completeIfSettled(at: moment, hasFailure: outcome.failure != nil)
    }

    private func tell(of change: BulkLane.Change, _ lane: Int) {
        let name = perBucketReports[lane].collector
        switch change {
        case .refused(let error):
            logger.warning(
                "the API refuses bulk requests; requesting buckets separately",
                metadata: ["collector": "\(name)", "err": "\(error)"])
        case .resumed:
            logger.info("the API accepts bulk requests again", metadata: ["collector": "\(name)"])
        }
    }
}
