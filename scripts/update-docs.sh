#!/bin/sh
# Writes the documents, and the parts of documents, that are generated from the code and the rules, and the files derived from the rules:
#   scripts/update-docs.sh [--release]
# --release also records the metrics of this version in docs/releases; the tests compare later versions with them.
set -eu
cd "$(dirname "$0")/.."
case "$#:${1:-}" in
0: | 1:--release) ;;
*)
    echo "$(basename "$0"): error: unknown option $1; there is --release" >&2
    exit 2
    ;;
esac
new=$(mktemp -d)
trap 'rm -r "$new"' EXIT

scripts/rules.sh
# The rules' tests expect the base of the runbooks' addresses. This also creates the PrometheusRule and the Helm chart's copies.
scripts/runbook-base.sh

swift build --product flashback-exporter >&2
exporter=$(swift build --show-bin-path)/flashback-exporter

# The text below the mark in the reference of the metrics is written by hand.
{
    "$exporter" metrics-reference
    echo
    sed -n '/^<!-- \/reference/,$p' docs/metrics.md
} > "$new/metrics.md"
cat "$new/metrics.md" > docs/metrics.md

"$exporter" metrics-reference --json > "$new/metrics.json"
cat "$new/metrics.json" > docs/metrics.json
if [ "${1:-}" = --release ]; then
    version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' docs/metrics.json)
    cat "$new/metrics.json" > "docs/releases/metrics-$version.json"
fi

"$exporter" configuration-reference > "$new/configuration.md"
cat "$new/configuration.md" > docs/configuration.md

"$exporter" configuration-reference --template > "$new/flashback-exporter.yml"
cat "$new/flashback-exporter.yml" > deploy/flashback-exporter.yml

# The commands are between two marks, 80 columns wide, the width of --help without a terminal. docs/configuration.md has the flags of
# --help.
{
    echo '```text'
    COLUMNS=80 "$exporter" --help | sed 's/ *$//' | sed -n '/^SUBCOMMANDS:/,/^$/p' | sed '1d; /^$/d'
    echo '```'
} > "$new/commands"
awk -v commands="$new/commands" '
    /^<!-- \/commands -->/ { while ((getline line < commands) > 0) print line; skipping = 0 }
    !skipping { print }
    /^<!-- commands/ { skipping = 1 }
' docs/operating.md > "$new/operating.md"
cat "$new/operating.md" > docs/operating.md
