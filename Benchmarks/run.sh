#!/bin/sh
# Builds the programs and the benchmarks in release mode and runs the benchmarks:
#   Benchmarks/run.sh                    all
#   Benchmarks/run.sh scrape [options]   a scrape that finds nothing cached, beside curl --parallel
#   Benchmarks/run.sh cached [options]   a scrape that finds everything cached, beside nginx sending the same bytes
#   Benchmarks/run.sh micro [options]    rendering, decoding and the transport by themselves
# The options are those of the benchmark's --help.
set -eu
cd "$(dirname "$0")/.."
which=${1:-all}
[ $# -eq 0 ] || shift
case $which in
    all | scrape | cached | micro) ;;
    *)
        echo "usage: $0 [scrape | cached | micro] [options]" >&2
        exit 2
        ;;
esac

echo "Building in release mode: about ten minutes on two cores the first time, seconds when nothing has changed." >&2
swift build -c release --scratch-path .build-release >&2
swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build >&2
programs=$(swift build -c release --scratch-path .build-release --show-bin-path)
benchmarks=$(swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build --show-bin-path)

case $which in
    all)
        "$benchmarks/scrape-benchmark" --programs "$programs"
        "$benchmarks/cached-benchmark" --programs "$programs"
        "$benchmarks/micro-benchmark" --programs "$programs"
        ;;
    *) exec "$benchmarks/$which-benchmark" --programs "$programs" "$@" ;;
esac
