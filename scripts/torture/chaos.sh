#!/bin/sh
# Collects under random faults: in one process and in simulated time, then with the finished programs over sockets.
# Argument, or CHAOS_CYCLES: how many cycles in simulated time (default 1000); the programs make a tenth of them. CHAOS_SEED repeats a
# run of a seed that was printed. PROGRAMS names the directory of the programs, otherwise they are built.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh
require_programs

cycles=${1:-${CHAOS_CYCLES:-1000}}
CHAOS_CYCLES=$cycles
export CHAOS_CYCLES
status=0
# The tests print a line for each seed.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --build-tests >&2
swift test --skip-build --disable-xctest --no-parallel --filter 'ChaosTests' >"$log" 2>&1 || status=1
made=$(sed -n 's/^chaos: seed [0-9]*, \([0-9]*\) cycles$/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
[ "$status" -eq 0 ] || grep -a -A 14 ' recorded an issue ' "$log" | cut -c 1-2000 >&2 || tail -n 30 "$log" >&2

set -- --cycles $((cycles / 10)) ${CHAOS_SEED:+--seed "$CHAOS_SEED"}
# In a mount namespace, the API's name can stop resolving and a disk can be full.
user=
[ "$(id -u)" -eq 0 ] || user=--map-root-user
# shellcheck disable=SC2086 # Nothing, or one word.
if unshare --mount $user true 2>/dev/null; then
    # shellcheck disable=SC2086
    summary=$(unshare --mount $user --propagation private python3 scripts/torture/chaos/main.py --namespace "$@") || status=1
else
    summary=$(python3 scripts/torture/chaos/main.py "$@") || status=1
fi
echo "chaos: $made cycles in simulated time; ${summary#chaos }"
exit "$status"
