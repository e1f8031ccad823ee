"""The exporter and its requests to the API: does it read everything, how fast, and what holds it up?"""

from . import appearance, process
from .layout import Section, assemble
from .panels import lines, now, over_time, timeline, value
from .queries import duration_quantile, metric, process_metric, rate, recorded

_REQUESTS = "flashback_api_requests_total"
_SUCCESS, _FAILURE = 'code=~"2.."', 'code!~"2.."'


def _errors() -> str:
    # No request that failed is no series, and yet an answer: none did.
    failed = f"sum({rate(_REQUESTS, _FAILURE)})"
    return f"({failed} or 0 * sum({rate(_REQUESTS)})) / sum({rate(_REQUESTS)})"


def dashboard():
    return assemble(
        "flashback-exporter",
        "The exporter itself: its requests to Flashback's API, how fresh what it serves is, its token, and what it takes of "
        "the machine.",
        [],
        [
            Section(None, *_glance()),
            Section("Requests to the API", *_requests()),
            Section("Throttling and concurrency", *_throttling()),
            Section("Freshness", *_freshness()),
            Section("Token", *_token()),
            Section("Shards and limits", *_shards()),
            Section("Process and scrapes", *process.panels()),
        ],
    )


def _glance():
    expiry = metric("flashback_api_token_expiry_timestamp_seconds")
    return [
        value(
            "Scraped",
            "Whether Prometheus could scrape every exporter of the job.",
            now(f"min({process_metric('up')})", "Scraped"),
            "none",
            mappings=appearance.READABLE,
            thresholds=appearance.thresholds(appearance.BAD, (1, appearance.GOOD)),
        ),
        value(
            "API readable",
            "Whether every exporter, or a replica of its shard, could read the lists of buckets in its latest refresh.",
            now(f"min({recorded('shard:flashback_up:max')})", "API"),
            "none",
            mappings=appearance.READABLE,
            thresholds=appearance.thresholds(appearance.BAD, (1, appearance.GOOD)),
        ),
        value(
            "Requests",
            "Requests to the API a second.",
            over_time(f"sum({rate(_REQUESTS)})", "Requests"),
            "reqps",
            graph=True,
        ),
        value(
            "Failed requests",
            "The share of the requests to the API that was not answered with success.",
            over_time(_errors(), "Failed"),
            "percentunit",
            graph=True,
            decimals=1,
            thresholds=appearance.thresholds(appearance.GOOD, (0.01, appearance.POOR), (0.1, appearance.BAD)),
        ),
        value(
            "Token expires in",
            "How long the access token in use is still good for. A token that the exporter renews itself is renewed at four "
            "fifths "
            "of its life; one that somebody else renews has to be replaced in time.",
            now(f"min({expiry} - time())", "Expiry"),
            "s",
            thresholds=appearance.thresholds(appearance.BAD, (300, appearance.POOR), (600, appearance.GOOD)),
            no_value="Not known",
        ),
        value(
            "Memory",
            "Resident memory of the exporter, the largest of several.",
            over_time(f"max({process_metric('process_resident_memory_bytes')})", "Memory"),
            "bytes",
            graph=True,
        ),
    ]


def _requests():
    duration = "flashback_api_request_duration_seconds"
    return [
        lines(
            "Requests by endpoint",
            "Requests to the API a second, those made again included.",
            [over_time(f"sum by (endpoint) ({rate(_REQUESTS)})", "{{endpoint}}")],
            "reqps",
            stacked=True,
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Requests by answer",
            "Requests to the API a second by HTTP status code, or by the kind of failure where there was no answer.",
            [over_time(f"sum by (code) ({rate(_REQUESTS)})", "{{code}}")],
            "reqps",
            stacked=True,
            colours={
                "200": appearance.GOOD,
                "401": appearance.UNCLEAR,
                "429": appearance.FAIR,
                "500": appearance.BAD,
                "503": appearance.POOR,
            },
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Duration",
            "How long requests to the API take: half of them no longer than the median, and so on. Estimated from a histogram.",
            [
                over_time(duration_quantile(quantile, duration), name)
                for quantile, name in [(0.5, "Median"), (0.9, "90 %"), (0.99, "99 %")]
            ],
            "s",
        ),
        lines(
            "Duration by endpoint, 90 %",
            "Nine of ten requests to each endpoint take no longer. Estimated from a histogram.",
            [over_time(duration_quantile(0.9, duration, "endpoint"), "{{endpoint}}")],
            "s",
        ),
        lines(
            "Failed requests by endpoint",
            "The share of the requests to each endpoint that was not answered with success.",
            [
                over_time(
                    f"1 - (sum by (endpoint) ({rate(_REQUESTS, _SUCCESS)}) or 0 * sum by (endpoint) ({rate(_REQUESTS)})) "
                    f"/ sum by (endpoint) ({rate(_REQUESTS)})",
                    "{{endpoint}}",
                )
            ],
            "percentunit",
            decimals=1,
        ),
        lines(
            "Requests made again",
            "Requests a second that followed one that failed: up to three after the API asked for a pause, one after other "
            "failures.",
            [over_time(f"sum by (endpoint) ({rate('flashback_api_retries_total')})", "{{endpoint}}")],
            "reqps",
        ),
    ]


