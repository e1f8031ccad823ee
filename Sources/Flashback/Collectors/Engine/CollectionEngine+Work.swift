internal import Basics
internal import FlashbackAPI
internal import Logging

/// Processing of the queue.
extension CollectionEngine {
    /// Queues what is due now and starts processing it.
    func want() {
        let now = context.time.uptime
        (horizon, wantedAt) = (max(horizon, now), now)
        isWanted = true
        work()
    }

    /// Starts processing the queue if it is not empty.
    private func work() {
        if let wake {
            wake.yield()
            return
        }
        guard schedule.hasWork(at: context.time.now, upTo: currentHorizon) else { return }
        let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wake = wake
        // Thousands of small requests run fastest on the transport's own thread.
        worker = Task(executorPreference: context.client.executor) { [former = worker] in
            await self.workOff(wakeUps)
            // The former worker may still be cancelling its requests.
            await former?.value
        }
    }

    /// Cancels the worker and its requests. The next scrape starts a new worker, even before this one has ended.
    func stopWorking() {
        isWanted = false
        wake = nil
        for lane in rounds.indices { rounds[lane].giveUp() }
        worker?.cancel()
    }

    var currentHorizon: Duration { mode == .background ? context.time.uptime : horizon }

    private func workOff(_ wakeUps: AsyncStream<Void>) async {
        let (ranges, feed) = AsyncStream.makeStream(of: RangeToWrite.self)
        writeAhead = feed
        let budget = context.client.budget
        await withDiscardingTaskGroup { group in
            // If the requests have their own thread, write elsewhere.
            let executor: (any TaskExecutor)? = context.client.executor == nil ? nil : globalConcurrentExecutor
            group.addTask(executorPreference: executor) { [writer, context] in
                for await range in ranges {
                    await writer.writeAhead(range.range, of: range.column, servedFor: range.servedFor, at: context.time.moment)
                }
            }
            if mode == .scrape { group.addTask { await self.giveUpWhenUnwanted() } }
            var wakeUp = wakeUps.makeAsyncIterator()
            while !Task.isCancelled {
                if schedule.hasWork(at: context.time.now, upTo: currentHorizon) {
                    var place = budget.placeAtOnce()
                    if place == nil, waitsForTime {
                        guard let later = try? await budget.acquire(until: .seconds(Int64.max / 4)) else { break }
                        place = later
                    }
                    if let turn = place.flatMap({ takeTurn(with: $0) }) {
                        group.addTask { await self.makeRequests(from: turn) }
                        continue
                    }
                }
                if schedule.underWay.isEmpty { break }
                if await wakeUp.next() == nil { break }
            }
            // Done before any suspension, so that work found from now on starts a new worker. A cancelled worker may already have a
            // successor.
            if !Task.isCancelled { wake = nil }
            feed.finish()
            group.cancelAll()
        }
        // Cancelled requests are due again now.
        if Task.isCancelled, isWanted { work() }
    }

    /// Stops the worker, cancelling its requests, when no scrape has asked for data for a while.
    ///
    /// Until everything has been read once, the worker continues without scrapes: a Prometheus that reaches only ready exporters sends its
    /// first scrape after that.
    private func giveUpWhenUnwanted() async {
        while true {
            let now = context.time.uptime
            let end = (isReady ? wantedAt : now) + patience
            if now >= end { return stopWorking() }
            guard (try? await context.time.sleep(until: end)) != nil else { return }
        }
    }

    // MARK: Requests

    /// The next request and its place in the budget.
    private struct Turn: Sendable {
        let item: Schedule.Item
        /// The bucket to request.
        let bucket: BucketDirectory.Place?
        /// All buckets to request together; nil for a request about one bucket or none.
        var batch: Batch?
        let reserved: ReservedPlace
    }

    /// The place is taken first, so that the item chosen is the most urgent one at that time.
    private func takeTurn(with place: RequestBudget.Place) -> Turn? {
        let moment = context.time.moment
        let reserved = ReservedPlace(place, in: context.client.budget)
        guard let item = schedule.next(at: moment.uptime, moment.date, upTo: currentHorizon) else {
            reserved.giveBack()
            return nil
        }
        guard case .bucket(let lane, let slot, _) = item else { return Turn(item: item, bucket: nil, reserved: reserved) }
        began(lane, slot, at: moment.uptime)
        let bucket = directory[slot]
        let batch = bulkLanes[lane].mode == .never ? nil : bucket.flatMap { takeBatch(from: item, lane: lane, $0, at: moment) }
        return Turn(item: item, bucket: bucket, batch: batch, reserved: reserved)
    }

    /// Records that a bucket is being requested.
    func began(_ lane: Int, _ slot: Int, at now: Duration) {
        rounds[lane].began(at: now, upTo: currentHorizon)
        if let range = directory.range(of: slot), let left = progressOfRanges[lane].began(range) {
            writeAhead(left, ofLane: lane)
        }
    }

    /// Whether the next request is delayed by the rate limit or a pause. Otherwise it is delayed by requests in progress, whose tasks make
    /// it when they end.
    private var waitsForTime: Bool { schedule.underWay.isEmpty || !context.client.budget.isFull }

    /// Makes requests one after the other while the budget allows the next one immediately.
    private nonisolated func makeRequests(from first: Turn) async {
        var next: Turn? = first
        while let turn = next {
            let outcome = await makeRequest(turn)
            turn.reserved.giveBack()
            next = await nextTurn(after: turn.item, outcome)
        }
    }

