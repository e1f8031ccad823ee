#!/bin/sh
# Writes the base of the runbooks' addresses, from prometheus/runbook-base, into every runbook_url: in the rules, in the expectations of the
# rules' tests, and in the PrometheusRule and the Helm chart's copies.
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
# As expanded in Prometheus' unit tests, which have no external URL.
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
