#!/bin/sh
# Writes prometheus/rules, the rendering of mixin/ with its default settings, and the files derived from it: the PrometheusRule and the Helm
# chart's copies.
#   scripts/rules.sh [--check]     --check writes nothing, and fails if prometheus/rules would change
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

case "$#:${1:-}" in
0: | 1:--check) ;;
*) fail "unknown option $1; there is --check" ;;
esac
require_jsonnet

new=$(mktemp -d)
trap 'rm -r "$new"' EXIT
"$JSONNET" --string --multi "$new" mixin/prometheus-rules.jsonnet >"$new/names"
rm "$new/names"

if [ "${1:-}" = --check ]; then
    diff -u -r prometheus/rules "$new" >&2 || fail "prometheus/rules is not the rendering of mixin/; run scripts/rules.sh"
    exit
fi
for file in "$new"/*; do
    cat "$file" >"prometheus/rules/${file##*/}"
done
scripts/prometheus-rule.sh >"$new/prometheusrule.yaml"
cat "$new/prometheusrule.yaml" >deploy/kubernetes/rules/prometheusrule.yaml
scripts/chart-files.sh
