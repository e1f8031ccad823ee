// The files of prometheus/rules: scripts/rules.sh writes them.
local yaml = import 'lib/yaml.libsonnet';
local mixin = (import 'mixin.libsonnet') + {
  _config+:: { runbookBase: std.rstripChars(importstr '../prometheus/runbook-base', '\n') },
};

{
  'flashback-alerts.rules.yml': yaml(mixin.prometheusAlerts.groups, importstr 'alerts/header.txt'),
  'flashback-recording.rules.yml': yaml(mixin.prometheusRules.groups, importstr 'rules/header.txt'),
}
