[
  {
    comment:: 'Evaluated before the buckets, whose alerts exclude problems of nodes.',
    name: 'flashback-nodes',
    interval: '1m',
    rules: [
      {
        comment:: 'The number of buckets for which a node is in each state. States without buckets have no series.',
        record: 'node:flashback_bucket_status:count',
        expr: |||
          count by (%(cluster)sjob, account, node, status) (
            group by (%(cluster)sjob, account, bucket_id, node, status) (flashback_bucket_node_status%(selector)s == 1)
          )
        |||,
      },
      {
        comment:: 'The number of buckets on which a node reports, and how many of them are reachable through it.',
        record: 'node:flashback_buckets:count',
        expr: 'sum by (%(cluster)sjob, account, node) (node:flashback_bucket_status:count)',
      },
      {
        record: 'node:flashback_buckets_online:sum',
        expr: |||
          sum by (%(cluster)sjob, account, node) (node:flashback_bucket_status:count{status="online"})
          or
          0 * node:flashback_buckets:count
        |||,
      },
      {
        comment:: 'When a node last reported on any bucket.',
        record: 'node:flashback_last_update_timestamp_seconds:max',
        expr: 'max by (%(cluster)sjob, account, node) (flashback_bucket_node_last_update_timestamp_seconds%(selector)s)',
      },
      {
        comment:: 'Retired nodes, always 1: they have not reported on any bucket for three days, even if the API still lists them.',
        record: 'node:flashback_retired:info',
        expr: |||
          group by (%(cluster)sjob, account, node) (
            node:flashback_last_update_timestamp_seconds:max < time() - 3 * 86400
          )
        |||,
      },
      {
        comment:: |||
          Nodes that fail for most of their buckets, always 1. Nodes with a single bucket are excluded, since the bucket may be the
          cause.
        |||,
        record: 'node:flashback_down:info',
        expr: |||
          group by (%(cluster)sjob, account, node) (
              sum by (%(cluster)sjob, account, node) (node:flashback_bucket_status:count{status=~"offline|disconnected"})
            >
              0.5 * (node:flashback_buckets:count > 1)
          )
          unless on (%(cluster)sjob, account, node)
          node:flashback_retired:info
        |||,
      },
    ],
  },
  {
    comment:: 'Node series for the dashboards.',
    name: 'flashback-node-details',
    interval: '3m',
    rules: [
      {
        comment:: 'The latency of the latest probes of the buckets that a node reaches: the median and the longest.',
        record: 'node:flashback_latency_seconds:quantile50',
        expr: |||
          quantile by (%(cluster)sjob, account, node) (0.5,
              flashback_bucket_node_latency_seconds%(selector)s
            and on (%(cluster)sjob, account, instance, bucket_id, node)
              flashback_bucket_node_status{%(matchers)sstatus="online"} == 1
          )
        |||,
      },
      {
        record: 'node:flashback_latency_seconds:max',
        expr: |||
          max by (%(cluster)sjob, account, node) (
              flashback_bucket_node_latency_seconds%(selector)s
            and on (%(cluster)sjob, account, instance, bucket_id, node)
              flashback_bucket_node_status{%(matchers)sstatus="online"} == 1
          )
        |||,
      },
      {
        comment:: "Each node's region and version, always 1.",
        record: 'node:flashback_node:info',
        expr: 'group by (%(cluster)sjob, account, node, node_region, version) (flashback_bucket_node_info%(selector)s)',
      },
    ],
  },
]
