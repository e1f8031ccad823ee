internal import Basics
internal import FlashbackAPI
internal import Logging

/// Collector reports.
extension CollectionEngine {
    /// Records the outcome of an account-wide request.
    func note(_ attempt: Attempt, in report: inout CollectorReport, at moment: Moment) {
        report.dropped += attempt.dropped
        guard let error = attempt.error else {
            report.lastSuccess = moment.date
            report.duration = moment.uptime - attempt.askedAt
            return report.note(succeeded: true, at: moment.date)
        }
        // A cancelled request has no outcome.
        if error.isCancellation { return }
        report.duration = moment.uptime - attempt.askedAt
        report.note(succeeded: false, at: moment.date)
        report.latestFailure = CollectorFailure(message: error.explanation, date: moment.date)
        logger.warning("collector failed", metadata: ["collector": "\(report.collector)", "err": "\(error)"])
    }

    /// Records the outcome of a per-bucket request; ``noteRound(_:at:)`` must follow.
    /// - Returns: whether there was an outcome.
    func note(_ attempt: Attempt, ofLane lane: Int, slot: Int, at moment: Moment) -> Bool {
        if !attempt.isDeferred { rounds[lane].ended(attempt.error) }
        perBucketReports[lane].dropped += attempt.dropped
        if let range = directory.range(of: slot) {
            changes.note(range, of: column(ofLane: lane))
            if progressOfRanges[lane].ended(range) { writeAhead(range, ofLane: lane) }
        }
        if attempt.isDeferred { return false }
        if let error = attempt.error {
            if error.isCancellation { return false }
            logger.debug(
                "cannot read bucket",
                metadata: [
                    "collector": "\(perBucketReports[lane].collector)",
                    "bucket_id": "\(directory[slot]?.bucket.id ?? "")", "err": "\(error)",
                ])
        } else {
            perBucketReports[lane].lastSuccess = moment.date
        }
        return true
    }

    /// Records the combined outcome of a collector's per-bucket requests.
    func noteRound(_ lane: Int, at moment: Moment) {
        let tally = perBucketColumns[lane].tally
        perBucketReports[lane].note(succeeded: tally.failed < tally.requested, at: moment.date)
        endRoundIfDone(lane, at: moment)
    }

    /// Ends a collector's round if everything that was due at its start has been answered. On a saturated account something else is always
    /// due or in progress by then: the next round.
    func endRoundIfDone(_ lane: Int, at moment: Moment) {
        var isOver = false
        if let round = rounds[lane].running, !schedule.isOccupied(lane: lane, upTo: round.horizon) {
            perBucketReports[lane].duration = moment.uptime - round.start
            let horizon = currentHorizon
            let next = schedule.firstAsked(lane: lane) ?? (schedule.hasDue(lane: lane, upTo: horizon) ? moment.uptime : nil)
            rounds[lane].end(next: next, upTo: horizon)
            isOver = next == nil
        }
        guard let failures = rounds[lane].report(isOver: isOver, at: moment.uptime) else { return }
        perBucketReports[lane].latestFailure = CollectorFailure(message: failures.first.explanation, date: moment.date)
        // One line for all of them; the metrics show which buckets failed, and the debug log why.
        logger.warning(
            "collector failed for some buckets",
            metadata: [
                "collector": "\(perBucketReports[lane].collector)", "failed": "\(failures.count)",
                "buckets": "\(failures.requests)", "first_err": "\(failures.first)",
            ])
    }

    /// Updates the reports from the schedule and the columns.
    func updateReports() {
        let now = context.time.uptime
        update(&listReport, .list)
        for index in accountReports.indices { update(&accountReports[index], .account(index)) }
        for lane in perBucketReports.indices {
            update(&perBucketReports[lane], .lane(lane))
            let tally = perBucketColumns[lane].tally
            if bulkLanes[lane].mode != .never { perBucketReports[lane].isBulk = bulkLanes[lane].isInUse }
            perBucketReports[lane].refused = tally.refusedNodes
            if let limit = context.selection.maximumNodesPerBucket, perBucketReports[lane].hasRun {
                context.limits.note(
                    refusedNodes: tally.refusedNodes, limit: limit, by: perBucketReports[lane].collector)
            }
            if let duration = rounds[lane].duration(at: now), duration > perBucketReports[lane].duration {
                perBucketReports[lane].duration = duration
            }
            // Without buckets there is nothing to request, so nothing fails.
            if listReport.succeeded, directory.count == 0, let date = listReport.lastSuccess {
                perBucketReports[lane].note(succeeded: true, at: date)
                perBucketReports[lane].lastSuccess = date
            }
        }
        warnOfSlowCollectors()
    }

    private func update(_ report: inout CollectorReport, _ kind: Schedule.Kind) {
        (report.servedFor, report.cycle) = schedule.freshness(of: kind)
    }

    /// Logs when a collector's cycle becomes too long, and when it recovers.
    private func warnOfSlowCollectors() {
        for report in accountReports + perBucketReports {
            let (name, isTooSlow) = (report.collector, report.isTooSlow)
            guard isTooSlow != slowCollectors.contains(name), let cycle = report.cycle else { continue }
            var metadata: Logger.Metadata = [
                "collector": "\(name)", "cycle": "\(Int(cycle.inSeconds))s",
                "lifetime": "\(Int(report.lifetime.fresh.inSeconds))s",
            ]
            if isTooSlow {
                slowCollectors.insert(name)
                metadata["remedy"] = "raise the concurrency or the collector's lifetime, or use shards"
                logger.warning("collector cycle exceeds twice its lifetime", metadata: metadata)
            } else {
                slowCollectors.remove(name)
                logger.info("collector cycle is within twice its lifetime again", metadata: metadata)
            }
        }
    }
}
