#!/bin/sh
# SIGKILL at every system call of a token renewal, SIGTERM in every phase, and a disk to which the token cannot be written.
# Arguments: some of the parts renewal, shutdown and storage; without any, all of them, which takes a few minutes.
#
# Environment: CRASH_POINTS is the number of system calls to interrupt during the start and during writing (15). CRASH_CALLS is a regular
# expression such as "fsync" or "token.new": only system calls of a renewal that it matches are crash points. PROGRAMS is the directory of
# the programs; without it, they are built. Linux only: it uses ptrace and mount namespaces.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh
require_programs

# The full disk is a small one that only this process sees.
set -- python3 scripts/torture/crash/main.py "$@"
[ "$(id -u)" -eq 0 ] || set -- --user --map-root-user "$@"
exec unshare --mount "$@"
