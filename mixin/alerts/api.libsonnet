// Alerts about the Flashback API as an exporter sees it.
[
  {
    comment:: |||
      Without the list the state of all buckets is unknown. If the API rejects the credentials, FlashbackAuthFailing fires
      instead. If another exporter of the shard reads the list, no page is needed: FlashbackCollectorStale fires.
    |||,
    alert: 'APIDown',
    expr: |||
      instance:flashback_up:max == 0
      unless on (%(cluster)sjob, account, instance) instance:flashback_auth_failing:info
      unless on (%(cluster)sjob, account, shard) shard:flashback_up:max == 1
    |||,
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: |||
        {{ $labels.instance }} cannot read the Flashback API{{ with $labels.account }} for the account {{ . }}{{ end }}.
      |||,
      description: |||
        The exporter {{ $labels.instance }} has not been able to read the list of buckets from the Flashback API for five
        minutes. The state of all buckets{{ with $labels.account }} of the account {{ . }}{{ end }}{{ with $labels.shard }}
        on shard {{ . }}{{ end }} is unknown, and bucket alerts cannot fire.
      |||,
    },
  },

  {
    alert: 'AuthFailing',
    expr: 'instance:flashback_auth_failing:info == 1 unless on (%(cluster)sjob, account, shard) shard:flashback_up:max == 1',
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: |||
        The Flashback API rejects the credentials of {{ $labels.instance }}{{ with $labels.account }} for the account
        {{ . }}{{ end }}.
      |||,
      description: |||
        The Flashback API rejects the access token of the exporter {{ $labels.instance }}, or the credentials for a new one.
        The state of all buckets{{ with $labels.account }} of the account {{ . }}{{ end }}{{ with $labels.shard }} on shard
        {{ . }}{{ end }} is unknown, and bucket alerts cannot fire.
      |||,
    },
  },

  {
    alert: 'Throttled',
    expr: 'instance:flashback_throttled:info == 1',
    'for': '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The Flashback API throttles {{ $labels.instance }}{{ with $labels.account }} for the account {{ . }}{{ end }}.
      |||,
      description: |||
        For 15 minutes the Flashback API has answered more than a tenth of the requests of the exporter
        {{ $labels.instance }} with "too many requests", or has asked it to wait. Bucket data is late or missing.
      |||,
    },
  },

  {
    comment:: |||
      A token that the exporter does not renew has to be replaced in time. A token that it renews, at four fifths of its
      lifetime, counts only if renewals fail.
    |||,
    alert: 'TokenExpiring',
    expr: |||
      (
          max by (%(cluster)sjob, account, instance) (
            last_over_time(flashback_api_token_expiry_timestamp_seconds%(selector)s[3m1s])
          )
        - time()
        < 600
      )
      and on (%(cluster)sjob, account, instance)
        (
            sum by (%(cluster)sjob, account, instance) (last_over_time(flashback_api_token_renewals_total%(selector)s[3m1s])) == 0
          or
            increase(flashback_api_token_renewals_total{%(matchers)sresult="failure"}[15m]) > 0
        )
      and on (%(cluster)sjob, account, instance) instance:flashback_up:max == 1
    |||,
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The access token of {{ $labels.instance }}{{ with $labels.account }} for the account {{ . }}{{ end }} is about to
        expire.
      |||,
      description: |||
        The access token of the exporter {{ $labels.instance }} expires in {{ $value | humanizeDuration }} and has not been
        renewed. No bucket data can be read after that.
      |||,
    },
  },

  {
    comment:: |||
      A new refresh token could not be saved: it is in memory only, and a restart would lose it and the account with it. The
      exporter tries again every ten seconds.
    |||,
    alert: 'TokenUnsaved',
    expr: 'max by (%(cluster)sjob, account, instance) (last_over_time(flashback_api_token_unsaved%(selector)s[3m1s])) == 1',
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The refresh token of {{ $labels.instance }}{{ with $labels.account }} for the account {{ . }}{{ end }} cannot be saved.
      |||,
      description: |||
        The exporter {{ $labels.instance }} holds its new refresh token in memory only. If it restarts before it can save
        the token, the account needs a new log-in.
      |||,
    },
  },
]
