#!/bin/sh
# Writes the base of the runbooks' addresses, which prometheus/runbook-base contains, into every runbook_url: those of the rules, those that
# the rules' tests expect, and those of the PrometheusRule and of the Helm chart's copies.
#   scripts/runbook-base.sh [BASE]     such as https://wiki.example.com/flashback; written into prometheus/runbook-base first
set -eu
cd "$(dirname "$0")/.."
setting=prometheus/runbook-base

if [ $# -gt 0 ]; then
    case $1 in
    '' | *[\'\|\&\\]* | *'
'*)
        echo "$(basename "$0"): error: a base is a URL without quotes, | and &, such as https://wiki.example.com/flashback" >&2
        exit 2
        ;;
    esac
    printf '%s\n' "${1%/}" >"$setting"
fi
base=$(cat "$setting")
# As Prometheus' unit tests expand it, which have no address of their own.
expanded=$(printf '%s\n' "$base" | sed 's/{{ *\$externalURL *}}//')

# rewrite BASE FILE…
rewrite() {
    prefix=$1
    shift
    for file in "$@"; do
        sed "s|^\( *runbook_url:\) .*/\([A-Za-z]*\.md\)'\{0,1\}\$|\1 '$prefix/\2'|" "$file" >"$file.new"
        cmp -s "$file.new" "$file" || cat "$file.new" >"$file"
        rm "$file.new"
    done
}
rewrite "$base" prometheus/rules/*.yml
rewrite "$expanded" prometheus/tests/*.yml
scripts/prometheus-rule.sh >deploy/kubernetes/rules/prometheusrule.yaml.new
mv deploy/kubernetes/rules/prometheusrule.yaml.new deploy/kubernetes/rules/prometheusrule.yaml
scripts/chart-files.sh
