"""The exporter and its requests to the API: does it read everything, how fast, and what delays it?"""

from . import appearance, process
from .layout import Section, assemble
from .panels import lines, now, over_time, timeline, value
from .queries import duration_quantile, metric, process_metric, rate, recorded

_REQUESTS = "flashback_api_requests_total"
_SUCCESS, _FAILURE = 'code=~"2.."', 'code!~"2.."'


def _errors() -> str:
    # Without failed requests there is no series of them, and the share is 0.
    failed = f"sum({rate(_REQUESTS, _FAILURE)})"
    return f"({failed} or 0 * sum({rate(_REQUESTS)})) / sum({rate(_REQUESTS)})"


def dashboard():
    return assemble(
        "flashback-exporter",
        "The exporter itself: its requests to Flashback's API, the age of its data, its token, and its use of memory, CPU and "
        "file descriptors.",
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
            "Requests to the API per second.",
            over_time(f"sum({rate(_REQUESTS)})", "Requests"),
            "reqps",
            graph=True,
        ),
        value(
            "Failed requests",
            "The share of the requests to the API that failed.",
            over_time(_errors(), "Failed"),
            "percentunit",
            graph=True,
            decimals=1,
            thresholds=appearance.thresholds(appearance.GOOD, (0.01, appearance.POOR), (0.1, appearance.BAD)),
        ),
        value(
            "Token expires in",
            "The remaining lifetime of the access token in use. The exporter renews a token after four fifths of its lifetime; a "
            "token without a refresh token must be replaced before it expires.",
            now(f"min({expiry} - time())", "Expiry"),
            "s",
            thresholds=appearance.thresholds(appearance.BAD, (300, appearance.POOR), (600, appearance.GOOD)),
            no_value="Not known",
        ),
        value(
            "Memory",
            "Resident memory of the exporter; of several exporters, the largest.",
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
            "Requests to the API per second, including retries.",
            [over_time(f"sum by (endpoint) ({rate(_REQUESTS)})", "{{endpoint}}")],
            "reqps",
            stacked=True,
            calculations=("lastNotNull", "mean", "max"),
        ),
        lines(
            "Requests by status code",
            "Requests to the API per second by HTTP status code, or by the kind of failure if there was no response.",
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
            "Quantiles of the duration of requests to the API, estimated from a histogram.",
            [
                over_time(duration_quantile(quantile, duration), name)
                for quantile, name in [(0.5, "Median"), (0.9, "90 %"), (0.99, "99 %")]
            ],
            "s",
        ),
        lines(
            "Duration by endpoint, 90 %",
            "The duration that 90 % of the requests to each endpoint do not exceed, estimated from a histogram.",
            [over_time(duration_quantile(0.9, duration, "endpoint"), "{{endpoint}}")],
            "s",
        ),
        lines(
            "Failed requests by endpoint",
            "The share of the requests to each endpoint that failed.",
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
            "Retries",
            "Repeated requests per second after failed ones: up to three repetitions of a throttled request, and one after other "
            "failures.",
            [over_time(f"sum by (endpoint) ({rate('flashback_api_retries_total')})", "{{endpoint}}")],
            "reqps",
        ),
    ]


def _throttling():
    return [
        lines(
            "Throttled requests",
            "Requests per second that the API answered with 429, or with 503 and Retry-After.",
            [over_time(f"sum by (endpoint) ({rate('flashback_api_throttled_total')})", "{{endpoint}}")],
            "reqps",
        ),
        lines(
            "Concurrency limit",
            "How many requests may be in progress at once. Failures reduce the limit, and successes raise it.",
            [over_time(metric("flashback_api_concurrency_limit"), "{{instance}} {{account}}")],
            "short",
            decimals=0,
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Rate limit",
            "The allowed number of requests per second, if it is limited: after a throttled request, or by "
            "--flashback.max-requests-per-second.",
            [over_time(f"{metric('flashback_api_request_rate_limit')} < Inf", "{{instance}} {{account}}")],
            "reqps",
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Pause",
            "The remaining duration of the pause that the API requested. No requests are sent until it ends.",
            [over_time(f"clamp_min({metric('flashback_api_pause_end_timestamp_seconds')} - time(), 0)", "{{instance}} {{account}}")],
            "s",
        ),
    ]


def _freshness():
    return [
        timeline(
            "Collectors",
            "Whether each collector's latest run succeeded. A collector with one request per bucket succeeds if at least one "
            "request does.",
            [over_time(f"min by (collector) ({metric('flashback_collector_success')})", "{{collector}}")],
            appearance.SUCCESS,
            span=12,
        ),
        lines(
            "Time since the last success",
            "The age of each collector's data. By default the collectors buckets, totals and status read every 30 seconds, available "
            "and daily every five minutes, and yesterday every hour; --cache.ttl and each collector's ttl change that.",
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
            "The duration of each collector's latest round of requests, and its cycle: the time between two requests for the same "
            "bucket. If the cycle exceeds the lifetime, the budget is too small for all requests; at twice the lifetime "
            "FlashbackCollectorTooSlow fires.",
            [
                over_time(f"max by (collector) ({metric('flashback_collector_duration_seconds')})", "{{collector}}"),
                over_time(f"max by (collector) ({metric('flashback_collector_cycle_seconds')})", "{{collector}} cycle"),
            ],
            "s",
        ),
        lines(
            "Buckets that cannot be read",
            "The number of buckets for which each collector's latest request failed.",
            [over_time(f"sum by (collector) ({recorded('account:flashback_bucket_collector_failures:count')})", "{{collector}}")],
            "short",
            decimals=0,
        ),
        lines(
            "Dropped rows",
            "Rows and fields of the API's responses per second that could not be exported: malformed ones, and duplicates, which are "
            "merged.",
            [over_time(f"sum by (reason) ({rate('flashback_exporter_dropped_rows_total')})", "{{reason}}")],
            "cps",
        ),
        lines(
            "Totals that fell",
            "How often per second a total of any bucket was lower than before, so that the previous value was kept. A replica of "
            "the API that lags behind causes this.",
            [over_time(f"sum({recorded('account:flashback_bucket_totals_regressions:rate5m')})", "Regressions")],
            "cps",
        ),
    ]


def _token():
    return [
        lines(
            "Token expires in",
            "The remaining lifetime of the access token in use.",
            [over_time(f"{metric('flashback_api_token_expiry_timestamp_seconds')} - time()", "{{instance}} {{account}}")],
            "s",
            calculations=("lastNotNull", "min"),
        ),
        lines(
            "Token renewals",
            "The exporter's renewals of the access token in each interval of the graph, by result. Empty if the exporter has no "
            "refresh token.",
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
            "The number of shards with an exporter that answers, and the number of all shards. Empty without shards.",
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
            "How many buckets --limit.buckets excludes, and how many nodes --limit.nodes-per-bucket excludes. Empty without "
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
