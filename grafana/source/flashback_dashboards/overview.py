"""All buckets at a glance: which of them have problems, and since when."""

from . import appearance
from .layout import Section, assemble
from .links import BUCKET_OF_ROW, BUCKET_OF_SERIES
from .panels import bars, lines, now, over_time, rows, timeline, value
from .queries import BY_BUCKET, age, alerts, metric, moved, recorded
from .tables import Column, listing

REACHABLE = recorded("bucket:flashback_reachable:max")
# The buckets that exist now, with their current names.
LISTED = f"{BY_BUCKET} ({recorded('bucket:flashback_bucket_name:info')})"
# Evaluated once over the whole time range, so that a graph shows the same buckets from beginning to end.
_RANGE = "[$__range] @ end()"


def dashboard():
    return assemble(
        "flashback-overview",
        "The health of all buckets that Flashback manages: which can be reached, which alerts fire, and how much goes through "
        "them.",
        [],
        [
            Section(None, *_glance()),
            Section("Health", *_health()),
            Section("Traffic", *_traffic()),
            Section("Buckets that need attention", *_rankings()),
        ],
    )


def _glance():
    return [
        value(
            "API readable",
            "Whether the list of buckets of every account, and of every shard that answers, could be read in the latest refresh. "
            "If not, the data on this dashboard is outdated or missing.",
            now(f"min({recorded('shard:flashback_up:max')})", "API"),
            "none",
            mappings=appearance.READABLE,
            thresholds=appearance.thresholds(appearance.BAD, (1, appearance.GOOD)),
        ),
        value(
            "Buckets",
            "How many buckets the accounts have.",
            now(f"sum({recorded('account:flashback_buckets:count')})", "Buckets"),
            "short",
        ),
        value(
            "Reachable share",
            "The share of the buckets that can be reached through at least one node.",
            over_time(
                f"sum({recorded('account:flashback_reachable:sum')}) / sum({recorded('account:flashback_reachable:count')})",
                "Reachable",
            ),
            "percentunit",
            thresholds=appearance.ALL_IS_GOOD,
            graph=True,
            decimals=1,
        ),
        value(
            "Unreachable buckets",
            "The number of buckets that no node reaches.",
            now(
                f"sum({recorded('account:flashback_reachable:count')}) - sum({recorded('account:flashback_reachable:sum')})",
                "Unreachable",
            ),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
        ),
        value(
            "Firing alerts",
            "The number of firing alerts of prometheus/rules, which are listed below. It is also 0 if Prometheus has no rules.",
            now(f"count({alerts()}) or 0 * max({metric('flashback_up')})", "Firing"),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
        ),
        value(
            "Data age",
            "The time since the latest success of the slowest of the collectors buckets, status and totals. They read every 30 "
            "seconds if Prometheus scrapes as often; data that is older than some minutes is not served.",
            now(
                f"max({age('flashback_collector_last_success_timestamp_seconds', 'job, account, instance, collector', _FREQUENT)})",
                "Age",
            ),
            "s",
            thresholds=appearance.AGE,
            decimals=0,
        ),
    ]


_FREQUENT = 'collector=~"buckets|status|totals"'


def _health():
    return [
        timeline(
            "Availability of the 20 least available buckets",
            "When each of the 20 buckets with the least availability in the time range could be reached through at least one "
            "node. Gaps are times without data. Click to open the bucket.",
            [
                over_time(
                    f"{REACHABLE} and on (job, account, bucket_id) bottomk(20, avg_over_time({REACHABLE}{_RANGE}))", "{{bucket_name}}"
                )
            ],
            appearance.REACHABLE,
            height=12,
            links=[BUCKET_OF_SERIES],
        ),
        lines(
            "Buckets by status",
            "The number of buckets by the status that the API reports for the bucket as a whole.",
            [
                over_time(f"sum by (status) ({recorded('account:flashback_bucket_status:count')})", "{{status}}")
            ],
            "short",
            stacked=True,
            colours=appearance.STATUS_COLOURS,
            decimals=0,
        ),
        listing(
            "Firing alerts",
            "The alerts of prometheus/rules that fire now. The runbook of each is in docs/runbooks, under its name.",
            [rows(alerts())],
            [
                Column("severity", "Severity", mappings=_SEVERITIES, width=90),
                Column("alertname", "Alert"),
                Column("bucket_name", "Bucket", link=BUCKET_OF_ROW),
                Column("account", "Account"),
                Column("instance", "Instance"),
                Column("collector", "Collector"),
            ],
            hidden=["bucket_id"],
            sort="Severity",
            descending=False,
            no_value="No alert fires",
        ),
    ]


