// The recorded series, which the alerts and the dashboards use.
local prepared = import '../lib/groups.libsonnet';

{
  prometheusRules+:: {
    local objectives = (import 'objectives.libsonnet')($._config.objectives),
    local groups =
      objectives.common
      + (import 'nodes.libsonnet')
      + (import 'buckets.libsonnet')
      + objectives.ofBuckets
      + (import 'accounts.libsonnet')
      + (import 'budgets.libsonnet')
      + (import 'exporters.libsonnet'),
    groups+: prepared(groups, $._config),
  },
}
