"""The bridge nodes: which of them report, which buckets they reach, their latency and their versions."""

from . import appearance
from .layout import Section, assemble, choice, several
from .panels import bars, lines, now, over_time, rows, timeline, value
from .queries import DISCONNECTED, OFFLINE, ONLINE, UNKNOWN, label, online, recorded, state
from .tables import Column, listing, matrix

# The variable node lists the nodes of the chosen regions only, and "all" is expanded to that list.
NODE = 'node=~"$node"'
_REGION = 'node_region=~"$region"'
_STATUS = "flashback_bucket_node_status"
_INFO = "node:flashback_node:info"
_NODE_INFO = recorded(_INFO, NODE)
# By node: the number of buckets that it reports on, of those that it reaches, and of those in each state.
_BUCKETS = f"sum by (node) ({recorded('node:flashback_buckets:count', NODE)})"
_ONLINE = f"sum by (node) ({recorded('node:flashback_buckets_online:sum', NODE)})"
_COUNTS = "node:flashback_bucket_status:count"
_LATENCY = recorded("node:flashback_latency_seconds:max", NODE)
_AGE = f"time() - max by (node) ({recorded('node:flashback_last_update_timestamp_seconds:max', NODE)})"
# The best state that each node is in for any bucket, as a number.
_STATES = [("online", ONLINE), ("disconnected", DISCONNECTED), ("offline", OFFLINE), ("unknown", UNKNOWN)]
_STATE = " or ".join(f"{number} * group by (node) ({recorded(_COUNTS, NODE, label('status', status))})" for status, number in _STATES)


def dashboard():
    region = several(
        choice("region", "Region", f"label_values({recorded(_INFO)}, node_region)", "The regions of the nodes.")
    ).all_value(".*")
    node = several(choice("node", "Node", f"label_values({recorded(_INFO, _REGION)}, node)", "The nodes of the regions."))
    return assemble(
        "flashback-nodes",
        "Flashback's bridge nodes: their state, the buckets that they reach, their latency, and their versions.",
        [region, node],
        [
            Section(None, *_glance()),
            Section("Status", *_status()),
            Section("Nodes and buckets", *_buckets()),
            Section("Latency and reports", *_latency()),
            Section("Versions", *_versions()),
        ],
    )


def _glance():
    return [
        value(
            "Nodes",
            "How many nodes are listed for any bucket.",
            now(f"count({_BUCKETS})", "Nodes"),
            "short",
        ),
        value(
            "Nodes that reach no bucket",
            "How many nodes are online for none of their buckets.",
            now(f"sum({_ONLINE} == bool 0)", "Nodes"),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
        ),
        value(
            "Pairs online",
            "The share of all pairs of a node and a bucket in which the node reaches the bucket.",
            over_time(f"sum({_ONLINE}) / sum({_BUCKETS})", "Online"),
            "percentunit",
            thresholds=appearance.ALL_IS_GOOD,
            graph=True,
            decimals=1,
        ),
        value(
            "Worst latency",
            "The highest latency in the latest probes by nodes that reach the bucket.",
            now(f"max({_LATENCY})", "Latency"),
            "s",
            thresholds=appearance.thresholds(appearance.GOOD, (0.5, appearance.POOR), (2, appearance.BAD)),
        ),
        value(
            "Oldest report",
            "The age of the latest report of the node that has not reported for longest.",
            now(f"max({_AGE})", "Age"),
            "s",
            thresholds=appearance.AGE,
            decimals=0,
        ),
        value(
            "Versions in use",
            "How many versions the nodes run.",
            now(f"count(group by (version) ({_NODE_INFO}))", "Versions"),
            "short",
            thresholds=appearance.thresholds(appearance.GOOD, (2, appearance.FAIR), (4, appearance.POOR)),
        ),
    ]


