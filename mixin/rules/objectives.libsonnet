// The objectives in _config as recorded series.

// The value of a field for each bucket: from the first pattern that matches its name, or the common value.
local ofBuckets = function(byBucket, field, common)
  local named = [each for each in byBucket if std.objectHas(each, field)];
  local buckets = function(matchers)
    'group by (%(cluster)sjob, account, bucket_id) (bucket:flashback_bucket_name:info' + matchers + ')';
  // A percent sign in a pattern is not a placeholder.
  local matcher = function(pattern) std.strReplace('{bucket_name=~%s}' % std.escapeStringJson(pattern), '%', '%%');
  local values = [[matcher(each.buckets), '%g' % each[field]] for each in named] + [['', common]];
  std.join('or on (%(cluster)sjob, account, bucket_id)\n', [
    '%s * %s\n' % [buckets(value[0]), value[1]]
    for value in values
  ]);

function(objectives) {
  common: [
    {
      comment:: |||
        The objectives, which alerts and dashboards follow. A rendering of mixin/ may have others, for all or some buckets; in a copy of
        this file they can be changed here. If objectives of several Prometheus servers are combined in one place, the strictest applies.
      |||,
      name: 'flashback-objectives',
      interval: '1m',
      rules: [
        {
          comment:: |||
            The share of time in which a bucket has to be reachable. With one sample a minute, 0.999 allows 4 bad minutes in three
            days, and each of them would page; 0.995 allows 7 a day.
          |||,
          record: 'flashback:bucket_availability_objective:ratio',
          expr: 'vector(%g)' % objectives.availability,
        },
        {
          comment:: 'The longest acceptable latency of a bucket through its fastest node.',
          record: 'flashback:bucket_latency_objective:seconds',
          expr: 'vector(%g)' % objectives.latencySeconds,
        },
        {
          comment:: 'The used share of a quota above which there is an alert.',
          record: 'flashback:quota_used_objective:ratio',
          expr: 'vector(%g)' % objectives.quotaUsed,
        },
        {
          comment:: 'How long credits must last at the recent rate.',
          record: 'flashback:credits_left_objective:seconds',
          expr: 'vector(%d)' % objectives.creditsLeftSeconds,
        },
      ],
    },
  ],

  // A series for each bucket, only if some buckets have their own objectives.
  ofBuckets: if objectives.byBucket == [] then [] else [
    {
      comment:: 'The objectives of each bucket, by its name.',
      name: 'flashback-bucket-objectives',
      interval: '1m',
      rules: [
        {
          record: 'bucket:flashback_availability_objective:ratio',
          expr: ofBuckets(
            objectives.byBucket, 'availability', 'scalar(max(flashback:bucket_availability_objective:ratio))'
          ),
        },
        {
          record: 'bucket:flashback_latency_objective:seconds',
          expr: ofBuckets(objectives.byBucket, 'latencySeconds', 'scalar(min(flashback:bucket_latency_objective:seconds))'),
        },
      ],
    },
  ],
}
