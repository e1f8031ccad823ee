"""The queries without data in the demo, and the reasons.

Those in `NEVER` cannot have data there: data is an error. Those in `PERHAPS` have data at some times only.
"""

# By the dashboard's uid, the panel's title and the query's refId.
NEVER = {
    ("flashback-exporter", "Shards", "A"): "the demo has no shards",
    ("flashback-exporter", "Shards", "B"): "the demo has no shards",
    ("flashback-exporter", "Refused by limits", "A"): "the demo has no limits",
    ("flashback-exporter", "Refused by limits", "B"): "the demo has no limits",
    ("flashback-exporter", "Rate limit", "A"): "the demo's API does not throttle requests, so that the rate is not limited",
}

PERHAPS: dict[tuple[str, str, str], str] = {
    ("flashback-account", "Credits last for", "A"): "the credits of the demo may not decrease within a minute",
}

# By the variable's name.
VARIABLES = {
    "account": "the demo has one account, which needs no label",
}
