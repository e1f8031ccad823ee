internal import FlashbackAPI
internal import Logging

/// Working off the queue.
extension CollectionEngine {
    /// Queues what is due now, and has it worked off.
    func want() {
        let now = context.time.uptime
        (horizon, wantedAt) = (max(horizon, now), now)
        work()
    }

    /// Has the queue worked off, if there is anything in it.
    private func work() {
        if let wake {
            wake.yield()
            return
        }
        guard schedule.hasWork(at: context.time.now, upTo: currentHorizon) else { return }
        let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wake = wake
        // Thousands of requests, and little to do for each: on one thread with what carries them.
        worker = Task(executorPreference: context.client.executor) { await self.workOff(wakeUps) }
    }

    private var currentHorizon: Duration { mode == .background ? context.time.uptime : horizon }

    private func workOff(_ wakeUps: AsyncStream<Void>) async {
        let (ranges, feed) = AsyncStream.makeStream(of: RangeToWrite.self)
        writeAhead = feed
        await withDiscardingTaskGroup { group in
            // Where the requests have a thread to themselves, away from that.
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
                    guard let place = try? await context.client.budget.acquire(until: .seconds(Int64.max / 4)) else { break }
                    let reserved = ReservedPlace(place, in: context.client.budget)
                    if let request = takeRequest() {
                        group.addTask { await self.perform(request, reserved) }
                        continue
                    }
                    reserved.giveBack()
                }
                if schedule.underWay.isEmpty { break }
                if await wakeUp.next() == nil { break }
            }
            // Before anything is waited for: whoever finds work from now on begins anew.
            wake = nil
            feed.finish()
            group.cancelAll()
        }
    }

    /// Ends the work when no scrape has wanted anything for a while, with the requests under way.
    private func giveUpWhenUnwanted() async {
        while context.time.uptime < wantedAt + patience {
            guard (try? await context.time.sleep(until: wantedAt + patience)) != nil else { return }
        }
        worker?.cancel()
    }

    // MARK: Requests

    /// What is requested next.
    private struct Request: Sendable {
        let item: Schedule.Item
        /// The bucket that it is about.
        let place: BucketDirectory.Place?
    }

    private func takeRequest() -> Request? {
        let moment = context.time.moment
        guard let item = schedule.next(at: moment.uptime, moment.date, upTo: currentHorizon) else { return nil }
        guard case .bucket(let lane, let slot, _) = item else { return Request(item: item, place: nil) }
        rounds[lane].began(at: moment.uptime)
        if let range = directory.range(of: slot), let left = progressOfRanges[lane].began(range) {
            writeAhead(left, ofLane: lane)
        }
        return Request(item: item, place: directory[slot])
    }

    private nonisolated func perform(_ request: Request, _ reserved: ReservedPlace) async {
        let context = context.using(reserved)
        switch (request.item, request.place) {
        case (.account(0), _):
            let askedAt = context.time.uptime
            do throws(APIError) {
                let list = try await BucketList.read(context)
                reserved.giveBack()
                await finish(request.item, with: list, askedAt: askedAt)
            } catch {
                reserved.giveBack()
                await finish(request.item, Attempt(askedAt: askedAt, error: error))
            }
        case (.account(let index), _):
            let attempt = await answeredColumns[index - 1].read(context)
            reserved.giveBack()
            await finish(request.item, attempt)
        case (.bucket(let lane, _, _), let place?):
            let attempt = await requestingColumns[lane].read(place, context)
            reserved.giveBack()
            await finish(request.item, attempt)
        case (.bucket, nil):
            preconditionFailure("only listed buckets are in the schedule")
        }
    }

    // MARK: Answers

    /// The list arrived.
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
            for column in requestingColumns { column.forget(slot) }
        }
        for slot in change.freed {
            for column in answeredColumns { column.forget(slot) }
        }
        for column in answeredColumns { column.complete(change.added) }
        // Range after range, so that the answers about one are there together and it is written once.
        let added = change.added.map { (range: directory.range(of: $0.slot) ?? 0, slot: $0.slot) }.sorted { $0 < $1 }
        schedule.add(slots: added.map(\.slot), at: context.time.uptime)
        if !change.changed.isEmpty { changes.note(directory.rangeContents) }
        for range in change.relabeled {
            for column in columns.indices { changes.note(range, of: column) }
        }
        if listColumn != nil { note(change.changed.subtracting(change.relabeled), of: 0) }
        finish(item, attempt)
    }

    /// A request ended; what was read is in its column.
    private func finish(_ item: Schedule.Item, _ attempt: Attempt) {
        let moment = context.time.moment
        schedule.ended(item, attempt.ending, at: moment.uptime)
        let kind = Schedule.Kind(of: item)
        if attempt.error == nil { usualDurations[kind, default: UsualDuration()].note(moment.uptime - attempt.askedAt) }
        switch item {
        case .account(0):
            note(attempt, in: &listReport, at: moment)
            if attempt.error?.isAttempt ?? true { schedule.requestsBuckets = attempt.error == nil }
        case .account(let index):
            note(attempt, in: &answeredReports[index - 1], at: moment)
            if attempt.error == nil { distributeAnswer(index - 1) }
        case .bucket(let lane, let slot, _):
            note(attempt, ofLane: lane, slot: slot, at: moment)
        }
        published.noteChange()
        completeIfSettled(at: moment)
        wake?.yield()
    }

    /// Enters what an answer about the account says about the listed buckets.
    private func distributeAnswer(_ index: Int) {
        let changed = answeredColumns[index].distribute(to: directory.places)
        let column = columns.count - requestingColumns.count - answeredColumns.count + index
        changes.note(column: column)
        note(Set(changed.compactMap { directory.range(of: $0) }), of: column)
    }

    /// Ranges of a column are to be written, at once since all of their answers are there.
    private func note(_ ranges: Set<Int>, of column: Int) {
        for range in ranges.sorted() {
            changes.note(range, of: column)
            writeAhead(range, of: column)
        }
    }
}
