"""Judges a scrape by what the API has really told the exporter."""

import dataclasses
import math
import re
import time

import exposition
import programs

CANARY = "c4n4ry"
# The exporter's configuration in seconds. Every scrape finds something due.
TTL, MAX_STALE, TIMEOUT = 0.4, 10, 2
BUCKETS = 5
# Measured peaks are far below; the largest is that of a compressed list that is as long as a list may be.
BOUNDS = {"peak memory in MiB": math.inf if programs.sanitized() else 300, "descriptors": 96, "threads": 24}
# By kind of question: a family that each bucket has once it is answered, and the collector.
COLLECTORS = {
    "list": ("flashback_bucket_info", "buckets"),
    "totals": ("flashback_bucket_requests_total", "totals"),
    "available": ("flashback_bucket_available", "available"),
    "status": ("flashback_bucket_node_status", "status"),
    "daily": ("flashback_bucket_node_daily_uptime_ratio", "daily"),
}


class Broken(Exception):
    """A promise that was not kept."""


@dataclasses.dataclass
class Knowledge:
    """What the API has told, at one moment; see FaultyAPI."""

    good: dict
    perhaps: dict
    lists: list
    failed: float
    busy: int


class Judge:
    """slack: seconds by which a busy machine may be late."""

    def __init__(self, api, slack):
        self.api, self.slack = api, slack
        self.highest = {}
        self.known_since = 0.0
        # How many scrapes in a row have contradicted the latest list.
        self.contradictions = 0
        self.peak = {name: 0 for name in BOUNDS}

    def forget(self, delay=0):
        """The exporter's knowledge and counters begin anew, the knowledge perhaps only after a delay."""
        self.highest = {}
        self.known_since = time.monotonic() + delay

    def knowledge(self):
        api = self.api
        with api.lock:
            return Knowledge(dict(api.good), dict(api.perhaps), list(api.list_ids), api.list_failed_at, api.lists_under_way)

    def judge(self, series, types, before, start, end):
        """before: the knowledge when the scrape began."""
        self.judge_counters(series, types)
        self.judge_up(series, before, start, end)
        self.judge_buckets(series, before, start)

    def judge_counters(self, series, types):
        for key, value in series.items():
            family = re.sub(r"_(total|bucket|count|sum)$", "", key[0])
            if types.get(key[0], types.get(family)) not in ("counter", "histogram") or key[0].startswith("process_"):
                continue
            # Both formats, under one name: they differ in how they write the bounds of histograms.
            key = (key[0], tuple((name, str(float(text)) if name == "le" else text) for name, text in key[1]))
            if value < self.highest.get(key, 0):
                raise Broken(f"{key} fell from {self.highest[key]} to {value}")
            self.highest[key] = value

    @staticmethod
    def served_for(series, collector):
        """How long a value may be served in seconds: for its lifetime and beyond it, or for two cycles if these take longer."""
        cycles = [value for labels, value in exposition.by_family(series, "flashback_collector_cycle_seconds") if labels["collector"] == collector]
        return max(TTL + MAX_STALE, 2 * max(cycles, default=0))

    def judge_up(self, series, before, start, end):
        up, after = series.get(("flashback_up", ())), self.knowledge()
        asked, answered = after.perhaps.get(("list", None), (0, 0))
        if up == 1 and start - asked > self.served_for(series, "buckets") + self.slack:
            raise Broken(f"flashback_up is 1 with a list that is {start - asked:.1f} s old")
        if before.busy or after.busy:
            return
        if up == 1 and answered < before.failed < start - 2 * TIMEOUT - self.slack:
            raise Broken("flashback_up is 1 although the latest list failed")
        asked, answered = after.good.get(("list", None), (0, 0))
        if up != 1 and asked > max(after.failed, self.known_since) and start < answered < end - 0.3:
            # Once can be the machine's fault: the answer has arrived, and the exporter gets no time to read it before the scrape ends.
            self.contradictions += 1
            if self.contradictions > 1:
                raise Broken(f"flashback_up is {up} although the latest list succeeded")
        else:
            self.contradictions = 0

    def judge_buckets(self, series, before, start):
        """No bucket is missing that was answered about, and none is served for too long."""
        found = exposition.buckets(series)
        after = self.knowledge()
        lists = [entry for entry in before.lists[-1:] + after.lists if entry[1] > self.known_since]
        for kind, (family, collector) in COLLECTORS.items():
            served = self.served_for(series, collector)
            for bucket in set().union(*(ids for _, _, ids in lists)) | found.get(family, set()):
                question = (kind, bucket if kind in ("status", "daily") else None)
                asked, answered = after.good.get(question, (0, 0))
                if bucket in found.get(family, ()):
                    asked, _ = after.perhaps.get(question, (0, 0))
                    if start - asked > served + self.slack:
                        raise Broken(f"{family} of {bucket} is {start - asked:.1f} s old")
                # The exporter counts from the beginning of a call, with its retries; an answer may have come too late for it.
                elif (
                    asked > self.known_since
                    and lists
                    and time.monotonic() - lists[-1][0] < TTL + MAX_STALE - 2 * TIMEOUT - self.slack
                    and time.monotonic() - asked < TTL + MAX_STALE - 2 * TIMEOUT - self.slack
                    and answered < start - self.slack
                ):
                    raise Broken(f"{family} of {bucket} is missing, answered {start - answered:.1f} s ago")

    def judge_secrets(self, text):
        """No token and no credential of a bucket is in what the exporter says."""
        with self.api.lock:
            # The middle of a token: a part of it is told too.
            secrets = {CANARY} | {secret[-43:-27] for secret in self.api.secrets if len(secret) >= 43}
            if len(self.api.secrets) > 60:
                self.api.secrets = set()
        for secret in secrets:
            if secret in text:
                where = next((line for line in text.splitlines() if secret in line), "")
                raise Broken(f"a secret is told: {where[:500]}")

    def judge_resources(self, exporter):
        values = dict(zip(BOUNDS, (exporter.status("VmHWM") / (1 << 20), exporter.descriptors(), exporter.threads())))
        for name, value in values.items():
            self.peak[name] = max(self.peak[name], value)
            if value > BOUNDS[name]:
                raise Broken(f"{name}: {value:.0f} is more than {BOUNDS[name]}")

    @staticmethod
    def judge_memory(exporter):
        """No credential of a bucket is in memory that is in use."""
        for piece in exporter.dump():
            position = piece.find(CANARY.encode())
            if position >= 0:
                raise Broken(f"a credential is in memory: {piece[max(position - 150, 0) : position + 60]!r}")


def missing(series):
    """What is not there although everything can be known; None if all is."""
    if series.get(("flashback_up", ())) != 1:
        return "flashback_up is not 1"
    found = exposition.buckets(series)
    for family, _ in COLLECTORS.values():
        if len(found.get(family, ())) != BUCKETS:
            return f"{family} of {BUCKETS - len(found.get(family, ()))} buckets"
    return None
