// Turns the groups in the files of alerts and rules into groups for Prometheus: `alert` is the name without the prefix, `%(…)s` in
// expressions, names and texts is replaced as in lib/placeholders.libsonnet, and a text may have several lines.
//
// A `comment::` is not part of the result, but the files in prometheus/rules contain it.
local placeholders = import 'placeholders.libsonnet';

// Alerts about all buckets rather than about an exporter.
local onOverview = ['BucketsVanished', 'StatusUnreadable'];

// The path of an alert's dashboard, the same as in prometheus/alertmanager.tmpl.
local dashboard = function(alert, config) std.join('', [
  '{{ if $labels.bucket_id }}/d/flashback-bucket?var-bucket={{ urlquery $labels.bucket_id }}',
  '{{ else if $labels.node }}/d/flashback-nodes?var-node={{ urlquery $labels.node }}',
  if std.member(onOverview, alert) then '{{ else }}/d/flashback-overview?{{ end }}'
  else '{{ else }}/d/flashback-exporter?{{ with $labels.instance }}var-instance={{ urlquery . }}{{ end }}{{ end }}',
  '{{ with $labels.job }}&var-job={{ urlquery . }}{{ end }}',
  '{{ with $labels.account }}&var-account={{ urlquery . }}{{ end }}',
  if config.showMultiCluster then '{{ with $labels.%s }}&var-cluster={{ urlquery . }}{{ end }}' % config.clusterLabel else '',
]);

local joined = function(text) std.strReplace(std.rstripChars(text, '\n'), '\n', ' ');

local annotated = function(rule, config) rule {
  local this = self,
  local prefixed = function(text) std.strReplace(text, '%(prefix)s', config.alertNamePrefix),
  alert: config.alertNamePrefix + rule.alert,
  // The texts with their line breaks preserved.
  texts:: { [name]: prefixed(rule.annotations[name]) for name in std.objectFields(rule.annotations) } + {
    // The runbooks' files have the default names.
    runbook_url: '%s/Flashback%s.md' % [std.rstripChars(config.runbookBase, '/'), rule.alert],
  } + if config.dashboardBase == '' then {} else {
    dashboard_url: std.rstripChars(config.dashboardBase, '/') + dashboard(rule.alert, config),
  },
  annotations: { [name]: joined(this.texts[name]) for name in std.objectFields(this.texts) },
};

local made = function(rule, config)
  (if std.objectHas(rule, 'alert') then annotated(rule, config) else rule)
  + { expr: rule.expr % placeholders(config) };

function(groups, config) [group { rules: [made(rule, config) for rule in group.rules] } for group in groups]
