#!/bin/sh
# Collects under random faults: in one process and in simulated time, then with the finished programs over sockets.
#
# Arguments: the number of cycles in simulated time (default: CHAOS_CYCLES, or 1000), and with the programs (default: a tenth of them). 0
# omits a layer.
# CHAOS_SIMULATED_SEEDS: the seeds in simulated time, such as "7 12". Each runs 250 cycles, regardless of the argument. The default is as many
# of 1, 2, 3 and so on as the cycles need.
# CHAOS_SEEDS: the seeds of the programs, such as "31 32", which share the programs' cycles. The default is a random one, which is printed.
# PROGRAMS is the directory of the programs; without it, they are built.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh
require_programs

cycles=${1:-${CHAOS_CYCLES:-1000}}
program_cycles=${2:-$(((cycles + 9) / 10))}
status=0
summary=

# note TEXT: adds to the line that is printed at the end.
note() {
    summary="$summary${summary:+; }$1"
}

simulate() {
    wanted=$cycles
    [ -z "${CHAOS_SIMULATED_SEEDS:-}" ] || wanted=$((250 * $(echo "$CHAOS_SIMULATED_SEEDS" | wc -w)))
    swift build --build-tests >&2
    log=$(mktemp)
    failed=
    CHAOS_CYCLES=$cycles swift test --skip-build --disable-xctest --no-parallel --filter 'ChaosTests/' >"$log" 2>&1 || failed=yes
    # The tests print a line for each seed that has held.
    made=$(sed -n 's/^chaos: seed [0-9]*, \([0-9]*\) cycles: .*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
    [ "$made" -ge "$wanted" ] || failed=yes
    if [ -z "$failed" ]; then
        sed -n 's/^chaos: //p' "$log" >&2
        rm -f "$log"
        note "$made cycles in simulated time: all held"
        return
    fi
    status=1
    note "$made of $wanted cycles in simulated time: broken"
    # Without an issue, the tests have crashed or not begun.
    if grep -a -q ' recorded an issue ' "$log"; then
        grep -a -A 14 ' recorded an issue ' "$log" | cut -c 1-2000 >&2
    else
        tail -n 30 "$log" >&2
    fi
    echo "chaos.sh: error: $made of $wanted cycles in simulated time have held; the tests' output is in $log" >&2
}

# run_programs CYCLES [--seed SEED]
run_programs() {
    set -- --cycles "$@"
    # In a mount namespace, the API's name can stop resolving, and a disk can be full.
    user=
    [ "$(id -u)" -eq 0 ] || user=--map-root-user
    # shellcheck disable=SC2086 # Nothing, or one word.
    if unshare --mount $user true 2>/dev/null; then
        # shellcheck disable=SC2086
        held=$(unshare --mount $user --propagation private python3 scripts/torture/chaos/main.py --namespace "$@") || status=1
    else
        held=$(python3 scripts/torture/chaos/main.py "$@") || status=1
    fi
    note "programs: ${held#"chaos (programs): "}"
}

if [ "$cycles" -gt 0 ]; then
    simulate
fi
if [ "$program_cycles" -gt 0 ]; then
    if [ -n "${CHAOS_SEEDS:-}" ]; then
        seeds=$(echo "$CHAOS_SEEDS" | wc -w)
        for seed in $CHAOS_SEEDS; do
            run_programs $(((program_cycles + seeds - 1) / seeds)) --seed "$seed"
        done
    else
        run_programs "$program_cycles"
    fi
fi
echo "chaos: ${summary:-nothing was done}"
[ -n "$summary" ] || status=1
exit "$status"