def _status():
    regions = f"group by (node, node_region) ({_NODE_INFO})"
    return [
        timeline(
            "Nodes",
            "The best state of each node for any of its buckets: a node is online while it reaches at least one.",
            [over_time(_STATE, "{{node}}")],
            appearance.STATES,
            span=12,
        ),
        lines(
            "Nodes by status",
            "How many nodes are in each state, counted by the best state for any of their buckets.",
            [over_time(f"sum(({_STATE}) == bool {number})", status) for status, number in _STATES],
            "short",
            stacked=True,
            colours=appearance.STATUS_COLOURS,
            decimals=0,
        ),
        bars(
            "Pairs online by region",
            "The share of the pairs of a node of the region and a bucket in which the node reaches the bucket.",
            [
                now(
                    f"sort(sum by (node_region) ({_ONLINE} * on (node) group_right () {regions}) "
                    f"/ sum by (node_region) ({_BUCKETS} * on (node) group_right () {regions}))",
                    "{{node_region}}",
                )
            ],
            "percentunit",
            thresholds=appearance.ALL_IS_GOOD,
            maximum=1,
            decimals=1,
        ),
        lines(
            "Pairs by status",
            "The number of pairs of a node and a bucket by the node's state for the bucket.",
            [over_time(f"sum by (status) ({recorded(_COUNTS, NODE)})", "{{status}}")],
            "short",
            stacked=True,
            colours=appearance.STATUS_COLOURS,
            decimals=0,
        ),
    ]


def _buckets():
    pairs = state(_STATUS, "account, bucket_id, bucket_name, node", NODE)
    reached = online(_STATUS, "account, bucket_id, node", NODE)
    worst = f"bottomk(50, avg by (account, bucket_id) ({reached}))"
    return [
        listing(
            "Nodes",
            "Each node with its region and version, the number of buckets that it reaches and does not reach, the highest latency "
            "of those that it reaches, and the age of its latest report.",
            [
                rows(f"max by (node, node_region, version) ({_NODE_INFO})"),
                rows(_ONLINE),
                rows(f"{_BUCKETS} - {_ONLINE}"),
                rows(f"max by (node) ({_LATENCY})"),
                rows(_AGE),
            ],
            [
                Column("node", "Node"),
                Column("node_region", "Region"),
                Column("version", "Version"),
                Column("Value #B", "Buckets reached", "short"),
                Column("Value #C", "Not reached", "short", thresholds=appearance.NONE_IS_GOOD),
                Column("Value #D", "Worst latency", "s"),
                Column("Value #E", "Last report", "s", thresholds=appearance.AGE, decimals=0),
            ],
            key="node",
            span=24,
            sort="Not reached",
        ),
        matrix(
            "Node and bucket",
            "The state that each node reports for each bucket. Of more than 50 buckets, those with the smallest share of nodes that "
            "reach them.",
            rows(f"{pairs} and on (account, bucket_id) {worst}"),
            "bucket_name",
            "node",
            appearance.STATES,
            height=14,
        ),
    ]


def _latency():
    return [
        lines(
            "Median latency",
            "The median latency of each node over the buckets that it reaches; of several accounts, the highest.",
            [over_time(f"max by (node) ({recorded('node:flashback_latency_seconds:quantile50', NODE)})", "{{node}}")],
            "s",
            span=8,
        ),
        lines(
            "Worst latency",
            "The highest latency of each node over the buckets that it reaches.",
            [over_time(f"max by (node) ({_LATENCY})", "{{node}}")],
            "s",
            span=8,
        ),
        lines(
            "Report age",
            "How long ago each node last reported. Nodes report about twice a minute.",
            [over_time(_AGE, "{{node}}")],
            "s",
            span=8,
            limit=appearance.AGE,
        ),
    ]


def _versions():
    return [
        bars(
            "Nodes by version",
            "How many nodes run each version.",
            [now(f"sort_desc(count by (version) (group by (node, version) ({_NODE_INFO})))", "{{version}}")],
            "short",
            thresholds=appearance.PLAIN,
            decimals=0,
        ),
        lines(
            "Versions over time",
            "How many nodes run each version. During an upgrade one line falls while another rises.",
            [over_time(f"count by (version) (group by (node, version) ({_NODE_INFO}))", "{{version}}")],
            "short",
            stacked=True,
            decimals=0,
        ),
    ]
