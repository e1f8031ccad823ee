#!/bin/sh
# Runs the test suite under Swift's sanitizers: scripts/torture/sanitizers.sh [thread|address] [arguments of swift test]
# Without an argument, both. The builds are kept in .build-thread and .build-address; each takes about twenty minutes on two cores the first
# time. The programs that the tests start are instrumented too. A report about the tests or any of these programs fails the run. All suites
# run. Bounds for time and memory are wider, or not checked: see the uses of sanitizerOptions in Tests.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

case ${1:-} in
    thread | address)
        sanitizers=$1
        shift
        ;;
    *) sanitizers="thread address" ;;
esac

require_build_requirements
require_test_requirements
no_proxy="${no_proxy:+$no_proxy,}localhost,127.0.0.1,::1"
export no_proxy WARNINGS_AS_ERRORS=1

# Suppressions name functions. Programs that tests start with an environment of their own do not find the symbolizer by PATH.
symbolizer=$(command -v llvm-symbolizer) || {
    echo "sanitizers: llvm-symbolizer is not in PATH: add the directory of the Swift toolchain's programs, or install llvm" >&2
    exit 2
}

# reports SANITIZER: prints the reports of a run.
reports() { find "$PWD/.build-$1/reports" -type f -size +0; }

status=0 summary=
for sanitizer in $sanitizers; do
    build=.build-$sanitizer
    swift build --build-tests --sanitize="$sanitizer" --scratch-path "$build"
    rm -rf "$build/reports"
    mkdir -p "$build/reports"
    # Some tests run the program as another user.
    chmod a+rwxt "$build/reports"
    common="log_path=$PWD/$build/reports/report:external_symbolizer_path=$symbolizer"
    # All reports are written before the end, not only the first. By default, each of the many programs would sleep for a second at its end,
    # which would take most of the run.
    export TSAN_OPTIONS="$common:halt_on_error=0:history_size=4:atexit_sleep_ms=50:suppressions=$PWD/scripts/torture/thread.suppressions"
    export ASAN_OPTIONS="$common:detect_leaks=1:detect_stack_use_after_return=0"
    export LSAN_OPTIONS="suppressions=$PWD/scripts/torture/leaks.suppressions:print_suppressions=0"

    {
        swift test --sanitize="$sanitizer" --scratch-path "$build" --skip-build --disable-xctest --no-parallel "$@" 2>&1 || echo "failed"
    } | tee "$build/tests.log"
    line=$(grep -a 'Test run with' "$build/tests.log" | tail -n 1)
    count=$(reports "$sanitizer" | wc -l)
    for report in $(reports "$sanitizer" | head -n 5); do head -n 60 "$report" >&2; done
    case $line in
    *' 0 tests '*) status=1 ;;
    *passed*) [ "$(tail -n 1 "$build/tests.log")" != failed ] || status=1 ;;
    *) status=1 ;;
    esac
    [ "$count" -eq 0 ] || status=1
    summary="$summary; $sanitizer: $(echo "$line" | sed 's/^[^T]*//'), programs with reports: $count"
done
echo "sanitizers${summary#;}"
exit $status
