#!/bin/sh
# Builds everything, with warnings as errors, and runs every test. Installs what is missing on Debian and Ubuntu.
# Arguments are handed to `swift test`, such as --filter EndToEndTests.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

require_build_requirements
require_test_requirements

# The tests speak to servers on this machine, whatever proxy leads out of it.
no_proxy="${no_proxy:+$no_proxy,}localhost,127.0.0.1,::1"
export no_proxy

export WARNINGS_AS_ERRORS=1
swift build --build-tests
# One at a time: many tests start programs or wait for sockets, and with all at once on a small machine these would run out of time
# without being wrong.
if [ $# -gt 0 ]; then
    exec swift test --skip-build --disable-xctest --no-parallel "$@"
fi

# run NAME ARGUMENT...: runs some of the tests and shows what failed. Not with `swift test`, two of which would use the build's
# database at once.
run() {
    log=.build/tests-$1.log
    shift
    status=0
    "$tests" --testing-library swift-testing --no-parallel "$@" >"$log" 2>&1 || status=$?
    grep -a 'Test run with' "$log" || tail -n 20 "$log"
    [ "$status" -ne 0 ] || return 0
    grep -a -A 20 ' recorded an issue \| failed after ' "$log" | cut -c 1-2000 >&2
    return 1
}

# Three parts side by side, which take about the same time: the tests with Prometheus mostly wait, for its rules and the programs'
# schedules.
say "running the tests; what they print is in .build/tests-*.log"
tests=$(swift build --show-bin-path)/flashback-exporterPackageTests.xctest
monitoring="EndToEndTests[.]($(find Tests/EndToEnd/Monitoring -name '*Tests.swift' -exec basename {} .swift \; | paste -s -d '|' -))/"
failed=
run monitoring --filter "$monitoring" &
waiting=$!
run programs --filter EndToEndTests --skip "$monitoring" &
starting=$!
run modules --skip EndToEndTests || failed=yes
wait $waiting || failed=yes
wait $starting || failed=yes
[ -z "$failed" ] || fail "tests failed"
