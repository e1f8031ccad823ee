"""The account: quotas, credits, repositories, the platform's nodes and their traffic."""

from . import appearance
from .layout import Section, assemble
from .links import BUCKET_OF_ROW
from .panels import bars, lines, now, over_time, rows, timeline, value
from .queries import metric, online, recorded
from .tables import Column, listing

_RATIO = recorded("account:flashback_quota_used_ratio:max")
_QUOTA = "account, capability, period"
_CREDITS = recorded("account:flashback_credits_balance:min")
_REPOSITORY = "account, repository_id, repository_name"
_DISABLED = f"max by ({_REPOSITORY}) ({metric('flashback_repository_disabled')})"
_STATUS = "flashback_node_status"
# The use of a quota: 0.8 is the objective of the rules in prometheus/rules.
_USE = appearance.thresholds(appearance.GOOD, (0.8, appearance.POOR), (1, appearance.BAD))
# In days: seven are the objective of the rules.
_DAYS = appearance.thresholds(appearance.BAD, (2, appearance.POOR), (7, appearance.GOOD))
_SWITCHED = appearance.mapping({0: ("On", appearance.GOOD), 1: ("Disabled", appearance.BAD)})
_DAYS_LEFT = f"{_CREDITS} / (-deriv({_CREDITS}[$__range]) > 0) / 86400"


def dashboard():
    return assemble(
        "flashback-account",
        "The account's quotas, credits, repositories and their mirrors, and the traffic by node. The "
        "collectors credits, repositories, nodes, workspaces and traffic are off unless enabled.",
        [],
        [
            Section(None, *_glance()),
            Section("Quotas", *_quotas()),
            Section("Credits", *_credits()),
            Section("Repositories", *_repositories()),
            Section("Nodes", *_nodes()),
            Section("Traffic of the last 24 hours", *_traffic()),
        ],
    )


def _glance():
    return [
        value(
            "Fullest quota",
            "The used share of the quota that is closest to its limit.",
            over_time(f"max({_RATIO})", "Used"),
            "percentunit",
            thresholds=_USE,
            graph=True,
            decimals=1,
        ),
        value(
            "Exhausted quotas",
            "The number of quotas that have reached their limits.",
            now(f"sum({_RATIO} >= bool 1)", "Quotas"),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
        ),
        value(
            "Subscription",
            "Whether every account has an active subscription.",
            now(f"min({metric('flashback_subscription_active')})", "Active"),
            "none",
            mappings=appearance.READABLE,
            thresholds=appearance.thresholds(appearance.BAD, (1, appearance.GOOD)),
        ),
        value(
            "Credits last for",
            "How many days the credits last at the consumption of the last day; of several accounts, the fewest days.",
            now(f"min({_DAYS_LEFT})", "Days"),
            "d",
            thresholds=_DAYS,
            decimals=1,
            no_value="No consumption",
        ),
        value(
            "Repositories",
            "The number of repositories.",
            now(f"count({_DISABLED})", "Repositories"),
            "short",
            no_value="Not collected",
        ),
        value(
            "Disabled repositories",
            "The number of disabled repositories.",
            now(f"sum({_DISABLED})", "Disabled"),
            "short",
            thresholds=appearance.NONE_IS_GOOD,
            no_value="Not collected",
        ),
    ]


def _quotas():
    def largest(name: str) -> str:
        return f"max by ({_QUOTA}) ({metric(name)})"

    used = f"{largest('flashback_quota_used_bytes')} or {largest('flashback_quota_used')}"
    limit = f"{largest('flashback_quota_limit_bytes')} or {largest('flashback_quota_limit')}"
    return [
        bars(
            "Use of quotas",
            "The used share of each quota.",
            [now(f"sort_desc(max by (capability, period) ({_RATIO}))", "{{capability}} ({{period}})")],
            "percentunit",
            thresholds=_USE,
            maximum=1,
            decimals=1,
        ),
        lines(
            "Use over time",
            "The used share of each quota. Monthly quotas restart at 0.",
            [over_time(f"max by (capability, period) ({_RATIO})", "{{capability}} ({{period}})")],
            "percentunit",
            limit=_USE,
            decimals=1,
        ),
        listing(
            "Quotas",
            "Use and limit of each quota, in bytes if its name ends with _BYTES.",
            [rows(used), rows(limit), rows(f"max by ({_QUOTA}) ({_RATIO})")],
            [
                Column("capability", "Quota"),
                Column("period", "Period"),
                Column("Value #A", "Used", "short"),
                Column("Value #B", "Limit", "short"),
                Column("Value #C", "Share", "percentunit", thresholds=_USE, decimals=1),
            ],
            key="capability",
            sort="Share",
        ),
        listing(
            "Subscriptions",
            "The subscription of each account.",
            [
                rows(
                    "max by (account, subscription_id, subscription_name) "
                    f"({metric('flashback_subscription_info')})"
                )
            ],
            [
                Column("account", "Account"),
                Column("subscription_name", "Subscription"),
                Column("subscription_id", "Identifier"),
            ],
        ),
    ]


