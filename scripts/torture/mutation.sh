#!/bin/bash
# Deliberate defects in the critical paths, one at a time, which the tests must notice.
#
# Usage: scripts/torture/mutation.sh [NUMBER]...    default: all of scripts/torture/mutation/mutants.toml
#
# All defects are compiled into a copy of the tree at once, each behind a switch that is read when a program starts, so that one build serves all
# runs. The copy is kept in $MUTATION_TREE (default: .build-mutation) for the next time. MUTATION_TIMEOUT: seconds for one run (300).
# MUTATION_ALL=0: only the related tests, a few minutes instead of an hour.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy=${MUTATION_TREE:-.build-mutation}
mkdir -p "$copy"
copy=$(cd "$copy" && pwd)
sources=(Package.swift Sources Tests docs deploy grafana prometheus scripts README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md)
if [[ -e Package.resolved ]]; then sources+=(Package.resolved); fi

# Unchanged files keep their times, so that only what has changed is compiled again.
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
cp -a "${sources[@]}" "$fresh"
export PYTHONDONTWRITEBYTECODE=1
python3 scripts/torture/mutation/run.py insert "$fresh" "$copy"
python3 scripts/torture/mutation/run.py copy "$fresh" "$copy"

cd "$copy"
swift build --build-tests
python3 scripts/torture/mutation/run.py test "$copy" "$@"
