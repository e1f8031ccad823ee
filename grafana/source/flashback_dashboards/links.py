"""Links from rows and series to the dashboards of their buckets and nodes."""

_KEPT = "${datasource:queryparam}&${job:queryparam}&${account:queryparam}&${instance:queryparam}&${__url_time_range}"


def link_to_bucket(identity: str) -> dict[str, object]:
    """A link from a row or a series to its bucket's dashboard; `identity` is Grafana's variable with its bucket_id."""
    return {"title": "The bucket's dashboard", "url": f"/d/flashback-bucket?var-bucket=${{{identity}}}&{_KEPT}"}


def link_to_node(identity: str) -> dict[str, object]:
    return {"title": "The node's dashboard", "url": f"/d/flashback-nodes?var-node=${{{identity}}}&{_KEPT}"}


BUCKET_OF_ROW = link_to_bucket("__data.fields.bucket_id")
BUCKET_OF_SERIES = link_to_bucket("__field.labels.bucket_id")
NODE_OF_SERIES = link_to_node("__field.labels.node")
