// Alerts about repositories: only where the collector `repositories` is enabled.
[
  {
    comment:: |||
      Repositories: only where the collector `repositories` is enabled.

      Clients that use the repository are refused. It may be intended, so it does not page. After a missed scrape the latest value
      holds.
    |||,
    alert: 'RepositoryDisabled',
    expr: |||
      max by (%(cluster)sjob, account, repository_id, repository_name) (
        flashback_repository_disabled%(selector)s == 1
        or
        (
          last_over_time(flashback_repository_disabled%(selector)s[3m1s]) == 1
          and on (%(cluster)sjob, instance) instance:flashback_scrape_missed:info
        )
      )
    |||,
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Repository {{ $labels.repository_name }} is disabled.',
      description: |||
        The API says that the repository {{ $labels.repository_name }} ({{ $labels.repository_id }}) has been disabled for
        five minutes. Clients that use it get errors.
      |||,
    },
  },

  {
    comment:: |||
      A mirror has lost a bucket while others of it can be reached. FlashbackBucketUnreachable pages for the bucket; this warning, for working
      hours, names the repository that has less redundancy.
    |||,
    alert: 'MirrorMemberUnreachable',
    expr: |||
      repository:flashback_mirror_member:info
      * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name)
        (bucket:flashback_reachable:max == 0)
      and on (%(cluster)sjob, account, repository_id)
        (
          repository:flashback_mirror_member:info
          and on (%(cluster)sjob, account, bucket_id)
          bucket:flashback_reachable:max == 1
        )
    |||,
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Bucket {{ $labels.bucket_name }} of the mirror {{ $labels.repository_name }} cannot be reached.',
      description: |||
        The bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) of the mirror {{ $labels.repository_name }}
        ({{ $labels.repository_id }}) has been unreachable for five minutes, while other buckets of the mirror are
        reachable.
      |||,
    },
  },
]