def _throttling():
    return [
        lines(
            "Throttled requests",
            "Requests a second that the API answered with 429, or with 503 and a time to come back.",
            [over_time(f"sum by (endpoint) ({rate('flashback_api_throttled_total')})", "{{endpoint}}")],
            "reqps",
        ),
        lines(
            "Concurrency limit",
            "How many requests may be under way at once: fewer while the API refuses many, more after successes.",
            [over_time(metric("flashback_api_concurrency_limit"), "{{instance}} {{account}}")],
            "short",
            decimals=0,
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Rate limit",
            "How many requests may be made a second, where that is limited: after a throttled request, or by "
            "--flashback.max-requests-per-second.",
            [over_time(f"{metric('flashback_api_request_rate_limit')} < Inf", "{{instance}} {{account}}")],
            "reqps",
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Pause",
            "How much longer the pause lasts that the API asked for; all requests wait for its end.",
            [over_time(f"clamp_min({metric('flashback_api_pause_end_timestamp_seconds')} - time(), 0)", "{{instance}} {{account}}")],
            "s",
        ),
    ]


def _freshness():
    return [
        timeline(
            "Collectors",
            "Whether each collector's latest run succeeded. One that asks for each bucket succeeds when at least one answers.",
            [over_time(f"min by (collector) ({metric('flashback_collector_success')})", "{{collector}}")],
            appearance.SUCCESS,
            span=12,
        ),
        lines(
            "Time since the last success",
            "How old what each collector has read is. The collectors buckets, totals and status read every 30 seconds, available "
            "and daily every five minutes and yesterday every hour, unless --cache.ttl says otherwise.",
            [
                over_time(
                    f"max by (collector) (time() - {metric('flashback_collector_last_success_timestamp_seconds')})",
                    "{{collector}}",
                )
            ],
            "s",
        ),
        lines(
            "Duration of collectors",
            "How long each collector's latest round of requests took, and its cycle: how long it takes to come round to the same "
            "bucket again. A cycle of more than the lifetime means that there is not time for all requests; at twice the lifetime "
            "CollectorTooSlow fires.",
            [
                over_time(f"max by (collector) ({metric('flashback_collector_duration_seconds')})", "{{collector}}"),
                over_time(f"max by (collector) ({metric('flashback_collector_cycle_seconds')})", "{{collector}} cycle"),
            ],
            "s",
        ),
        lines(
            "Buckets that cannot be read",
            "Of how many buckets a collector's latest request failed.",
            [over_time(f"sum by (collector) ({recorded('account:flashback_bucket_collector_failures:count')})", "{{collector}}")],
            "short",
            decimals=0,
        ),
        lines(
            "Dropped rows",
            "Rows and fields of the API's answers that could not be exported, a second: duplicates, merged into one, and "
            "malformed "
            "ones.",
            [over_time(f"sum by (reason) ({rate('flashback_exporter_dropped_rows_total')})", "{{reason}}")],
            "cps",
        ),
        lines(
            "Totals that fell",
            "How often a second a bucket's total was lower than before and was held, over all buckets. A replica of the API that "
            "lags behind does so.",
            [over_time(f"sum({recorded('account:flashback_bucket_totals_regressions:rate5m')})", "Regressions")],
            "cps",
        ),
    ]


def _token():
    return [
        lines(
            "Token expires in",
            "How long the access token in use is still good for.",
            [over_time(f"{metric('flashback_api_token_expiry_timestamp_seconds')} - time()", "{{instance}} {{account}}")],
            "s",
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Token renewals",
            "Renewals of the access token by the exporter, in each interval of the graph, by their result. None for a token that "
            "somebody else renews.",
            [
                over_time(
                    f"sum by (result) (increase({metric('flashback_api_token_renewals_total')}[$__rate_interval]))", "{{result}}"
                )
            ],
            "short",
            colours={"success": appearance.GOOD},
        ),
    ]


def _shards():
    shards = process_metric("flashback_exporter_shard_info")
    return [
        lines(
            "Shards",
            "How many shards have an exporter that answers, and how many there are. Empty without shards.",
            [
                over_time(f"count by (job) (group by (job, shard) ({shards}))", "{{job}} answering"),
                over_time(f"max by (job) ({process_metric('flashback_exporter_shards')})", "{{job}} all"),
            ],
            "short",
            decimals=0,
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Refused by limits",
            "How many buckets --limit.buckets keeps from being exported, and how many nodes --limit.nodes-per-bucket. Empty without "
            "limits.",
            [
                over_time(metric("flashback_exporter_refused_buckets"), "Buckets {{instance}} {{account}}"),
                over_time(
                    f"max without (collector) ({metric('flashback_exporter_refused_nodes')})", "Nodes {{instance}} {{account}}"
                ),
            ],
            "short",
            decimals=0,
        ),
    ]
