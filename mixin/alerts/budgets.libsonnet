// The error budget is spent too fast, in a long window and still in a short one.

local burn = function(long, short, factor, wait, severity, paged='') {
  alert: 'BucketErrorBudgetBurn',
  // Keep the format's own placeholders for later.
  local above = '> %%(ofBucket)s%s * (1 - %%(availability)s)' % factor,
  expr: |||
    (bucket:flashback_error_ratio:avg_over_time%s %s)
    and
    (bucket:flashback_error_ratio:avg_over_time%s %s)
  ||| % [long, above, short, above] + if paged == '' then '' else |||
    unless on (%%(cluster)sjob, account, bucket_id)
    last_over_time(ALERTS{alertname="%%(prefix)sBucketUnreachable", alertstate="firing"}[%s1s])
  ||| % paged,
  'for': wait,
  labels: { severity: severity, long: long, short: short },
  annotations: {
    summary: 'Bucket {{ $labels.bucket_name }} spends its error budget too fast.',
    description: |||
      The bucket {{ $labels.bucket_name }} ({{ $labels.bucket_id }}) was unreachable for {{ $value | humanizePercentage }}
      of the last %s, and also within the last %s: more than %sits objective allows.
    ||| % [long, short, if factor == 1 then '' else '%s times what ' % factor],
  },
};

[
  burn('1h', '5m', 14.4, '2m', 'critical', paged='10m') {
    comment:: |||
      The error budget is spent too fast, in a long window and still in a short one. The factors are those of the SRE workbook:
      at 14.4 times the allowed rate an hour spends 2 % of the 30-day budget, at 6 times six hours spend 5 %, at 3 times a day
      10 %, and at the allowed rate three days 10 %. An outage that fired FlashbackBucketUnreachable does not page again after its
      end, while the short window still includes it.
    |||,
  },
  burn('6h', '30m', 6, '15m', 'critical', paged='35m'),
  burn('1d', '2h', 3, '1h', 'warning'),
  burn('3d', '6h', 1, '3h', 'warning'),
]
