// Alerts about quotas and credits.
[
  {
    alert: 'QuotaNearLimit',
    expr: 'account:flashback_quota_used_ratio:max > scalar(min(flashback:quota_used_objective:ratio)) < 1',
    'for': '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The quota {{ $labels.capability }}{{ with $labels.account }} of the account {{ . }}{{ end }} is almost used up.
      |||,
      description: |||
        {{ $value | humanizePercentage }} of the quota {{ $labels.capability }}{{ with $labels.period }} ({{ . }}){{ end }}
        are used. When it is used up, the API may disable writes.
      |||,
    },
  },

  {
    comment:: 'Without storage or traffic left, data cannot be written or read.',
    alert: 'QuotaExhausted',
    expr: 'account:flashback_quota_used_ratio:max{capability=~".+_BYTES"} >= 1',
    'for': '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: |||
        The quota {{ $labels.capability }}{{ with $labels.account }} of the account {{ . }}{{ end }} is used up.
      |||,
      description: |||
        {{ $value | humanizePercentage }} of the quota {{ $labels.capability }}{{ with $labels.period }} ({{ . }}){{ end }}
        are used. The API may have disabled writes.
      |||,
    },
  },

  {
    comment:: 'An account may have all the buckets or repositories that it wants: existing ones still work.',
    alert: 'QuotaExhausted',
    expr: 'account:flashback_quota_used_ratio:max{capability!~".+_BYTES"} >= 1',
    'for': '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The quota {{ $labels.capability }}{{ with $labels.account }} of the account {{ . }}{{ end }} is used up.
      |||,
      description: |||
        {{ $value | humanizePercentage }} of the quota {{ $labels.capability }}{{ with $labels.period }} ({{ . }}){{ end }}
        are used. The API may refuse to create more.
      |||,
    },
  },

  {
    comment:: |||
      Only quotas for all time: others start again from zero. Both halves of the last day must point to the limit, so that a single
      large upload, which lies in one of them, is no trend. Without data of 18 hours there is no forecast.
    |||,
    alert: 'QuotaFillingUp',
    expr: |||
      predict_linear(account:flashback_quota_used_ratio:max{period="all_time"}[12h1s], 3 * 86400) > 1
      and
      predict_linear(account:flashback_quota_used_ratio:max{period="all_time"}[12h1s] offset 12h, 3.5 * 86400) > 1
      and
      count_over_time(account:flashback_quota_used_ratio:max{period="all_time"}[1d1s]) >= 1080
      and
      account:flashback_quota_used_ratio:max{period="all_time"} >= 0.5
      and
      account:flashback_quota_used_ratio:max{period="all_time"} < 1
    |||,
    'for': '1h',
    labels: { severity: 'warning' },
    annotations: {
      summary: |||
        The quota {{ $labels.capability }}{{ with $labels.account }} of the account {{ . }}{{ end }} will be used up within
        three days.
      |||,
      description: |||
        More than half of the quota {{ $labels.capability }} is used. At the rate of the last 12 hours it will be
        {{ $value | humanizePercentage }} in three days.
      |||,
    },
  },

  {
    comment:: |||
      Only while the balance falls, by the rate of up to a day, which evens out day and night. Without data of six hours there is no
      forecast.
    |||,
    alert: 'CreditsRunningOut',
    expr: |||
      account:flashback_credits_balance:min
      / (-deriv(account:flashback_credits_balance:min[1d1s]) > 0)
      < scalar(min(flashback:credits_left_objective:seconds))
      and
      count_over_time(account:flashback_credits_balance:min[1d1s]) >= 360
    |||,
    'for': '1h',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The credits{{ with $labels.account }} of the account {{ . }}{{ end }} are running out.',
      description: 'At the rate of the last day the credits will last for {{ $value | humanizeDuration }}.',
    },
  },
]
