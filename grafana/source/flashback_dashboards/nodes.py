"""The bridge nodes: which report, what do they reach, how fast are they, and do they run the same version?"""

from . import appearance
from .layout import Section, assemble, choice, several
from .panels import bars, lines, now, over_time, rows, timeline, value
from .queries import DISCONNECTED, OFFLINE, ONLINE, UNKNOWN, age, metric, state
from .tables import Column, listing, matrix

# All nodes stand for those of the chosen regions: the list of nodes follows from the regions, and what is "all" is spelled out.
NODE = 'node=~"$node"'
_REGION = 'node_region=~"$region"'
_STATUS = "flashback_bucket_node_status"
_INFO = "flashback_bucket_node_info"
_LATENCY = "flashback_bucket_node_latency_seconds"
_REPORT = "flashback_bucket_node_last_update_timestamp_seconds"
_ONLINE = metric(_STATUS, NODE, 'status="online"')
# One series for each pair of a bucket and a node: 1 where the node reaches the bucket.
_PAIRS = f"max by (account, bucket_id, node) ({_ONLINE})"
_STATE = state(_STATUS, "node", NODE)


def dashboard():
    region = several(
        choice("region", "Region", f"label_values({metric(_INFO)}, node_region)", "The regions of the nodes.")
    ).all_value(".*")
    node = several(choice("node", "Node", f"label_values({metric(_INFO, _REGION)}, node)", "The nodes of the regions."))
    return assemble(
        "flashback-nodes",
        "Flashback's bridge nodes: their state, what they reach, their latency, and their versions.",
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
            "How many nodes report on buckets, or should.",
            now(f"count(group by (node) ({metric(_STATUS, NODE)}))", "Nodes"),
            "short",
        ),
        value(
            "Nodes that reach no bucket",
            "How many nodes are not online for a single bucket.",
            now(f"sum(max by (node) ({_ONLINE}) == bool 0)", "Nodes"),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
        ),
        value(
            "Pairs online",
            "The share of all pairs of a node and a bucket in which the node reaches the bucket.",
            over_time(f"avg({_PAIRS})", "Online"),
            "percentunit",
            thresholds=appearance.ALL_IS_GOOD,
            graph=True,
            decimals=1,
        ),
        value(
            "Worst latency",
            "The slowest latest probe of a bucket by a node that reaches it.",
            now(f"max({metric(_LATENCY, NODE)} and on (job, account, instance, bucket_id, node) {_ONLINE} == 1)", "Latency"),
            "s",
            thresholds=appearance.thresholds(appearance.GOOD, (0.5, appearance.POOR), (2, appearance.BAD)),
        ),
        value(
            "Oldest report",
            "How long ago the node that has been silent for longest last reported.",
            now(f"max({age(_REPORT, 'node', NODE)})", "Age"),
            "s",
            thresholds=appearance.AGE,
            decimals=0,
        ),
        value(
            "Versions in use",
            "How many versions the nodes run.",
            now(f"count(group by (version) ({metric(_INFO, NODE)}))", "Versions"),
            "short",
            thresholds=appearance.thresholds(appearance.GOOD, (2, appearance.FAIR), (4, appearance.POOR)),
        ),
    ]


def _status():
    states = [("online", ONLINE), ("disconnected", DISCONNECTED), ("offline", OFFLINE), ("unknown", UNKNOWN)]
    return [
        timeline(
            "Nodes",
            "The best state that each node is in for any of its buckets: a node is online while it reaches one.",
            [over_time(_STATE, "{{node}}")],
            appearance.STATES,
            span=12,
        ),
        lines(
            "Nodes by status",
            "How many nodes are in each state, counted by the best state for any of their buckets.",
            [over_time(f"sum({_STATE} == bool {number})", status) for status, number in states],
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
                    f"sort(avg by (node_region) (max by (account, bucket_id, node, node_region) ({metric(_INFO, NODE)}) "
                    f"* on (account, bucket_id, node) group_left () {_PAIRS}))",
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
            "In how many pairs of a node and a bucket the node is in each state for the bucket.",
            [over_time(f"sum by (status) (max by (account, bucket_id, node, status) ({metric(_STATUS, NODE)}))", "{{status}}")],
            "short",
            stacked=True,
            colours=appearance.STATUS_COLOURS,
            decimals=0,
        ),
    ]


def _buckets():
    pairs = state(_STATUS, "account, bucket_id, bucket_name, node", NODE)
    worst = f"bottomk(50, sum by (account, bucket_id) ({state(_STATUS, 'account, bucket_id, node', NODE)}))"
    return [
        listing(
            "Nodes",
            "Each node with its region and version, how many buckets it reaches and how many not, the worst latency among "
            "those that "
            "it reaches, and how long ago it last reported.",
            [
                rows(f"max by (node, node_region, version) ({metric(_INFO, NODE)})"),
                rows(f"sum by (node) ({_PAIRS})"),
                rows(f"sum by (node) ({_PAIRS} == bool 0)"),
                rows(f"max by (node) ({metric(_LATENCY, NODE)} and on (job, account, instance, bucket_id, node) {_ONLINE} == 1)"),
                rows(age(_REPORT, "node", NODE)),
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
            "What each node reports of each bucket: of the 50 buckets with the most trouble, where there are more.",
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
            "The median over the buckets of the latest probes by each node.",
            [over_time(f"quantile by (node) (0.5, max by (account, bucket_id, node) ({metric(_LATENCY, NODE)}))", "{{node}}")],
            "s",
            span=8,
        ),
        lines(
            "Worst latency",
            "The slowest of the latest probes by each node.",
            [over_time(f"max by (node) ({metric(_LATENCY, NODE)})", "{{node}}")],
            "s",
            span=8,
        ),
        lines(
            "Report age",
            "How long ago each node last reported. Nodes report about twice a minute.",
            [over_time(age(_REPORT, "node", NODE), "{{node}}")],
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
            [now(f"sort_desc(count by (version) (group by (node, version) ({metric(_INFO, NODE)})))", "{{version}}")],
            "short",
            thresholds=appearance.PLAIN,
            decimals=0,
        ),
        lines(
            "Versions over time",
            "How many nodes run each version: an upgrade is one line that falls while another rises.",
            [over_time(f"count by (version) (group by (node, version) ({metric(_INFO, NODE)}))", "{{version}}")],
            "short",
            stacked=True,
            decimals=0,
        ),
    ]
