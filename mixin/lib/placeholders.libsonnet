// The placeholders in the rules' expressions, replaced according to the settings.
function(config) {
  local objectives = config.objectives,
  local matchers = function(texts) std.join(', ', std.filter(function(text) text != '', texts)),

  // The cluster's label in a list of labels, before the others: 'cluster, '.
  cluster: if config.clusterLabel == '' then '' else config.clusterLabel + ', ',

  // The selected series of the exporter: before other matchers, and as the only matchers.
  matchers: if config.selector == '' then '' else config.selector + ', ',
  selector: if config.selector == '' then '' else '{' + config.selector + '}',
  exporters: matchers([config.selector, config.exporterSelector]),
  probes: config.probeSelector,

  prefix: config.alertNamePrefix,

  // The objectives of a bucket: numbers for all buckets, or a series for each. Several servers may record the numbers with their own
  // labels; the strictest number applies.
  local hasOwn = objectives.byBucket != [],
  availability:
    if hasOwn then 'bucket:flashback_availability_objective:ratio'
    else 'scalar(max(flashback:bucket_availability_objective:ratio))',
  latency:
    if hasOwn then 'bucket:flashback_latency_objective:seconds'
    else 'scalar(min(flashback:bucket_latency_objective:seconds))',
  // Goes between a series of buckets and its objective, after the operator.
  ofBucket: if hasOwn then 'on (%sjob, account, bucket_id) group_left () ' % self.cluster else '',
  // For comparing an objective with series of buckets after a computation with series of accounts: the labels of the comparison, and what
  // follows the operator of the computation.
  byObjective: self.cluster + 'job, account' + (if hasOwn then ', bucket_id' else ''),
  ofAccount: if hasOwn then 'on (%sjob, account) group_left () ' % self.cluster else '',
}
