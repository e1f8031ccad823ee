// Alerts about traffic.
[
  {
    comment:: |||
      Traffic has dropped compared with the same hour a week ago and the hours around it, since a nightly batch shifts by an
      hour with daylight saving time. Does not fire if yesterday was as quiet, unless that day of the week always is. Buckets
      with less than 360 requests an hour are ignored.
    |||,
    alert: 'TrafficDropped',
    expr: |||
      (
          bucket:flashback_bucket_requests:rate1h
        < on (%(cluster)sjob, account, bucket_id) group_left ()
          0.2
          * (
              min by (%(cluster)sjob, account, bucket_id) (
                min_over_time(bucket:flashback_bucket_requests:rate1h[2h1s] offset 167h)
              ) > 0.1
            )
      )
      unless on (%(cluster)sjob, account, bucket_id)
      (
        (
            max by (%(cluster)sjob, account, bucket_id) (bucket:flashback_bucket_requests:rate1h offset 1d) <= 0.1
          or
            max by (%(cluster)sjob, account, bucket_id) (bucket:flashback_bucket_requests:rate1h offset 1d)
            <= on (%(cluster)sjob, account, bucket_id)
            5 * max by (%(cluster)sjob, account, bucket_id) (bucket:flashback_bucket_requests:rate1h)
        )
        unless on (%(cluster)sjob, account, bucket_id)
        max by (%(cluster)sjob, account, bucket_id) (bucket:flashback_bucket_requests:rate1h offset 8d) <= 0.1
      )
    |||,
    'for': '30m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Traffic of bucket {{ $labels.bucket_name }} has dropped.',
      description: |||
        The bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) received {{ $value | printf "%.3g" }} requests per
        second over the last hour, less than a fifth of the rate around the same hour a week ago.
      |||,
    },
  },

  {
    comment:: 'A single lagging replica, or a reset of the totals, causes at most six.',
    alert: 'CounterRegressions',
    expr: |||
      (max by (%(cluster)sjob, account, bucket_id) (increase(flashback_bucket_totals_regressions_total%(selector)s[1h])) > 10)
      * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
    |||,
    'for': '5m',
    labels: { severity: 'info' },
    annotations: {
      summary: 'Traffic totals of bucket {{ $labels.bucket_name }} keep decreasing.',
      description: |||
        The API returned lower totals than before for the bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }})
        {{ $value | printf "%.0f" }} times within an hour. The exporter holds the higher totals, so exported traffic is too
        low meanwhile.
      |||,
    },
  },
]