    /// The outcome of a request.
    private enum Outcome: Sendable {
        /// The bucket list, and when it was requested.
        case list(ReadingResult<[ListedBucket]>, askedAt: Duration)
        /// The data is already in its column.
        case attempt(Attempt)
        case batch(Batch, BatchOutcome)
    }

    private nonisolated func makeRequest(_ turn: Turn) async -> Outcome {
        let context = context.using(turn.reserved)
        if let batch = turn.batch {
            let column = perBucketColumns[batch.lane]
            return .batch(batch, await column.read(batch.places, batch.bucketIDs, batch.terms, context))
        }
        switch (turn.item, turn.bucket) {
        case (.account(0), _):
            let askedAt = context.time.uptime
            do throws(APIError) {
                return .list(try await BucketList.read(context), askedAt: askedAt)
            } catch {
                return .attempt(Attempt(askedAt: askedAt, error: error))
            }
        case (.account(let index), _):
            return .attempt(await accountColumns[index - 1].read(context))
        case (.bucket(let lane, _, _), let bucket?):
            return .attempt(await perBucketColumns[lane].read(bucket, context))
        case (.bucket, nil):
            preconditionFailure("only listed buckets are in the schedule")
        }
    }

    /// Handles the end of a request.
    /// - Returns: the request to make next.
    private func nextTurn(after item: Schedule.Item, _ outcome: Outcome) -> Turn? {
        switch outcome {
        case .list(let list, let askedAt): finish(item, with: list, askedAt: askedAt)
        case .attempt(let attempt): finish(item, attempt)
        case .batch(let batch, let outcome): finish(batch, outcome)
        }
        let isOver = Task.isCancelled || !schedule.hasWork(at: context.time.now, upTo: currentHorizon)
        let next = isOver ? nil : context.client.budget.placeAtOnce().flatMap { takeTurn(with: $0) }
        // The limits may have grown, new work may have appeared, or this chain of requests ends here: let the worker check.
        if next == nil || !context.client.budget.isFull { wake?.yield() }
        return next
    }

    // MARK: Answers

    /// Handles a new bucket list.
    private func finish(_ item: Schedule.Item, with list: ReadingResult<[ListedBucket]>, askedAt: Duration) {
        var attempt = Attempt(askedAt: askedAt)
        attempt.dropped = list.dropped
        listReport.refused = list.refused
        listRequestedAt = askedAt
        listColumn?.renew(askedAt: askedAt)
        let change = directory.update(
            with: list.reading, requestedAt: context.time.uptime, retention: schedule.freshness(of: .list).servedFor)
        for slot in change.removed {
            schedule.remove(slot: slot)
            for column in accountColumns { column.leave(slot) }
            for column in perBucketColumns { column.forget(slot) }
            for lane in bulkLanes.indices { bulkLanes[lane].forget(slot) }
        }
        for slot in change.freed {
            for column in accountColumns { column.forget(slot) }
        }
        for column in accountColumns { column.complete(change.added) }
        // Ordered by range, so that the answers of a range arrive together and it is written once.
        let added = change.added.map { (range: directory.range(of: $0.slot) ?? 0, slot: $0.slot) }.sorted { $0 < $1 }
        schedule.add(slots: added.map(\.slot), at: context.time.uptime)
        if !change.changed.isEmpty {
            var ranges = Dictionary(uniqueKeysWithValues: columns.indices.map { ($0, change.relabeled) })
            if listColumn != nil { ranges[0] = change.changed }
            changes.note(directory.rangeContents, rewriting: ranges)
            // Ranges with new labels wait for the answers about their buckets.
            let complete = listColumn == nil ? [] : change.changed.subtracting(change.relabeled)
            for range in complete.sorted() { writeAhead(range, of: 0) }
        }
        finish(item, attempt)
    }

    /// Handles the end of a request whose data is already in its column.
    private func finish(_ item: Schedule.Item, _ attempt: Attempt) {
        let moment = context.time.moment
        schedule.ended(item, attempt.ending, at: moment.uptime)
        let kind = Schedule.Kind(of: item)
        if attempt.error == nil { usualDurations[kind, default: UsualDuration()].note(moment.uptime - attempt.askedAt) }
        switch item {
        case .account(0):
            note(attempt, in: &listReport, at: moment)
            if attempt.error?.isAttempt ?? true { schedule.requestsBuckets = attempt.error == nil }
            // Buckets may have been deleted, or are not requested any more.
            for lane in rounds.indices { endRoundIfDone(lane, at: moment) }
            listAttempted.complete()
            listAttempted = CompletionSignal()
        case .account(let index):
            note(attempt, in: &accountReports[index - 1], at: moment)
            if attempt.error == nil { distributeAnswer(index - 1) }
        case .bucket(let lane, let slot, _):
            if bulkLanes[lane].mode == .auto, attempt.error == nil {
                bulkLanes[lane].read(slot, isEmpty: attempt.isEmpty, at: moment.uptime)
            }
            if note(attempt, ofLane: lane, slot: slot, at: moment) { noteRound(lane, at: moment) }
        }
        published.noteChange()
        updateReadiness()
        completeIfSettled(at: moment, hasFailure: attempt.error != nil)
    }

    /// Stores an account-wide answer's data for the listed buckets.
    private func distributeAnswer(_ index: Int) {
        let changed = accountColumns[index].distribute(to: directory.places)
        let column = column(ofAccount: index)
        let ranges = Set(changed.compactMap { directory.range(of: $0) })
        changes.note(column: column, rewriting: ranges)
        for range in ranges.sorted() { writeAhead(range, of: column) }
    }
}
