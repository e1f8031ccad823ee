"""The queries that are expected to find nothing in the demo, and why.

`NEVER` holds those that cannot find anything there: one that does is a mistake. What `PERHAPS` holds depends on the time.
"""

# By the dashboard's uid, the panel's title and the query's refId.
NEVER = {
    ("flashback-exporter", "Shards", "A"): "the demo has no shards",
    ("flashback-exporter", "Shards", "B"): "the demo has no shards",
    ("flashback-exporter", "Refused by limits", "A"): "the demo has no limits",
    ("flashback-exporter", "Refused by limits", "B"): "the demo has no limits",
    ("flashback-exporter", "Rate limit", "A"): "the demo's API throttles nobody, so that no rate is limited",
}

PERHAPS: dict[tuple[str, str, str], str] = {}

# By the variable's name.
VARIABLES = {
    "account": "the demo has one account, which needs no label",
}
