#!/bin/sh
# Tests the promises in docs/reliability.md under faults, floods and bad input. Arguments: the parts to run; without any, all of them. Each
# part is a script in scripts/torture that takes minutes by default, and accepts a length as its argument or in an environment variable,
# described in its first lines. A part prints one line with its result, and its status is not 0 if a promise was broken.
set -eu
cd "$(dirname "$0")/.."

parts="chaos soak floods crash fuzz sanitizers mutation"
[ $# -eq 0 ] || parts=$*

for part in $parts; do
    if [ ! -x "scripts/torture/$part.sh" ]; then
        echo "torture.sh: error: there is no scripts/torture/$part.sh; the parts are: $(
            cd scripts/torture && for script in *.sh; do [ ! -x "$script" ] || printf '%s ' "${script%.sh}"; done
        )" >&2
        exit 2
    fi
done

results=$(mktemp)
trap 'rm -f "$results"' EXIT
broken=
for part in $parts; do
    echo "torture.sh: $part" >&2
    # A part's last line is its summary; earlier lines are shown immediately.
    status=0
    "scripts/torture/$part.sh" >"$results.$part" || status=$?
    cat "$results.$part" >&2
    tail -n 1 "$results.$part" >>"$results"
    rm -f "$results.$part"
    if [ "$status" -ne 0 ]; then
        broken="$broken $part"
        echo "$part: status $status" >>"$results"
    fi
done
cat "$results"
[ -z "$broken" ] || {
    echo "torture.sh: error: broken promises in:$broken" >&2
    exit 1
}
