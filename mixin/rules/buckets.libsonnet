[
  {
    name: 'flashback-buckets',
    interval: '1m',
    rules: [
      {
        comment:: 'Exporters whose latest scrape failed after a successful one within three minutes, always 1.',
        record: 'instance:flashback_scrape_missed:info',
        expr: |||
          group by (%(cluster)sjob, instance) (last_over_time(flashback_up%(selector)s[3m1s]))
          unless on (%(cluster)sjob, instance)
          flashback_up%(selector)s
        |||,
      },
      {
        comment:: |||
          The current name of each bucket, always 1. Joined to series by bucket_id, it gives a renamed bucket one history, and
          removes a deleted bucket at once although windows still reach back to it.
        |||,
        record: 'bucket:flashback_bucket_name:info',
        expr: |||
          topk by (%(cluster)sjob, account, bucket_id) (1,
            group by (%(cluster)sjob, account, bucket_id, bucket_name) (
              flashback_bucket_collector_success{%(matchers)scollector=~"status|daily"}
            )
            or
            group by (%(cluster)sjob, account, bucket_id, bucket_name) (flashback_bucket_requests_total%(selector)s)
          )
          or on (%(cluster)sjob, account, bucket_id)
          (
            last_over_time(bucket:flashback_bucket_name:info[90s])
            and on (%(cluster)sjob) instance:flashback_scrape_missed:info
          )
        |||,
      },
      {
        comment:: |||
          Whether the bucket is reachable through any node: 1 or 0. Absent if no node is online and one has an unknown status: the
          best node then has the value 1, and 2 if it is online.
        |||,
        record: 'bucket:flashback_reachable:max',
        expr: |||
          clamp_max(
            max by (%(cluster)sjob, account, bucket_id) (
              2 * (flashback_bucket_node_status{%(matchers)sstatus="online"} == 1)
                or flashback_bucket_node_status{%(matchers)sstatus="unknown"} == 1
                or 0 * (flashback_bucket_node_status{%(matchers)sstatus=~"offline|disconnected"} == 1)
            ) != 1,
            1
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
          or on (%(cluster)sjob, account, bucket_id)
          (
            last_over_time(bucket:flashback_reachable:max[90s])
            and on (%(cluster)sjob) instance:flashback_scrape_missed:info
          )
        |||,
      },
      {
        comment:: 'Buckets that are known to be unreachable, always 1: a sum over time counts bad minutes. Other buckets have no series.',
        record: 'bucket:flashback_unreachable:min',
        expr: 'group by (%(cluster)sjob, account, bucket_id) (bucket:flashback_reachable:max == 0)',
      },
      {
        comment:: 'The buckets of each repository in MIRROR mode, always 1. Only where the collector `repositories` is enabled.',
        record: 'repository:flashback_mirror_member:info',
        expr: |||
          group by (%(cluster)sjob, account, repository_id, repository_name, bucket_id) (
            flashback_repository_bucket_info{%(matchers)smode="MIRROR"}
            or
            (
              last_over_time(flashback_repository_bucket_info{%(matchers)smode="MIRROR"}[3m1s])
              and on (%(cluster)sjob, instance) instance:flashback_scrape_missed:info
            )
          )
        |||,
      },
    ],
  },
  {
    comment:: 'Rules that evaluate every node of every bucket, in a separate group to save time.',
    name: 'flashback-bucket-nodes',
    interval: '1m',
    rules: [
      {
        comment:: |||
          The number of nodes through which a bucket is unreachable: offline or disconnected. Unknown states do not count, nor do
          retired nodes and nodes that fail for most of their buckets. Absent if there are none.
        |||,
        record: 'bucket:flashback_nodes_down:sum',
        expr: |||
          count by (%(cluster)sjob, account, bucket_id) (
            group by (%(cluster)sjob, account, bucket_id, node) (
                flashback_bucket_node_status{%(matchers)sstatus=~"offline|disconnected"} == 1
              unless on (%(cluster)sjob, account, node)
                (node:flashback_down:info or node:flashback_retired:info)
            )
            unless on (%(cluster)sjob, account, bucket_id, node)
            (flashback_bucket_node_status{%(matchers)sstatus="online"} == 1)
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
        |||,
      },
      {
        comment:: |||
          The latency through the fastest node that reaches the bucket: measurements from before a node lost the bucket do not
          count.
        |||,
        record: 'bucket:flashback_latency_seconds:min',
        expr: |||
          min by (%(cluster)sjob, account, bucket_id) (
              flashback_bucket_node_latency_seconds%(selector)s
            and on (%(cluster)sjob, account, instance, bucket_id, node)
              flashback_bucket_node_status{%(matchers)sstatus="online"} == 1
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
        |||,
      },
    ],
  },
  {
    comment:: 'Slowly changing values. A missed scrape must not hide them until the next evaluation.',
    name: 'flashback-buckets-slow',
    interval: '3m',
    rules: [
      {
        comment:: "The fastest node's average latency of yesterday.",
        record: 'bucket:flashback_latency_yesterday_seconds:min',
        expr: |||
          min by (%(cluster)sjob, account, bucket_id) (
            last_over_time(flashback_bucket_node_daily_average_latency_seconds{%(matchers)sday="yesterday"}[3m1s])
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
        |||,
      },
      {
        comment:: 'The share of the UTC day so far in which the best node was online for the bucket.',
        record: 'bucket:flashback_uptime_today_ratio:max',
        expr: |||
          max by (%(cluster)sjob, account, bucket_id) (flashback_bucket_node_daily_uptime_ratio{%(matchers)sday="today"})
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
          or on (%(cluster)sjob, account, bucket_id)
          (
            last_over_time(bucket:flashback_uptime_today_ratio:max[4m1s])
            and on (%(cluster)sjob) instance:flashback_scrape_missed:info
          )
        |||,
      },
    ],
  },
  {
    name: 'flashback-bucket-reports',
    interval: '3m',
    rules: [
      {
        comment:: 'The age of the oldest report of an online node when the exporter read it. Absent below about five minutes.',
        record: 'bucket:flashback_report_age_seconds:max',
        expr: |||
          max by (%(cluster)sjob, account, bucket_id) (
              max by (%(cluster)sjob, account, instance, bucket_id) (
                flashback_bucket_collector_last_success_timestamp_seconds{%(matchers)scollector="status"}
              )
            - on (%(cluster)sjob, account, instance, bucket_id) group_right ()
              (
                  flashback_bucket_node_last_update_timestamp_seconds%(selector)s < time() - 300
                and on (%(cluster)sjob, account, instance, bucket_id, node)
                  flashback_bucket_node_status{%(matchers)sstatus="online"} == 1
              )
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
          or on (%(cluster)sjob, account, bucket_id)
          (
            last_over_time(bucket:flashback_report_age_seconds:max[4m1s])
            and on (%(cluster)sjob) instance:flashback_scrape_missed:info
          )
        |||,
      },
    ],
  },
]
