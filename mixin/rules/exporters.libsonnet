[
  {
    name: 'flashback-shards',
    interval: '1m',
    rules: [
      {
        comment:: 'The shard of each exporter, always 1; without the label shard if there are no shards.',
        record: 'instance:flashback_shard:info',
        expr: |||
          max by (%(cluster)sjob, instance, shard) (last_over_time(flashback_exporter_shard_info%(selector)s[3m1s]))
          or on (%(cluster)sjob, instance)
          group by (%(cluster)sjob, instance) (last_over_time(flashback_up%(selector)s[3m1s]))
          or on (%(cluster)sjob, instance)
          group by (%(cluster)sjob, instance) (flashback_exporter_build_info%(selector)s)
        |||,
      },
      {
        comment:: |||
          Whether an exporter reads the bucket list of an account, with the exporter's shard. A scraped exporter without the metric
          does not.
        |||,
        record: 'instance:flashback_up:max',
        expr: |||
          (
            max by (%(cluster)sjob, account, instance) (last_over_time(flashback_up%(selector)s[3m1s]))
            or
            0 * group by (%(cluster)sjob, account, instance) (flashback_api_concurrency_limit%(selector)s)
            or on (%(cluster)sjob, instance)
            0 * group by (%(cluster)sjob, instance) (flashback_exporter_build_info%(selector)s)
          )
          * on (%(cluster)sjob, instance) group_left (shard) instance:flashback_shard:info
        |||,
      },
      {
        comment:: 'Whether any exporter of a shard does. This says nothing about the buckets of other shards.',
        record: 'shard:flashback_up:max',
        expr: 'max by (%(cluster)sjob, account, shard) (instance:flashback_up:max)',
      },
      {
        comment:: 'Whether the latest attempt of a collector with a request per bucket succeeded for any bucket. Absent without buckets.',
        record: 'collector:flashback_bucket_success:max',
        expr: 'max by (%(cluster)sjob, account, instance, collector) (last_over_time(flashback_bucket_collector_success%(selector)s[3m1s]))',
      },
      {
        comment:: 'Whether any exporter of a shard has read the status of any of its buckets.',
        record: 'shard:flashback_status_readable:max',
        expr: |||
          max by (%(cluster)sjob, account, shard) (
            collector:flashback_bucket_success:max{collector="status"}
            * on (%(cluster)sjob, instance) group_left (shard) instance:flashback_shard:info
          )
        |||,
      },
      {
        comment:: 'The number of shards without an exporter that answers. Absent without shards.',
        record: 'job:flashback_shards_missing:count',
        expr: |||
          max by (%(cluster)sjob) (flashback_exporter_shards%(selector)s)
          - count by (%(cluster)sjob) (group by (%(cluster)sjob, shard) (flashback_exporter_shard_info%(selector)s))
        |||,
      },
    ],
  },
  {
    name: 'flashback-collection',
    interval: '1m',
    rules: [
      {
        comment:: 'The share of the requests that are throttled.',
        record: 'instance:flashback_api_throttled:ratio_rate10m',
        expr: |||
          sum by (%(cluster)sjob, account, instance) (rate(flashback_api_throttled_total%(selector)s[10m]))
          / (sum by (%(cluster)sjob, account, instance) (rate(flashback_api_requests_total%(selector)s[10m])) > 0)
        |||,
      },
      {
        comment:: |||
          Whether the API throttles so much that data is late, always 1: more than a tenth of the requests are throttled, or a
          requested pause has not ended.
        |||,
        record: 'instance:flashback_throttled:info',
        expr: |||
          group by (%(cluster)sjob, account, instance) (
              (instance:flashback_api_throttled:ratio_rate10m > 0.1)
            or
              (
                  max by (%(cluster)sjob, account, instance) (
                    last_over_time(flashback_api_pause_end_timestamp_seconds%(selector)s[3m1s])
                  )
                > time()
              )
          )
        |||,
      },
      {
        comment:: |||
          Whether the API rejects the credentials, always 1: the bucket list cannot be read, and within ten minutes the request for
          the list was answered with 401 or 403, or the request for a new token with any 4xx except 429. A rejected token is tried
          again after at most five minutes.
        |||,
        record: 'instance:flashback_auth_failing:info',
        expr: |||
          group by (%(cluster)sjob, account, instance, shard) (instance:flashback_up:max == 0)
          and on (%(cluster)sjob, account, instance)
            (
              sum by (%(cluster)sjob, account, instance) (
                  increase(flashback_api_requests_total{%(matchers)sendpoint="GET /bucket", code=~"401|403"}[10m])
                or
                  increase(
                    flashback_api_requests_total{%(matchers)sendpoint=~"POST /user/(login|refresh)", code=~"4..", code!="429"}[10m]
                  )
              ) > 0
            )
        |||,
      },
      {
        comment:: 'The time since the last success of each collector, or since the start of the exporter if there was none.',
        record: 'collector:flashback_last_success_age_seconds:min',
        expr: |||
          (
              time()
            - max by (%(cluster)sjob, account, instance, collector) (
                last_over_time(flashback_collector_last_success_timestamp_seconds%(selector)s[3m1s])
              )
          )
          or
            (
                group by (%(cluster)sjob, account, instance, collector) (
                    last_over_time(flashback_collector_success%(selector)s[3m1s])
                  or
                    last_over_time(flashback_collector_lifetime_seconds%(selector)s[3m1s])
                )
              * on (%(cluster)sjob, instance) group_left ()
                (time() - max by (%(cluster)sjob, instance) (last_over_time(process_start_time_seconds%(selector)s[3m1s])))
            )
        |||,
      },
    ],
  },
]
