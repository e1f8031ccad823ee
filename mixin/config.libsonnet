// Every setting of the mixin; README.md explains them.
{
  _config+:: {
    // Which of the exporter's series the rules read: matchers, such as 'env="production"'. All of them if empty.
    selector: '',
    // Which scrape targets are exporters.
    exporterSelector: 'job=~".*flashback.*"',
    // Which series of the job of probes are about buckets.
    probeSelector: 'bucket_id!=""',

    // The label that distinguishes clusters whose series are stored together. Empty if there is none.
    clusterLabel: 'cluster',
    // Whether the dashboards have a variable for the cluster.
    showMultiCluster: false,

    objectives: {
      // The share of time in which a bucket has to be reachable. With one sample a minute, 0.999 allows 4 bad minutes in three
      // days, and each of them would page; 0.995 allows 7 a day.
      availability: 0.995,
      // The longest acceptable latency of a bucket through its fastest node.
      latencySeconds: 0.5,
      // The used share of a quota above which there is an alert.
      quotaUsed: 0.8,
      // How long credits must last at the recent rate.
      creditsLeftSeconds: 7 * 86400,
      // Buckets with other objectives, by patterns for their names: the first pattern that matches the whole name applies. For example {
      // buckets: 'archive-.*', availability: 0.99, latencySeconds: 2 }; missing fields have the values above.
      byBucket: [],
    },

    // The prefix of all alerts' names.
    alertNamePrefix: 'Flashback',
    // The location of the runbooks: the directory of FlashbackBucketUnreachable.md and the others.
    runbookBase: '{{ $externalURL }}/consoles/flashback',
    // The URL of Grafana, such as https://grafana.example.com: each alert then has the annotation dashboard_url. Empty for none.
    dashboardBase: '',
  },
}
