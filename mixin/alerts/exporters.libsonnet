// Alerts about exporters and their shards.
[
  {
    comment:: |||
      An exporter that does not answer, a job that has disappeared from the targets, or no exporter at all. A job that was
      removed on purpose fires for six hours.
    |||,
    alert: 'ExporterDown',
    expr: |||
      (up{%(exporters)s} == 0 unless on (%(cluster)sjob) flashback_up%(selector)s == 1)
      or
      (
        0 * group by (%(cluster)sjob) (last_over_time(up{%(exporters)s}[6h1s]))
        unless on (%(cluster)sjob)
        up{%(exporters)s}
      )
      or
      absent_over_time(up{%(exporters)s}[6h1s])
    |||,
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: |||
        {{ with $labels.instance }}The exporter {{ . }} cannot be scraped.{{ else }}No Flashback exporter is
        scraped{{ with $labels.job }} for the job {{ . }}{{ end }}.{{ end }}
      |||,
      description: |||
        {{ with $labels.instance }}Prometheus has not been able to scrape the exporter {{ . }} for five
        minutes.{{ else }}Prometheus has no target {{ with $labels.job }}of the job {{ . }} any more.{{ else }}with
        "flashback" in the name of its job.{{ end }}{{ end }} The state of all buckets is unknown, and bucket alerts cannot
        fire.
      |||,
    },
  },

  {
    comment:: 'One of several.',
    alert: 'ExporterDown',
    expr: 'up{%(exporters)s} == 0 and on (%(cluster)sjob) flashback_up%(selector)s == 1',
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The exporter {{ $labels.instance }} cannot be scraped.',
      description: |||
        Prometheus has not been able to scrape the exporter {{ $labels.instance }} for five minutes. Another exporter of the
        job {{ $labels.job }} still serves data; if it serves another shard, %(prefix)sShardMissing fires too.
      |||,
    },
  },

  {
    comment:: 'Scrapes fail intermittently, at least twice: a single restart does not count.',
    alert: 'ScrapesFailing',
    expr: |||
      avg_over_time(up{%(exporters)s}[15m1s]) < 0.9
      and
      resets(up{%(exporters)s}[15m1s]) >= 2
    |||,
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Scrapes of the exporter {{ $labels.instance }} fail intermittently.',
      description: |||
        Only {{ $value | humanizePercentage }} of the scrapes of the exporter {{ $labels.instance }} succeeded within 15
        minutes. Alerts may be delayed.
      |||,
    },
  },

  {
    comment:: 'No exporter of a shard answers. The series of its buckets end as if they had been deleted, so that no other alert fires.',
    alert: 'ShardMissing',
    expr: 'job:flashback_shards_missing:count > 0',
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Shards of the job {{ $labels.job }} without an exporter: {{ $value }}.',
      description: |||
        Prometheus has not been able to scrape any exporter of these shards of the job {{ $labels.job }} for five minutes;
        number of shards: {{ $value }}. The state of their buckets is unknown, and alerts about them cannot fire.
      |||,
    },
  },

  {
    comment:: 'Exporters disagree temporarily while the number is being changed. Meanwhile some buckets are on two shards, or on none.',
    alert: 'ShardsDisagree',
    expr: |||
      max by (%(cluster)sjob) (last_over_time(flashback_exporter_shards%(selector)s[3m1s]))
      != min by (%(cluster)sjob) (last_over_time(flashback_exporter_shards%(selector)s[3m1s]))
    |||,
    'for': '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Exporters of the job {{ $labels.job }} disagree on the number of shards.',
      description: |||
        For 15 minutes exporters of the job {{ $labels.job }} have been configured with different numbers of shards, up to
        {{ $value }}. Some buckets may belong to no shard, and their state is unknown.
      |||,
    },
  },
]
