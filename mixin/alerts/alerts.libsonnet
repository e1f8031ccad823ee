// The alerts, in groups by subject.
local prepared = import '../lib/groups.libsonnet';

local groups = [
  {
    name: 'flashback-bucket-alerts',
    interval: '1m',
    rules: (import 'buckets.libsonnet') + (import 'repositories.libsonnet'),
  },
  {
    comment:: 'Probes are a job of their own, whose targets are buckets: prometheus/probes.yml.',
    name: 'flashback-probe-alerts',
    interval: '1m',
    rules: import 'probes.libsonnet',
  },
  {
    name: 'flashback-budget-alerts',
    interval: '1m',
    rules: import 'budgets.libsonnet',
  },
  {
    comment:: 'These look back for hours and days, and can be evaluated less often.',
    name: 'flashback-traffic-alerts',
    interval: '3m',
    rules: import 'traffic.libsonnet',
  },
  {
    name: 'flashback-account-alerts',
    interval: '1m',
    rules: import 'accounts.libsonnet',
  },
  {
    name: 'flashback-exporter-alerts',
    interval: '1m',
    rules: (import 'api.libsonnet') + (import 'exporters.libsonnet') + (import 'collection.libsonnet'),
  },
];

{ prometheusAlerts+:: { groups+: prepared(groups, $._config) } }
