"""The dashboards, each in a module named after it; `DASHBOARDS` has them in the order of their links."""

from . import bucket, exporter, nodes, overview

DASHBOARDS = [overview.dashboard, bucket.dashboard, nodes.dashboard, exporter.dashboard]