def _credits():
    def least(name: str) -> str:
        return f"min by (account) ({metric(name)})"

    return [
        lines(
            "Balance",
            "Credits at the last deduction (balance), consumption since then (pending), and the difference (available).",
            [
                over_time(least("flashback_credits_balance"), "Balance {{account}}"),
                over_time(least("flashback_credits_realtime_balance"), "Available {{account}}"),
                over_time(least("flashback_credits_pending_consumption"), "Pending {{account}}"),
            ],
            "short",
            minimum=None,
        ),
        lines(
            "By product",
            "Credits by product.",
            [over_time(f"max by (account, product) ({metric('flashback_credits_breakdown')})", "{{product}} {{account}}")],
            "short",
            minimum=None,
            span=6,
        ),
        listing(
            "Credits in use",
            "Whether the deployment uses credits, and the time since consumption was last deducted.",
            [
                rows(f"max by (account) ({metric('flashback_credits_enabled')})"),
                rows(f"time() - max by (account) ({metric('flashback_credits_balance_timestamp_seconds')})"),
            ],
            [
                Column("account", "Account"),
                Column("Value #A", "Uses credits", mappings=appearance.mapping({1: ("Yes", "text"), 0: ("No", "text")})),
                Column("Value #B", "Deducted", "s", decimals=0),
            ],
            span=6,
        ),
    ]


def _repositories():
    def moved(name: str) -> str:
        # The API's totals continue when another exporter takes over.
        return f"increase((max by ({_REPOSITORY}) ({metric(name)}))[$__range:$__interval])"

    info = f"max by ({_REPOSITORY}, mode, storage_type, workspace_id) ({metric('flashback_repository_info')})"
    workspaces = f"max by (account, workspace_id, workspace_name) ({metric('flashback_workspace_info')})"
    # With the names of the workspaces, where the collector workspaces is enabled.
    named = f"({info} * on (account, workspace_id) group_left (workspace_name) {workspaces}) or {info}"
    members = (
        f"max by ({_REPOSITORY}, bucket_id, folder, mode, master) ({metric('flashback_repository_bucket_info')})"
        " * on (account, bucket_id) group_left (bucket_name) "
        f"max by (account, bucket_id, bucket_name) ({recorded('bucket:flashback_reachable:max')})"
    )
    return [
        listing(
            "Repositories",
            "Each repository with its mode and workspace, whether it is disabled, its traffic in the time range, the bytes written "
            "minus those deleted, and the number of its buckets.",
            [
                rows(named),
                rows(_DISABLED),
                rows(moved("flashback_repository_upload_bytes_total")),
                rows(moved("flashback_repository_download_bytes_total")),
                rows(f"max by ({_REPOSITORY}) ({metric('flashback_repository_size_change_bytes')})"),
                rows(
                    f"count by ({_REPOSITORY}) (group by ({_REPOSITORY}, bucket_id) "
                    f"({metric('flashback_repository_bucket_info')}))"
                ),
            ],
            [
                Column("repository_name", "Repository"),
                Column("mode", "Mode"),
                Column("storage_type", "Type"),
                Column("workspace_id", "Workspace"),
                Column("workspace_name", "Workspace name"),
                Column("Value #B", "State", mappings=_SWITCHED),
                Column("Value #C", "Uploaded", "bytes"),
                Column("Value #D", "Downloaded", "bytes"),
                Column("Value #E", "Size change", "bytes"),
                Column("Value #F", "Buckets", "short"),
            ],
            key="repository_id",
            hidden=["repository_id"],
            span=24,
            sort="Repository",
            descending=False,
            points=60,
            no_value="Not collected",
        ),
        listing(
            "Buckets of repositories",
            "The buckets of each repository, whether they are the masters of mirrors, and whether they can be reached.",
            [rows(members)],
            [
                Column("repository_name", "Repository"),
                Column("mode", "Mode"),
                Column("bucket_name", "Bucket", link=BUCKET_OF_ROW),
                Column("folder", "Folder"),
                Column("master", "Master"),
                Column("Value", "State", mappings=appearance.REACHABLE),
            ],
            hidden=["bucket_id"],
            sort="Repository",
            descending=False,
            no_value="Not collected",
        ),
        lines(
            "Reachable members of mirrors",
            "The share of the buckets of each mirror that can be reached.",
            [
                over_time(
                    f"avg by (repository_name) (max by ({_REPOSITORY}, bucket_id) "
                    f"({recorded('repository:flashback_mirror_member:info')}) * on (account, bucket_id) group_left () "
                    f"max by (account, bucket_id) ({recorded('bucket:flashback_reachable:max')}))",
                    "{{repository_name}}",
                )
            ],
            "percentunit",
            maximum=1,
            span=12,
        ),
    ]


