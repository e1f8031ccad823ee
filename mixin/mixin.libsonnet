(import 'config.libsonnet')
+ (import 'alerts/alerts.libsonnet')
+ (import 'rules/rules.libsonnet')
+ (import 'dashboards/dashboards.libsonnet')
+ {
  assert $._config.clusterLabel != '' || !$._config.showMultiCluster :
         'showMultiCluster needs a clusterLabel: without one the dashboards have no clusters to choose from',
}
