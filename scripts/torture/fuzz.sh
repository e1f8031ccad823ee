#!/bin/sh
# Feeds random inputs to everything that parses external input, with libFuzzer and the address sanitizer:
#   scripts/torture/fuzz.sh [SECONDS [TARGET...]]   for each target; 20 seconds by default
# RUNS=1000000 scripts/torture/fuzz.sh            that many inputs for each target instead
# The targets are those in Tests/Fuzzing/Targets. No input may crash, break a promise of its target, take over a second of processor time,
# hold more than 64 MiB beyond its own size in allocations at any time, or let the process grow beyond 1 GiB. An input that does is kept in
# .build-fuzz/artifacts; add it to the target's seeds. The corpora grow in .build-fuzz/corpora. Inputs have up to 16 KiB, or LENGTH bytes.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-20}
case $seconds in
'' | *[!0-9]*)
    echo "fuzz: error: $seconds is not a number of seconds; the targets follow it" >&2
    exit 2
    ;;
esac
[ $# -eq 0 ] || shift
runs=${RUNS:+-runs=$RUNS}

# libFuzzer prints the stack itself, and Swift's own printer would wait for input.
SWIFT_BACKTRACE=enable=no
# A small quarantine prevents freed memory from looking like growth. The runtime's metadata is never freed.
ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=0
export ASAN_OPTIONS SWIFT_BACKTRACE

# -enable-testing: the modules export nothing. lld, because gold warns about every symbol of the sanitizer.
build() {
    swift build --package-path Fuzzing --scratch-path .build-fuzz -c release --sanitize=address -Xswiftc -sanitize=fuzzer,address \
        -Xswiftc -enable-testing -Xswiftc -use-ld=lld "$@"
}
build >&2
fuzz=$(build --show-bin-path)/fuzz
if [ $# -eq 0 ]; then
    known=$("$fuzz")
    # shellcheck disable=SC2086 # One word each.
    set -- $known
fi
[ $# -gt 0 ] || {
    echo "fuzz: error: $fuzz names no target" >&2
    exit 1
}

mkdir -p .build-fuzz/artifacts
total=0 targets=0
for target in "$@"; do
    corpus=.build-fuzz/corpora/$target
    log=.build-fuzz/$target.log
    mkdir -p "$corpus"
    # shellcheck disable=SC2086 # One word, or none.
    FUZZ_TARGET=$target FUZZ_SEEDS=$corpus "$fuzz" ${runs:--max_total_time=$seconds} -timeout=20 -rss_limit_mb=1024 \
        -max_len="${LENGTH:-16384}" -print_final_stats=1 -artifact_prefix=".build-fuzz/artifacts/$target-" \
        "$corpus" >"$log" 2>&1 </dev/null || {
        tail -n 40 "$log" >&2
        echo "fuzz: $target: see $log and .build-fuzz/artifacts" >&2
        exit 1
    }
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    [ "${count:-0}" -ge "${RUNS:-1}" ] || {
        echo "fuzz: $target: error: ${count:-0} inputs were made; see $log" >&2
        exit 1
    }
    time=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
    most=$(sed -n 's/^most for an input: *//p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    echo "fuzz: $target: $count inputs in $time s, $coverage places covered, at most $most for an input" >&2
    total=$((total + count)) targets=$((targets + 1))
done
echo "fuzz: $targets parsers, $total inputs, none crashed, broke a promise, took over 1 s or held over 64 MiB"
