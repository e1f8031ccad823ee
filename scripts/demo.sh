#!/bin/sh
# Runs the exporter against a simulated account on http://localhost:10420. Installs what is missing on Debian and Ubuntu.
# Arguments are passed to `flashback-exporter demo`, such as --buckets 100.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

require_build_requirements

# A debug build is ready sooner than a release build, and fast enough for a simulated account.
swift build --product flashback-exporter
exec "$(swift build --product flashback-exporter --show-bin-path)/flashback-exporter" demo "$@"
