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
# One test at a time: many of them start programs or wait for sockets, and with all at once on a small machine these would run out
# of time without being wrong.
log=.build/tests.log
{ swift test --skip-build --disable-xctest --no-parallel "$@" 2>&1 && echo passed >"$log.status" || echo failed >"$log.status"; } |
    tee "$log"

# What failed, once more: it is far above by now.
if [ "$(cat "$log.status")" != passed ]; then
    say ""
    grep -a -A 4 ' recorded an issue \| failed after ' "$log" | cut -c 1-2000 >&2 || tail -n 20 "$log" >&2
    fail "tests failed"
fi
