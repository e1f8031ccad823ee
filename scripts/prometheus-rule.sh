#!/bin/sh
# Prints the rules of prometheus/rules as a PrometheusRule, the resource from which the Prometheus operator reads rules.
set -eu
cd "$(dirname "$0")/.."
cat <<'END'
# Made from prometheus/rules by scripts/update-docs.sh: change mixin/.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: flashback-exporter
  labels:
    app.kubernetes.io/name: flashback-exporter
spec:
  groups:
END
# The groups, indented by two more spaces, without the line that begins the list in each file.
for file in prometheus/rules/*.rules.yml; do
    printf '\n'
    sed -e '/^groups:$/d' -e '/./s/^/  /' "$file"
done
