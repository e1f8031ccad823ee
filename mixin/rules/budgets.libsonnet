// The error ratios and the error budget of each bucket.

local ratio = function(window, minutes) {
  record: 'bucket:flashback_error_ratio:avg_over_time' + window,
  // Keep the format's own placeholders for later.
  expr: |||
    clamp_max(sum by (%%(cluster)sjob, account, bucket_id) (sum_over_time(bucket:flashback_unreachable:min[%s1s])) / %d, 1)
    * on (%%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
  ||| % [window, minutes],
};

[
  {
    comment:: |||
      The share of a window's minutes in which a bucket was known to be unreachable; absent if there were none. The divisor is the
      window in minutes: minutes without data count as good, so that neither an outage of the API nor the first hours of a new
      installation exaggerate a few bad minutes. Both ends of a window count, hence the bound.
    |||,
    name: 'flashback-error-ratios',
    interval: '1m',
    rules: [ratio('5m', 5), ratio('30m', 30), ratio('1h', 60), ratio('2h', 120), ratio('6h', 360)],
  },
  {
    comment:: 'The same for long windows, whose cost grows with the number of bad minutes.',
    name: 'flashback-error-ratios-long',
    interval: '3m',
    rules: [
      ratio('1d', 1440),
      ratio('3d', 4320),
      {
        comment:: |||
          The remaining share of the 30-day error budget: 1 if nothing was spent, below 0 if it is exceeded. It counts the bad
          minutes themselves, so that it is exact even if the series was absent.
        |||,
        record: 'bucket:flashback_error_budget_remaining:ratio30d',
        expr: |||
          (
              1
            -
              sum by (%(cluster)sjob, account, bucket_id) (sum_over_time(bucket:flashback_unreachable:min[30d1s])) / 43200
              / (1 - %(availability)s)
          )
          * on (%(cluster)sjob, account, bucket_id) group_left (bucket_name) bucket:flashback_bucket_name:info
          or on (%(cluster)sjob, account, bucket_id)
          bucket:flashback_bucket_name:info
        |||,
      },
    ],
  },
]
