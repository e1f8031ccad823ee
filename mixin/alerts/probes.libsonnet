// Alerts about probes, which are a separate job whose targets are buckets: prometheus/probes.yml.
[
  {
    comment:: |||
      The API tried to reach the bucket and could not. A probe that fails because the API or its permissions fail says nothing about
      the bucket. Of several exporters or Prometheus servers that probe it, one success is enough.
    |||,
    alert: 'BucketProbeFailing',
    expr: |||
      max by (%(cluster)sjob, account, bucket_id, bucket_name) (
        last_over_time(probe_success{%(probes)s}[5m1s])
      ) == 0
      and on (%(cluster)sjob, account, bucket_id)
      last_over_time(probe_failure_info{%(probes)s, reason="validation_failed"}[5m1s])
      unless on (%(cluster)sjob, account, bucket_id)
      (
        probe_failure_info{%(probes)s, reason!="validation_failed"}
        unless on (%(cluster)sjob, account, bucket_id)
        probe_failure_info{%(probes)s, reason="validation_failed"}
      )
    |||,
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Probes of bucket {{ $labels.bucket_name }} fail.',
      description: |||
        For five minutes the Flashback API has not been able to reach the bucket {{ $labels.bucket_name }}
        ({{ $labels.bucket_id }}) when asked to try.
      |||,
    },
  },
]