_SEVERITIES = [
    {
        "type": "value",
        "options": {
            "critical": {"text": "critical", "color": appearance.BAD, "index": 0},
            "warning": {"text": "warning", "color": appearance.POOR, "index": 1},
            "info": {"text": "info", "color": appearance.NEUTRAL, "index": 2},
        },
    }
]


def _traffic():
    return [
        lines(
            "Bytes",
            "Bytes per second uploaded to and downloaded from all buckets through Flashback's nodes.",
            [
                over_time(f"sum({recorded('account:flashback_bucket_upload_bytes:rate5m')})", "Upload"),
                over_time(f"sum({recorded('account:flashback_bucket_download_bytes:rate5m')})", "Download"),
            ],
            "Bps",
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Requests",
            "Operations per second on all buckets through Flashback's nodes.",
            [over_time(f"sum({recorded('account:flashback_bucket_requests:rate5m')})", "Requests")],
            "reqps",
            calculations=("lastNotNull", "mean", "max"),
        ),
    ]


def _rankings():
    name = Column("bucket_name", "Bucket", link=BUCKET_OF_ROW)
    both = f"({moved('flashback_bucket_upload_bytes_total')} + {moved('flashback_bucket_download_bytes_total')})"
    return [
        listing(
            "Least available",
            "The 10 buckets with the least availability in the time range, of those that exist now. Times without data do not "
            "count.",
            [rows(f"bottomk(10, {BY_BUCKET} (avg_over_time({REACHABLE}[$__range])) and {LISTED})")],
            [name, Column("Value", "Availability", "percentunit", thresholds=appearance.UPTIME, width=110, decimals=2)],
            hidden=["bucket_id"],
            span=8,
            height=11,
            sort="Availability",
            descending=False,
        ),
        listing(
            "Slowest",
            "The 10 buckets with the highest latency through the fastest node that reaches them.",
            [rows(f"topk(10, {BY_BUCKET} ({recorded('bucket:flashback_latency_seconds:min')}))")],
            [name, Column("Value", "Latency", "s", thresholds=appearance.LATENCY, width=110)],
            hidden=["bucket_id"],
            span=8,
            height=11,
            sort="Latency",
        ),
        listing(
            "Most traffic",
            "The 10 buckets with the most bytes uploaded and downloaded in the time range.",
            [rows(f"topk(10, {both} * on (account, bucket_id) group_left (bucket_name) {LISTED})")],
            [name, Column("Value", "Bytes", "decbytes", width=110)],
            hidden=["bucket_id"],
            span=8,
            height=11,
            sort="Bytes",
            # Each point reads the totals of all buckets.
            points=24,
        ),
        bars(
            "Least uptime today",
            "The 10 buckets whose best node has been online for the smallest share of the UTC day so far.",
            [
                now(
                    f"sort(bottomk(10, {BY_BUCKET} ({recorded('bucket:flashback_uptime_today_ratio:max')})))",
                    "{{bucket_name}}",
                )
            ],
            "percentunit",
            thresholds=appearance.UPTIME,
            maximum=1,
            decimals=2,
            height=10,
        ),
        bars(
            "Least error budget left",
            "The 10 buckets that have used most of their error budget, the time in which they may be unreachable within 30 days. "
            "Below 0 the budget is exceeded.",
            [
                now(
                    f"sort(bottomk(10, {BY_BUCKET} ({recorded('bucket:flashback_error_budget_remaining:ratio30d')})))",
                    "{{bucket_name}}",
                )
            ],
            "percentunit",
            thresholds=appearance.BUDGET,
            minimum=None,
            maximum=1,
            decimals=1,
            height=10,
        ),
    ]
