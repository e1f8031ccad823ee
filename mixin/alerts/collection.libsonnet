// Alerts about data that an exporter does not collect, or collects late.
[
  {
    comment:: |||
      Twice its lifetime and ten minutes. Does not fire while no exporter of the shard can read the list, nor for collectors
      with a request per bucket while there are no buckets.
    |||,
    alert: 'CollectorStale',
    expr: |||
      (
          collector:flashback_last_success_age_seconds:min
        > on (%(cluster)sjob, account, instance, collector)
          600
          + 2
          * max by (%(cluster)sjob, account, instance, collector) (
              last_over_time(flashback_collector_lifetime_seconds%(selector)s[3m1s])
            )
      )
      unless on (%(cluster)sjob, account, instance)
        (instance:flashback_up:max unless on (%(cluster)sjob, account, shard) shard:flashback_up:max == 1)
      unless on (%(cluster)sjob, account, instance, collector)
        (
            collector:flashback_last_success_age_seconds:min{collector=~"status|daily|yesterday"}
          unless on (%(cluster)sjob, account, instance, collector)
            collector:flashback_bucket_success:max
        )
    |||,
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The collector {{ $labels.collector }} of {{ $labels.instance }} has no current data{{ with $labels.account }} for
        the account {{ . }}{{ end }}.
      |||,
      description: |||
        The collector {{ $labels.collector }} of the exporter {{ $labels.instance }} last succeeded
        {{ $value | humanizeDuration }} ago, although the API is reachable. Its series are missing.
      |||,
    },
  },

  {
    comment:: |||
      A cycle takes so long that data is outdated although requests succeed. A lifetime below a minute counts as a minute: an
      exporter that is scraped every minute cannot read more often.
    |||,
    alert: 'CollectorTooSlow',
    expr: |||
      max by (%(cluster)sjob, account, instance, collector) (last_over_time(flashback_collector_cycle_seconds%(selector)s[3m1s]))
      > on (%(cluster)sjob, account, instance, collector)
      2
      * clamp_min(
          max by (%(cluster)sjob, account, instance, collector) (
            last_over_time(flashback_collector_lifetime_seconds%(selector)s[3m1s])
          ),
          60
        )
    |||,
    'for': '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The collector {{ $labels.collector }} of {{ $labels.instance }} cannot keep up{{ with $labels.account }} with the
        account {{ . }}{{ end }}.
      |||,
      description: |||
        The collector {{ $labels.collector }} of the exporter {{ $labels.instance }} takes {{ $value | humanizeDuration }}
        for one cycle through all buckets, more than twice its lifetime.
      |||,
    },
  },

  {
    comment:: |||
      The list of buckets is readable but empty, or has less than half of the buckets of the last hours: missing buckets have no
      series, and therefore no alerts.
    |||,
    alert: 'BucketsVanished',
    expr: |||
      (
        max_over_time(account:flashback_buckets:count[6h1s]) > 0
        and on (%(cluster)sjob, account) instance:flashback_up:max == 1
      )
      unless on (%(cluster)sjob, account) account:flashback_buckets:count
    |||,
    'for': '10m',
    labels: { severity: 'critical', missing: 'all' },
    annotations: {
      summary: |||
        The Flashback API no longer lists any bucket{{ with $labels.account }} for the account {{ . }}{{ end }}.
      |||,
      description: |||
        The list of buckets is readable but empty. Buckets within the last six hours: {{ $value }}. Their state is unknown,
        and alerts about them cannot fire.
      |||,
    },
  },

  {
    alert: 'BucketsVanished',
    expr: |||
      max_over_time(account:flashback_buckets:count[6h1s]) - account:flashback_buckets:count > account:flashback_buckets:count
      and on (%(cluster)sjob, account) instance:flashback_up:max == 1
    |||,
    'for': '10m',
    labels: { severity: 'warning', missing: 'most' },
    annotations: {
      summary: |||
        The Flashback API lists less than half of the previous buckets{{ with $labels.account }} of the account
        {{ . }}{{ end }}.
      |||,
      description: |||
        Buckets that were listed within the last six hours and no longer are: {{ $value }}. Their state is unknown, and
        alerts about them cannot fire.
      |||,
    },
  },

  {
    comment:: 'The list is readable, but not the status of a single bucket: reachability is unknown.',
    alert: 'StatusUnreadable',
    expr: |||
      (
        shard:flashback_status_readable:max == 0
        and on (%(cluster)sjob, account, shard) shard:flashback_up:max == 1
      )
      unless on (%(cluster)sjob, account) instance:flashback_throttled:info
    |||,
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Reachability of all buckets{{ with $labels.account }} of the account {{ . }}{{ end }} is unknown.',
      description: |||
        The list of buckets is readable, but every status request for a bucket{{ with $labels.shard }} on shard
        {{ . }}{{ end }} has failed for five minutes. Availability alerts cannot fire.
      |||,
    },
  },

  {
    comment:: 'Omitted buckets have no series, and therefore no alerts.',
    alert: 'LimitExceeded',
    expr: 'max by (%(cluster)sjob, account, instance) (last_over_time(flashback_exporter_refused_buckets%(selector)s[3m1s])) > 0',
    'for': '5m',
    labels: { severity: 'warning', limit: 'buckets' },
    annotations: {
      summary: |||
        {{ $labels.instance }} omits buckets{{ with $labels.account }} for the account {{ . }}{{ end }}: --limit.buckets is
        exceeded.
      |||,
      description: |||
        The exporter {{ $labels.instance }} omits {{ $value }} buckets because of --limit.buckets. Their state is unknown,
        and alerts about them cannot fire.
      |||,
    },
  },

  {
    alert: 'LimitExceeded',
    expr: 'max by (%(cluster)sjob, account, instance) (last_over_time(flashback_exporter_refused_nodes%(selector)s[3m1s])) > 0',
    'for': '5m',
    labels: { severity: 'warning', limit: 'nodes-per-bucket' },
    annotations: {
      summary: |||
        {{ $labels.instance }} omits nodes of buckets{{ with $labels.account }} for the account {{ . }}{{ end }}:
        --limit.nodes-per-bucket is exceeded.
      |||,
      description: |||
        The exporter {{ $labels.instance }} omits {{ $value }} nodes in total because of --limit.nodes-per-bucket. A bucket
        that only these nodes reach appears unreachable.
      |||,
    },
  },
]
