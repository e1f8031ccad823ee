#!/bin/bash
# Puts deliberate defects into the critical paths, one at a time; the tests must detect them.
#
# Usage: scripts/torture/mutation.sh [NUMBER]...    default: all of scripts/torture/mutation/mutants.toml
#
# All defects are compiled into a copy of the tree at once, each behind a switch that is read when a program starts, so that one build
# serves all runs. The copy is kept in $MUTATION_TREE (default: .build-mutation) for the next time. The related tests run until one fails;
# for a defect that they miss, all other tests except the end-to-end tests run. A run without a failure that reaches its time limit is
# repeated with four times the limit; if the result is the same, the defect is undecided, and does not count as caught. The status is not 0
# unless all are caught.
# MUTATION_TIMEOUT: seconds for one run of the related tests (300). MUTATION_ALL=0: only the related tests.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy=${MUTATION_TREE:-.build-mutation}
mkdir -p "$copy"
export PYTHONDONTWRITEBYTECODE=1
python3 scripts/torture/mutation/run.py prepare "$copy"
(cd "$copy" && swift build --build-tests)
python3 scripts/torture/mutation/run.py test "$copy" "$@"
