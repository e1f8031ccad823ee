#!/bin/sh
# Runs every unit test of the rules with every release of promtool and with vmalert-tool, which evaluates them in MetricsQL, and prints a
# row for each program. Each takes five minutes of processor time; ./scripts/test.sh uses only one promtool. Arguments are test files to run
# instead of all. Fails if promtool does. docs/alerts.md explains why some of the tests fail in MetricsQL.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh
require_readers

[ $# -gt 0 ] || set -- prometheus/tests/*.yml
status=0

# every NAME COMMAND…: runs the command with each of the files.
every() {
    name=$1
    shift
    passed=0
    failed=
    for file in $files; do
        if GOGC=800 "$@" "$file" >"$log" 2>&1; then
            passed=$((passed + 1))
        else
            failed="$failed $(basename "$file" .yml)"
            cat "$log" >&2
        fi
    done
    printf '| %s | %s |%s |\n' "$name" "$passed" "${failed:- none}"
}

files=$*
log=$(mktemp)
trap 'rm -f "$log" "$log.yml"' EXIT
printf '| program | files that pass | files that fail |\n|---|---|---|\n'
for promtool in bookworm/prometheus trixie/promtool forky/promtool; do
    program=$READERS/$promtool/usr/bin/promtool
    every "promtool $("$program" --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p')" "$program" test rules
    [ -z "$failed" ] || status=1
done
# This program has a different name for expressions.
vmalert_tool() {
    sed -e 's/promql_expr_test/metricsql_expr_test/' -e "s|\.\./rules|$PWD/prometheus/rules|" "$1" >"$log.yml"
    "$READERS/forky/victoria-metrics/usr/bin/vmalert-tool" unittest --disableAlertgroupLabel --files="$log.yml"
}
every "vmalert-tool" vmalert_tool
exit $status
