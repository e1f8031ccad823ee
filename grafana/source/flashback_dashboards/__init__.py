"""The dashboards, each in a module named after it; `DASHBOARDS` has them in the order of their links."""

from . import account, bucket, exporter, nodes, overview

DASHBOARDS = [overview.dashboard, bucket.dashboard, nodes.dashboard, account.dashboard, exporter.dashboard]
