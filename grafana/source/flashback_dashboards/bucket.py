"""One bucket in detail: availability, latency, daily uptime, traffic and error budget."""

from . import appearance
from .layout import Section, assemble, choice
from .links import NODE_OF_SERIES
from .panels import bars, lines, now, over_time, rows, timeline, value
from .queries import label, metric, online, rate, recorded, state
from .tables import Column, listing

# The bucket is chosen by its name and selected by its identifier, since names change and may contain quotes.
BUCKET = 'bucket_id="$bucket"'
_OBJECTIVE = "flashback:bucket_latency_objective:seconds"


def dashboard():
    names = f"max by (bucket_id, bucket_name) (last_over_time({recorded('bucket:flashback_bucket_name:info')}[$__range]))"
    return assemble(
        "flashback-bucket",
        "One bucket: its status and that of its nodes, latency, daily uptime, traffic and error budget.",
        [
            choice("bucket", "Bucket", f"query_result({names})", "The bucket, by its name.").regex(
                '/bucket_id="(?<value>[^"]+)",bucket_name="(?<text>.*)"}/'
            )
        ],
        [
            Section(None, *_glance(), _description()),
            Section("Availability", *_availability()),
            Section("Latency", *_latency()),
            Section("Uptime by day", *_uptime()),
            Section("Traffic", *_traffic()),
            Section("Error budget", *_budget()),
        ],
    )


def _glance():
    nodes = online("flashback_bucket_node_status", "node", BUCKET)
    return [
        value(
            "Status",
            "The status that the API reports for the bucket as a whole.",
            now(state("flashback_bucket_status", "bucket_id", BUCKET), "Status"),
            "none",
            mappings=appearance.STATES,
        ),
        value(
            "Nodes that reach it",
            "The share of the bucket's nodes that reach it. One is enough for the bucket to be reachable.",
            now(f"avg({nodes})", "Nodes online"),
            "percentunit",
            thresholds=appearance.thresholds(appearance.BAD, (0.0001, appearance.POOR), (1, appearance.GOOD)),
            decimals=0,
        ),
        value(
            "Latency",
            "The duration of the latest probe of the bucket through the fastest node that reaches it.",
            over_time(f"min({recorded('bucket:flashback_latency_seconds:min', BUCKET)})", "Fastest node"),
            "s",
            thresholds=appearance.LATENCY,
            graph=True,
        ),
        value(
            "Uptime today",
            "The share of the UTC day so far in which the best node was online for the bucket.",
            now(f"max({metric('flashback_bucket_node_daily_uptime_ratio', BUCKET, label('day', 'today'))})", "Best node"),
            "percentunit",
            thresholds=appearance.UPTIME,
            decimals=2,
        ),
        value(
            "Error budget left",
            "The remaining share of the time in which the bucket may be unreachable within 30 days.",
            now(f"min({recorded('bucket:flashback_error_budget_remaining:ratio30d', BUCKET)})", "Budget"),
            "percentunit",
            thresholds=appearance.BUDGET,
            decimals=1,
        ),
        value(
            "Latest report",
            "How long ago a node last reported on the bucket.",
            now(f"time() - max({metric('flashback_bucket_node_last_update_timestamp_seconds', BUCKET)})", "Age"),
            "s",
            thresholds=appearance.AGE,
            decimals=0,
        ),
    ]


def _description():
    labels = "bucket_name, bucket_id, cloud_bucket, storage_type, bucket_region, endpoint, workspace_id"
    return listing(
        "Description",
        "The API's description of the bucket.",
        [rows(f"max by ({labels}) ({metric('flashback_bucket_info', BUCKET)})")],
        [
            Column("bucket_name", "Bucket"),
            Column("storage_type", "Storage", width=90),
            Column("bucket_region", "Region", width=140),
            Column("cloud_bucket", "Provider's bucket"),
            Column("endpoint", "Endpoint"),
            Column("workspace_id", "Workspace"),
            Column("bucket_id", "Identifier"),
        ],
        span=24,
        height=3,
    )


def _availability():
    return [
        timeline(
            "Reachable through any node",
            "When the bucket could be reached through at least one node. Gaps are times without data.",
            [over_time(f"max({recorded('bucket:flashback_reachable:max', BUCKET)})", "Reachable")],
            appearance.REACHABLE,
            span=12,
            height=5,
        ),
        timeline(
            "Status of the bucket",
            "The status that the API reported for the bucket as a whole.",
            [over_time(state("flashback_bucket_status", "bucket_id", BUCKET), "Status")],
            appearance.STATES,
            span=12,
            height=5,
        ),
        timeline(
            "Status by node",
            "The state of each node for the bucket: online, disconnected (the node works but does not reach the bucket) or offline "
            "(the node does not report). Click to open the node.",
            [over_time(state("flashback_bucket_node_status", "node", BUCKET), "{{node}}")],
            appearance.STATES,
            links=[NODE_OF_SERIES],
        ),
    ]