def _nodes():
    by_node = online(_STATUS, "node")
    info = f"max by (node, node_region, version, host) ({metric('flashback_node_info')})"
    return [
        timeline(
            "Nodes of the platform",
            "Whether the platform reports each node as online, regardless of the buckets that it reaches.",
            [over_time(by_node, "{{node}}")],
            appearance.mapping({1: ("Online", appearance.GOOD), 0: ("Not online", appearance.BAD)}),
            span=12,
        ),
        listing(
            "Nodes",
            "The platform's description of each node.",
            [
                rows(info),
                rows(f"max by (node) ({metric('flashback_node_latency_seconds')})"),
                rows(f"time() - max by (node) ({metric('flashback_node_last_update_timestamp_seconds')})"),
            ],
            [
                Column("node", "Node"),
                Column("node_region", "Region"),
                Column("version", "Version"),
                Column("host", "Host"),
                Column("Value #B", "Latency", "s"),
                Column("Value #C", "Last report", "s", thresholds=appearance.AGE, decimals=0),
            ],
            key="node",
            no_value="Not collected",
        ),
    ]


def _traffic():
    def of_node(name: str) -> str:
        return f"max by (node) ({metric(f'flashback_node_traffic_24h_{name}')})"

    def of_bucket(name: str) -> str:
        return f"max by (account, bucket_id, bucket_name) ({metric(f'flashback_bucket_traffic_24h_{name}')})"

    heaviest = f"topk(50, {of_bucket('requests')})"
    return [
        listing(
            "By node",
            "The traffic through each node within the last 24 hours, and its average latency.",
            [
                rows(f"max by (node, node_name) ({metric('flashback_node_traffic_24h_info')})"),
                rows(of_node("requests")),
                rows(of_node("upload_bytes")),
                rows(of_node("download_bytes")),
                rows(of_node("size_change_bytes")),
                rows(of_node("latency_seconds")),
            ],
            [
                Column("node", "Node"),
                Column("node_name", "Node name"),
                Column("Value #B", "Operations", "short"),
                Column("Value #C", "Uploaded", "bytes"),
                Column("Value #D", "Downloaded", "bytes"),
                Column("Value #E", "Size change", "bytes"),
                Column("Value #F", "Latency", "s"),
            ],
            key="node",
            sort="Operations",
            no_value="Not collected",
        ),
        listing(
            "By bucket",
            "The 50 buckets with the most operations within the last 24 hours.",
            [
                rows(heaviest),
                rows(of_bucket("upload_bytes")),
                rows(of_bucket("download_bytes")),
                rows(of_bucket("size_change_bytes")),
                rows(of_bucket("latency_seconds")),
            ],
            [
                Column("bucket_name", "Bucket", link=BUCKET_OF_ROW),
                Column("Value #A", "Operations", "short"),
                Column("Value #B", "Uploaded", "bytes"),
                Column("Value #C", "Downloaded", "bytes"),
                Column("Value #D", "Size change", "bytes"),
                Column("Value #E", "Latency", "s"),
            ],
            key="bucket_id",
            hidden=["bucket_id"],
            sort="Operations",
            no_value="Not collected",
        ),
    ]
