#!/bin/sh
# Copies files of other directories into the Helm chart: Helm packages only files in the chart's own directory, and no symbolic links to
# others.
set -eu
cd "$(dirname "$0")/.."
files=deploy/helm/flashback-exporter/files
rm -rf "$files"
mkdir -p "$files/rules" "$files/dashboards"
cp prometheus/rules/*.rules.yml "$files/rules/"
cp grafana/dashboards/*.json "$files/dashboards/"
cp deploy/systemd/adopt-refresh-token "$files/"