def _latency():
    return [
        lines(
            "Latency by node",
            "The duration of each node's latest probe of the bucket, and the objective of the alert FlashbackBucketLatencyHigh, which "
            "applies to the fastest node. A node that does not reach the bucket repeats its last measurement.",
            [
                over_time(f"max by (node) ({metric('flashback_bucket_node_latency_seconds', BUCKET)})", "{{node}}"),
                over_time(f"min({_OBJECTIVE})", "Objective"),
            ],
            "s",
            span=16,
            dashed=["Objective"],
            calculations=("lastNotNull", "mean", "max"),
        ),
        bars(
            "Average latency by day",
            "The average latency of each node's probes today (UTC, so far) and yesterday.",
            [
                now(
                    f"sort_desc(max by (node, day) ({metric('flashback_bucket_node_daily_average_latency_seconds', BUCKET)}))",
                    "{{node}} {{day}}",
                )
            ],
            "s",
            thresholds=appearance.LATENCY,
            span=8,
        ),
    ]


def _uptime():
    def uptime(day: str) -> str:
        return f"max by (node) ({metric('flashback_bucket_node_daily_uptime_ratio', BUCKET, label('day', day))})"

    return [
        bars(
            "Today",
            "The share of the UTC day so far in which each node has been online for the bucket.",
            [now(f"sort({uptime('today')})", "{{node}}")],
            "percentunit",
            thresholds=appearance.UPTIME,
            maximum=1,
            decimals=2,
            span=8,
        ),
        bars(
            "Yesterday",
            "The share of the previous UTC day in which each node was online for the bucket.",
            [now(f"sort({uptime('yesterday')})", "{{node}}")],
            "percentunit",
            thresholds=appearance.UPTIME,
            maximum=1,
            decimals=2,
            span=8,
        ),
        lines(
            "Uptime of the day so far",
            "Today's uptime by node over time. It restarts at midnight UTC.",
            [over_time(uptime("today"), "{{node}}")],
            "percentunit",
            maximum=1,
            minimum=None,
            decimals=2,
            span=8,
            calculations=("lastNotNull", "min"),
        ),
    ]


def _traffic():
    def rate_of(name: str) -> str:
        return f"max({rate(name, BUCKET)})"

    return [
        lines(
            "Bytes",
            "Bytes per second uploaded to and downloaded from the bucket through Flashback's nodes.",
            [
                over_time(rate_of("flashback_bucket_upload_bytes_total"), "Upload"),
                over_time(rate_of("flashback_bucket_download_bytes_total"), "Download"),
            ],
            "Bps",
            span=8,
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Requests",
            "Operations per second on the bucket through Flashback's nodes.",
            [over_time(rate_of("flashback_bucket_requests_total"), "Requests")],
            "reqps",
            span=8,
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Size change",
            "Bytes written minus bytes deleted through Flashback's nodes since the bucket was added. It can be negative, and equals "
            "the bucket's size only if all of its objects were written through Flashback.",
            [over_time(f"max({metric('flashback_bucket_size_change_bytes', BUCKET)})", "Size change")],
            "decbytes",
            span=8,
            minimum=None,
            calculations=("lastNotNull", "min", "max"),
        ),
    ]


def _budget():
    def burn(window: str) -> str:
        ratio = recorded(f"bucket:flashback_error_ratio:avg_over_time{window}", BUCKET)
        none = f"0 * max({recorded('bucket:flashback_bucket_name:info', BUCKET)})"
        return f"(max({ratio}) or {none}) / (1 - scalar(max(flashback:bucket_availability_objective:ratio)))"

    return [
        lines(
            "Error budget left",
            "The remaining share of the time in which the bucket may be unreachable within 30 days. Below 0 the budget is "
            "exceeded.",
            [over_time(f"min({recorded('bucket:flashback_error_budget_remaining:ratio30d', BUCKET)})", "Budget left")],
            "percentunit",
            minimum=None,
            maximum=1,
            decimals=1,
            limit=appearance.thresholds(appearance.GOOD, (0, appearance.BAD)),
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Burn rate",
            "How fast the bucket uses its error budget, over the windows of the alert FlashbackBucketErrorBudgetBurn. At 1 the budget lasts "
            "exactly 30 days.",
            [over_time(burn(window), window) for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")],
            "short",
            decimals=2,
        ),
    ]
