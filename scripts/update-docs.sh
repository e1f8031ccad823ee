#!/bin/sh
# Writes the documents, and the parts of documents, that are made from the code, and what is made from the rules.
set -eu
cd "$(dirname "$0")/.."
new=$(mktemp -d)
trap 'rm -r "$new"' EXIT

# Makes the PrometheusRule too.
scripts/runbook-base.sh

swift build --product flashback-exporter >&2
exporter=$(swift build --show-bin-path)/flashback-exporter

"$exporter" metrics-reference > "$new/metrics.md"
cat "$new/metrics.md" > docs/metrics.md

"$exporter" configuration-reference > "$new/configuration.md"
cat "$new/configuration.md" > docs/configuration.md

"$exporter" configuration-reference --template > "$new/flashback-exporter.yml"
cat "$new/flashback-exporter.yml" > deploy/flashback-exporter.yml

# The flags stand between two marks in the README, 80 columns wide as --help is where there is no terminal.
{
    echo '```text'
    COLUMNS=80 "$exporter" --help | sed 's/ *$//'
    echo '```'
} > "$new/flags"
awk -v flags="$new/flags" '
    /^<!-- \/flags -->/ { while ((getline line < flags) > 0) print line; skipping = 0 }
    !skipping { print }
    /^<!-- flags/ { skipping = 1 }
' README.md > "$new/README.md"
cat "$new/README.md" > README.md
