#!/bin/sh
# Builds the programs and the benchmarks in release mode and runs the benchmarks:
#   Benchmarks/run.sh                         all but the rules and the report
#   Benchmarks/run.sh scrape [options]        a scrape that finds nothing cached, beside curl --parallel
#   Benchmarks/run.sh cached [options]        a scrape that finds everything cached, beside nginx sending the same bytes
#   Benchmarks/run.sh memory [options]        memory over many refreshes
#   Benchmarks/run.sh delay [options]         cached scrapes during a refresh, beside cached scrapes at rest
#   Benchmarks/run.sh start [options]         from the start to the first answer
#   Benchmarks/run.sh connection [options]    connections of a refresh over TLS with HTTP/2
#   Benchmarks/run.sh micro [options]         rendering, decoding and the transport by themselves
#   Benchmarks/run.sh rules [options]         the rules and dashboards in a Prometheus that scrapes 10,000 buckets
#   Benchmarks/run.sh prometheus PROGRAM…     processor time and memory that scrapes cost Prometheus
#   Benchmarks/run.sh report [--heavy] [api]  all, as the table of docs/performance.md, on standard output
# The options are those of the benchmark's --help. With --heavy the report measures 100,000 buckets too, which takes long.
# api stands for --api-command and --api-url, which name another API than the simulator.
# PEER_COMMAND (with --api-command) and PEER_URL, in the environment, name another exporter that the report compares with.
set -eu
cd "$(dirname "$0")/.."
which=${1:-all}
[ $# -eq 0 ] || shift
case $which in
    all | scrape | cached | memory | delay | start | connection | micro | rules | prometheus | report) ;;
    *)
        echo "usage: $0 [scrape | cached | memory | delay | start | connection | micro | rules | prometheus | report] [options]" >&2
        exit 2
        ;;
esac

echo "Building in release mode: about ten minutes on two cores the first time, seconds when nothing has changed." >&2
swift build -c release --scratch-path .build-release >&2
[ "$which" = rules ] || [ "$which" = prometheus ] || swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build >&2
programs=$(swift build -c release --scratch-path .build-release --show-bin-path)
if [ "$which" = rules ]; then
    # shellcheck source=scripts/requirements.sh
    . scripts/requirements.sh
    require_test_requirements
    exec python3 Benchmarks/RuleBenchmark/rule_benchmark.py --programs "$programs" "$@"
fi
if [ "$which" = prometheus ]; then
    exec python3 Benchmarks/PrometheusBenchmark/scrape_cost.py --programs "$programs" "$@"
fi
benchmarks=$(swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build --show-bin-path)

# report NAME [options]: what the benchmark says goes to the standard error stream, its rows to $rows.
report() {
    name=$1
    shift
    "$benchmarks/$name-benchmark" --programs "$programs" --rows "$rows" "$@" >&2
}

case $which in
    all)
        for name in scrape cached memory delay start connection micro; do
            "$benchmarks/$name-benchmark" --programs "$programs"
        done
        ;;
    report)
        buckets="--buckets 10000"
        if [ "${1:-}" = --heavy ]; then
            shift
            buckets="$buckets --buckets 100000"
        fi
        rows=$(mktemp)
        trap 'rm -f "$rows"' EXIT
        load=$(cut -d ' ' -f 1 /proc/loadavg)
        peer() {
            if [ -n "${PEER_COMMAND:-}" ]; then
                report "$@" --peer-url "$PEER_URL" --peer-command "$PEER_COMMAND"
            elif [ -n "${PEER_URL:-}" ]; then
                report "$@" --peer-url "$PEER_URL"
            else
                report "$@"
            fi
        }
        for count in 1000 10000; do
            for latency in 0ms 20ms; do peer scrape --buckets "$count" --latency "$latency" "$@"; done
        done
        peer scrape --buckets 10000 --latency 0ms --plain "$@"
        peer cached "$@"
        report memory "$@"
        # shellcheck disable=SC2086 # two words for each number
        report memory --without-yesterday $buckets "$@"
        report memory --without-yesterday --plain "$@"
        report delay "$@"
        report connection "$@"
        report start
        static=$(scripts/build-static.sh | tail -n 1)
        "$benchmarks/start-benchmark" --programs "$(dirname "$static")" --label "runtime inside" --rows "$rows" >&2
        size=$(stat -c %s "$static" | awk '{ printf "%.1f MB", $1 / 1000000 }')
        echo "| size of the program with the Swift runtime inside, without symbols | $size | | |" >>"$rows"

        cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
        cat <<END
Measured on $(date -u +%Y-%m-%d) on $(nproc) cores ($cpu), $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r).
The load was $load at the start and $(cut -d ' ' -f 1 /proc/loadavg) at the end, the benchmark's own included.
Versions: commit $(git rev-parse --short HEAD), $(swift --version 2>/dev/null | grep -o 'Swift version [0-9.]*' | head -n 1), $(curl --version | head -n 1 | cut -d ' ' -f 1-2), $("$(command -v nginx || echo /usr/sbin/nginx)" -v 2>&1 | sed 's/.*: //').
Medians, with minimum and maximum in parentheses; ratios are taken run by run.

| what | exporter | beside it | ratio |
|---|---|---|---|
$(cat "$rows")
END
        ;;
    *) exec "$benchmarks/$which-benchmark" --programs "$programs" "$@" ;;
esac
