// The dashboards of grafana/dashboards, adapted to the settings. With the defaults, they are identical to those files.
local files = {
  'flashback-account.json': import '../../grafana/dashboards/flashback-account.json',
  'flashback-bucket.json': import '../../grafana/dashboards/flashback-bucket.json',
  'flashback-exporter.json': import '../../grafana/dashboards/flashback-exporter.json',
  'flashback-nodes.json': import '../../grafana/dashboards/flashback-nodes.json',
  'flashback-overview.json': import '../../grafana/dashboards/flashback-overview.json',
};

// Applies each [old, new] to all texts of a value, in this order.
local replaced = function(value, changes)
  if std.isString(value) then
    std.foldl(function(text, change) std.strReplace(text, change[0], change[1]), changes, value)
  else if std.isArray(value) then [replaced(each, changes) for each in value]
  else if std.isObject(value) then { [name]: replaced(value[name], changes) for name in std.objectFields(value) }
  else value;

local ofBuckets = [
  [
    'flashback:bucket_availability_objective:ratio',
    'bucket:flashback_availability_objective:ratio{job=~"$job", account=~"$account", bucket_id="$bucket"}',
  ],
  [
    'flashback:bucket_latency_objective:seconds',
    'bucket:flashback_latency_objective:seconds{job=~"$job", account=~"$account", bucket_id="$bucket"}',
  ],
];

local joined = function(matchers) std.join(', ', std.filter(function(matcher) matcher != '', matchers));
local inBraces = function(matchers) if joined(matchers) == '' then '' else '{' + joined(matchers) + '}';

local changes = function(config)
  local cluster = if config.showMultiCluster then config.clusterLabel + '="$cluster"' else '';
  std.filter(
    function(change) change[0] != change[1],
    [
      // The jobs to choose from.
      ['flashback_exporter_build_info[', 'flashback_exporter_build_info' + inBraces([cluster, config.selector]) + '['],
      ['up{job=~".*flashback.*"}', 'up' + inBraces([cluster, config.selector, config.exporterSelector])],
      // Recorded series have only the labels of buckets, accounts and so on, so they are selected by job alone.
      ['instance=~"$instance"', joined(['instance=~"$instance"', config.selector])],
      ['alertname="Flashback', 'alertname="' + config.alertNamePrefix],
    ]
    + (if config.objectives.byBucket == [] then [] else ofBuckets)
    // Last, because the texts above contain some of these.
    + [
      ['job=~"$job"', joined([cluster, 'job=~"$job"'])],
      ['${job:queryparam}', (if cluster == '' then '' else '${cluster:queryparam}&') + '${job:queryparam}'],
    ]
  );

// The variable for the cluster, derived from the one for the job. It selects one cluster: panels would otherwise join buckets and nodes
// with equal names.
local ofClusters = function(jobs, config) jobs {
  name: 'cluster',
  label: 'Cluster',
  description: 'The cluster that is shown.',
  query: 'label_values(flashback_exporter_build_info%s, %s)' % [inBraces([config.selector]), config.clusterLabel],
  regex: '',
  multi: false,
  includeAll: false,
  current: {},
};

local withClusters = function(dashboard, config) dashboard {
  templating+: {
    list: std.flattenArrays([
      if variable.name == 'job' then [ofClusters(variable, config), variable] else [variable]
      for variable in dashboard.templating.list
    ]),
  },
};

local adapted = function(dashboard, config)
  local changed = replaced(dashboard, changes(config));
  if config.showMultiCluster then withClusters(changed, config) else changed;

{
  grafanaDashboards+:: { [name]: adapted(files[name], $._config) for name in std.objectFields(files) },
}
