// Alerts about single buckets and nodes.
[
  {
    comment:: |||
      No node reaches the bucket, so clients cannot read its data. A bucket that is renamed meanwhile keeps its old name until
      the alert resolves: a new name would be a new alert, which resolves the first and waits again.
    |||,
    alert: 'BucketUnreachable',
    expr: |||
      topk by (%(cluster)sjob, account, bucket_id) (1,
        0 * group by (%(cluster)sjob, account, bucket_id, bucket_name) (
          last_over_time(ALERTS{alertname="%(prefix)sBucketUnreachable"}[90s])
        )
        and on (%(cluster)sjob, account, bucket_id)
        bucket:flashback_unreachable:min
      )
      or on (%(cluster)sjob, account, bucket_id)
      bucket:flashback_reachable:max == 0
    |||,
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} cannot be reached through any node.',
      description: |||
        No bridge node of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) has been online for five minutes.
      |||,
    },
  },

  {
    comment:: |||
      Some nodes reach the bucket and others do not: their clients get errors until they use another node. The condition must
      hold for half of the last half hour, so that flapping nodes fire too, and within the last six minutes.
    |||,
    alert: 'BucketDegraded',
    expr: |||
      max by (%(cluster)sjob, account, bucket_id) (last_over_time(bucket:flashback_nodes_down:sum[6m1s]))
      * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
      and on (%(cluster)sjob, account, bucket_id)
      (
        sum by (%(cluster)sjob, account, bucket_id) (count_over_time(bucket:flashback_nodes_down:sum[30m1s])) >= 15
      )
      and on (%(cluster)sjob, account, bucket_id)
      bucket:flashback_reachable:max == 1
    |||,
    'for': '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} cannot be reached through some of its nodes.',
      description: |||
        Offline or disconnected nodes of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}): {{ $value }}. Other
        nodes still reach it.
      |||,
    },
  },

  {
    comment:: 'A node fails for most of its buckets: one alert instead of one for each bucket. Same windows as FlashbackBucketDegraded.',
    alert: 'NodeDown',
    expr: |||
      last_over_time(node:flashback_down:info[6m1s])
      and
      count_over_time(node:flashback_down:info[30m1s]) >= 15
    |||,
    'for': '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The bridge node {{ $labels.node }} fails for most of its buckets.',
      description: |||
        The bridge node {{ $labels.node }} did not reach more than half of its buckets for 15 of the last 30 minutes.
        %(prefix)sBucketDegraded does not fire for this node meanwhile.
      |||,
    },
  },

  {
    comment:: |||
      Even the fastest node that reaches the bucket is slow, compared with the objective or with yesterday. The median of 15
      minutes counts, since a single slow probe means nothing.
    |||,
    alert: 'BucketLatencyHigh',
    expr: |||
      max by (%(cluster)sjob, account, bucket_id) (quantile_over_time(0.5, bucket:flashback_latency_seconds:min[15m1s]))
      * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
      > %(ofBucket)s%(latency)s
      and on (%(cluster)sjob, account, bucket_id)
      bucket:flashback_reachable:max == 1
    |||,
    'for': '10m',
    labels: { severity: 'warning', comparison: 'objective' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} is slower than its objective.',
      description: |||
        The median latency of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) through its fastest node was
        {{ $value | humanizeDuration }} over 15 minutes, above the objective.
      |||,
    },
  },

  {
    comment:: 'Latencies below a fifth of the objective are ignored: an increase from 5 ms to 20 ms is not a problem.',
    alert: 'BucketLatencyHigh',
    expr: |||
      (
        max by (%(cluster)sjob, account, bucket_id) (quantile_over_time(0.5, bucket:flashback_latency_seconds:min[15m1s]))
        * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
        > %(ofBucket)s%(latency)s / 5
      )
      > on (%(cluster)sjob, account, bucket_id) group_left ()
      3 * max by (%(cluster)sjob, account, bucket_id) (last_over_time(bucket:flashback_latency_yesterday_seconds:min[4m1s]))
      and on (%(cluster)sjob, account, bucket_id)
      bucket:flashback_reachable:max == 1
    |||,
    'for': '10m',
    labels: { severity: 'warning', comparison: 'yesterday' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} is much slower than yesterday.',
      description: |||
        The median latency of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) through its fastest node was
        {{ $value | humanizeDuration }} over 15 minutes, more than three times yesterday's average.
      |||,
    },
  },

  {
    comment:: "A node that is listed as online has not reported for long: the bucket's other series may be outdated.",
    alert: 'BucketNodeDataStale',
    expr: 'bucket:flashback_report_age_seconds:max > 900',
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Node reports on bucket {{ $labels.bucket_name }} are out of date.',
      description: |||
        The API lists a node of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) as online although its latest
        report was {{ $value | humanizeDuration }} old when it was read. State and latency of the bucket may be outdated.
      |||,
    },
  },

  {
    comment:: |||
      According to the API's statistics the day can no longer meet the objective: the downtime that it allows in 24 hours is
      used up.
    |||,
    alert: 'BucketUptimeLow',
    expr: |||
      bucket:flashback_uptime_today_ratio:max
      < on (%(byObjective)s) group_left ()
        (
          1
          - (1 - %(availability)s) * 86400
          / %(ofAccount)s(
              time()
            - max by (%(cluster)sjob, account) (
                last_over_time(flashback_daily_stats_day_timestamp_seconds{%(matchers)sday="today"}[3m1s])
              )
          )
        )
    |||,
    'for': '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} misses its uptime objective today.',
      description: |||
        The best node of the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) was online for
        {{ $value | humanizePercentage }} of the UTC day so far. The downtime that the objective allows per day is used up.
      |||,
    },
  },

  {
    comment:: |||
      The bucket is listed, but its reachability is unknown: its status cannot be read, has no nodes, or is an unknown word.
      Does not fire when all buckets of the exporter are affected because the API fails or throttles: other alerts cover that.
    |||,
    alert: 'StatusUnknown',
    expr: |||
      bucket:flashback_bucket_name:info
      unless on (%(cluster)sjob, account, bucket_id) bucket:flashback_reachable:max
      and on (%(cluster)sjob, account, bucket_id)
        (
          last_over_time(flashback_bucket_collector_success{%(matchers)scollector="status"}[3m1s])
          and on (%(cluster)sjob, account, instance) instance:flashback_up:max == 1
          and on (%(cluster)sjob, account, instance)
          last_over_time(flashback_collector_success{%(matchers)scollector="status"}[3m1s]) == 1
          unless on (%(cluster)sjob, account, instance) instance:flashback_throttled:info
        )
    |||,
    'for': '30m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Reachability of bucket {{ $labels.bucket_name }} is unknown.',
      description: |||
        The bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) is listed, but no node has reported a known state for
        half an hour. Availability alerts for the bucket cannot fire.
      |||,
    },
  },
]
