[
  {
    name: 'flashback-traffic',
    interval: '3m',
    rules: [
      {
        comment:: 'Traffic. Each exporter that has the bucket exports its whole traffic, so the largest value is the correct one.',
        record: 'bucket:flashback_bucket_requests:rate1h',
        expr: |||
          max by (%(cluster)sjob, account, bucket_id) (rate(flashback_bucket_requests_total%(selector)s[1h]))
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
        |||,
      },
    ],
  },
  {
    comment:: 'Aggregates of all buckets of an account.',
    name: 'flashback-accounts',
    interval: '1m',
    rules: [
      {
        comment:: 'The used share of each quota, and the credits that are left. A missed scrape leaves no gap, which forecasts could not bridge.',
        record: 'account:flashback_quota_used_ratio:max',
        expr: 'max by (%(cluster)sjob, account, capability, period) (last_over_time(flashback_quota_used_ratio%(selector)s[3m1s]))',
      },
      {
        record: 'account:flashback_credits_balance:min',
        expr: |||
          min by (%(cluster)sjob, account) (
            last_over_time(flashback_credits_realtime_balance%(selector)s[3m1s]) or last_over_time(flashback_credits_balance%(selector)s[3m1s])
          )
        |||,
      },
      {
        comment:: 'The numbers of buckets that are listed, whose reachability is known, and that are reachable.',
        record: 'account:flashback_buckets:count',
        expr: 'count by (%(cluster)sjob, account) (bucket:flashback_bucket_name:info)',
      },
      {
        record: 'account:flashback_reachable:count',
        expr: 'count by (%(cluster)sjob, account) (bucket:flashback_reachable:max)',
      },
      {
        record: 'account:flashback_reachable:sum',
        expr: 'sum by (%(cluster)sjob, account) (bucket:flashback_reachable:max)',
      },
      {
        comment:: 'The number of buckets in each state, as the API reports it for the whole bucket. States without buckets have no series.',
        record: 'account:flashback_bucket_status:count',
        expr: |||
          count by (%(cluster)sjob, account, status) (
            group by (%(cluster)sjob, account, bucket_id, status) (flashback_bucket_status%(selector)s == 1)
          )
        |||,
      },
      {
        comment:: "The number of buckets for which a collector's latest request failed.",
        record: 'account:flashback_bucket_collector_failures:count',
        expr: |||
          count by (%(cluster)sjob, account, collector) (
            group by (%(cluster)sjob, account, bucket_id, collector) (flashback_bucket_collector_success%(selector)s == 0)
          )
          or
          0 * group by (%(cluster)sjob, account, collector) (flashback_collector_success{%(matchers)scollector=~"status|daily|yesterday"})
        |||,
      },
      {
        comment:: 'Traffic of all buckets, and the number of decreases of totals.',
        record: 'account:flashback_bucket_requests:rate5m',
        expr: |||
          sum by (%(cluster)sjob, account) (
            max by (%(cluster)sjob, account, bucket_id) (rate(flashback_bucket_requests_total%(selector)s[5m]))
          )
        |||,
      },
      {
        record: 'account:flashback_bucket_upload_bytes:rate5m',
        expr: |||
          sum by (%(cluster)sjob, account) (
            max by (%(cluster)sjob, account, bucket_id) (rate(flashback_bucket_upload_bytes_total%(selector)s[5m]))
          )
        |||,
      },
      {
        record: 'account:flashback_bucket_download_bytes:rate5m',
        expr: |||
          sum by (%(cluster)sjob, account) (
            max by (%(cluster)sjob, account, bucket_id) (rate(flashback_bucket_download_bytes_total%(selector)s[5m]))
          )
        |||,
      },
      {
        record: 'account:flashback_bucket_totals_regressions:rate5m',
        expr: |||
          sum by (%(cluster)sjob, account) (
            max by (%(cluster)sjob, account, bucket_id) (rate(flashback_bucket_totals_regressions_total%(selector)s[5m]))
          )
        |||,
      },
    ],
  },
]
