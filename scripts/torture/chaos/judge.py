"""Judges a scrape by the API's actual answers to the exporter."""

import dataclasses
import math
import re
import time

import exposition
import faults
import programs

CANARY = "c4n4ry"
# The exporter's configuration in seconds. Every scrape finds something due.
TTL, MAX_STALE, TIMEOUT = 0.4, 10, 2
BUCKETS = 5
# Measured peaks are far lower; the largest is for a compressed list of the maximum length.
BOUNDS = {"peak memory in MiB": math.inf if programs.sanitized() else 300, "descriptors": 96, "threads": 24}
# By kind of question: a family that each bucket has once the question is answered, and the collector.
COLLECTORS = {
    "list": ("flashback_bucket_info", "buckets"),
    "totals": ("flashback_bucket_requests_total", "totals"),
    "available": ("flashback_bucket_available", "available"),
    "status": ("flashback_bucket_node_status", "status"),
    "daily": ("flashback_bucket_node_daily_uptime_ratio", "daily"),
}
PROMISES = ["counters", "up after a failed list", "up after a good list", "age", "presence", "secrets", "memory"]


class Broken(Exception):
    """A broken promise."""


@dataclasses.dataclass
class Knowledge:
    """The API's answers up to one moment; see FaultyAPI."""

    good: dict
    perhaps: dict
    lists: list
    failed: float
    failing: float | None
    busy: int


class Judge:
    """slack: seconds by which a busy machine may be late."""

    def __init__(self, api, slack):
        self.api, self.slack = api, slack
        self.highest = {}
        self.known_since = 0.0
        # How many consecutive scrapes have contradicted the latest list.
        self.contradictions = 0
        self.peak = {name: 0 for name in BOUNDS}
        # How often each promise could be judged: it can often not be known what to expect.
        self.judged = dict.fromkeys(PROMISES, 0)

    def forget(self, delay=0):
        """Resets the exporter's expected knowledge and counters; the knowledge perhaps only after a delay."""
        self.highest = {}
        self.known_since = time.monotonic() + delay

    def knowledge(self):
        api = self.api
        with api.lock:
            return Knowledge(dict(api.good), dict(api.perhaps), list(api.list_ids), api.list_failed_at, api.lists_fail_since, api.lists_under_way)

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
            # Both formats under one name: they differ in how they write histogram bounds.
            key = (key[0], tuple((name, str(float(text)) if name == "le" else text) for name, text in key[1]))
            if value < self.highest.get(key, 0):
                raise Broken(f"{key} fell from {self.highest[key]} to {value}")
            self.judged["counters"] += key in self.highest
            self.highest[key] = value

    @staticmethod
    def served_for(series, collector):
        """How long a value may be served in seconds: for its lifetime plus the stale time, or for two cycles if these take longer."""
        cycles = [value for labels, value in exposition.by_family(series, "flashback_collector_cycle_seconds") if labels["collector"] == collector]
        return max(TTL + MAX_STALE, 2 * max(cycles, default=0))

    def judge_up(self, series, before, start, end):
        up, after = series.get(("flashback_up", ())), self.knowledge()
        # It is absent until the first attempt at the list has ended, with its retries.
        has_list = any(answered > self.known_since for _, answered, _ in after.lists)
        if up is None and not has_list and start < self.known_since + 2 * TIMEOUT + self.slack:
            return
        if up not in (0, 1):
            raise Broken(f"flashback_up is {'missing' if up is None else up}")
        asked, answered = after.perhaps.get(("list", None), (0, 0))
        if up == 1 and start - asked > self.served_for(series, "buckets") + self.slack:
            raise Broken(f"flashback_up is 1 with a list that is {start - asked:.1f} s old")
        if before.busy or after.busy:
            return
        if before.failing == after.failing and (before.failing or start) < start - 2 * TIMEOUT - self.slack:
            self.judged["up after a failed list"] += 1
            if up == 1:
                raise Broken(f"flashback_up is 1 although lists have failed for {start - before.failing:.1f} s")
        asked, answered = (after.good.get(("list", None)) or [(0, 0)])[-1]
        succeeded = asked > max(after.failed, self.known_since) and start < answered < end - 0.3
        self.judged["up after a good list"] += succeeded
        # Once can be the machine's fault: the answer has arrived, and the exporter gets no time to read it before the scrape ends.
        self.contradictions = self.contradictions + 1 if succeeded and up == 0 else 0
        if self.contradictions > 1:
            raise Broken("flashback_up is 0 although the latest list succeeded")

    def judge_buckets(self, series, before, start):
        """Checks that no bucket with an answer is missing, and that none is served for too long."""
        found = exposition.buckets(series)
        after = self.knowledge()
        lists = [entry for entry in before.lists[-1:] + after.lists if entry[1] > self.known_since]
        # The exporter counts from the beginning of a call, with its retries; an answer may have come too late for it.
        since = max(time.monotonic() - (TTL + MAX_STALE - 2 * TIMEOUT - self.slack), self.known_since)
        has_list = any(asked > since and answered < start - self.slack for asked, answered, _ in before.lists)
        for kind, (family, collector) in COLLECTORS.items():
            served = self.served_for(series, collector)
            for bucket in set().union(*(ids for _, _, ids in lists)) | found.get(family, set()):
                question = (kind, bucket if kind in ("status", "daily") else None)
                answers = after.good.get(question, []) if has_list else []
                expected = [answered for asked, answered in answers if asked > since and answered < start - self.slack]
                self.judged["presence"] += bool(expected)
                if bucket in found.get(family, ()):
                    self.judged["age"] += 1
                    asked, _ = after.perhaps.get(question, (0, 0))
                    if start - asked > served + self.slack:
                        raise Broken(f"{family} of {bucket} is {start - asked:.1f} s old")
                elif expected:
                    raise Broken(f"{family} of {bucket} is missing, answered {start - expected[-1]:.1f} s ago")

    def judge_secrets(self, text):
        """Checks that the exporter's output contains no token and no credential of a bucket."""
        with self.api.lock:
            secrets = {CANARY, *filter(None, map(faults.secret_part, self.api.secrets))}
            if len(self.api.secrets) > 60:
                self.api.secrets = set()
        self.judged["secrets"] += len(secrets) > 1
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

    def judge_memory(self, exporter):
        """No credential of a bucket is in memory that is in use. What must be there shows that the memory has been searched."""
        with self.api.lock:
            ids = self.api.list_ids[-1][2] if self.api.list_ids else set()
        # The identifiers come in the same answers as the credentials, and are part of what the exporter has served last.
        unfound = {"flashback_bucket_info", *ids}
        for piece in exporter.dump():
            position = piece.find(CANARY.encode())
            if position >= 0:
                raise Broken(f"a credential is in memory: {piece[max(position - 150, 0) : position + 60]!r}")
            unfound = {text for text in unfound if text.encode() not in piece}
        if unfound or not ids:
            raise Broken(f"the search of the memory proves nothing: it has not found {unfound or 'any bucket'}")
        self.judged["memory"] += 1

    def unjudged(self):
        """The promises that were never judged."""
        return [promise for promise, count in self.judged.items() if count == 0 and not (promise == "memory" and programs.sanitized())]


def missing(series):
    """What is missing although everything can be known; None if nothing is."""
    if series.get(("flashback_up", ())) != 1:
        return "flashback_up is not 1"
    found = exposition.buckets(series)
    for family, _ in COLLECTORS.values():
        if len(found.get(family, ())) != BUCKETS:
            return f"{family} of {BUCKETS - len(found.get(family, ()))} buckets"
    return None
