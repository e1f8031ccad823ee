#!/bin/sh
# Runs the exporter with 1,000 simulated buckets, 5 % errors and occasional throttling, and measures whether memory, descriptors and
# threads stay flat.
#
# Argument, or SOAK_DURATION: the length after the warm-up, such as 4h (default 3m; slopes are judged from 30m on). Further arguments are
# passed to scripts/torture/soak/main.py. PROGRAMS is the directory of the programs; without it, they are built.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh
require_programs

duration=${SOAK_DURATION:-3m}
case ${1:-} in
'' | -*) ;;
*)
    duration=$1
    shift
    ;;
esac
exec python3 scripts/torture/soak/main.py --duration "$duration" "$@"
