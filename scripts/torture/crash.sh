#!/bin/sh
# SIGKILL at every system call of a token renewal, SIGTERM in every phase, and a disk that does not take the token.
# Arguments: parts of renewal, shutdown and storage; without any, all of them, a few minutes.
#
# Environment: CRASH_POINTS is how many system calls of the start and of writing are interrupted (15). PROGRAMS names the directory of the
# programs, otherwise they are built. Linux only: it uses ptrace and mount namespaces.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh
require_programs

# A full disk is a small one that only this process sees.
set -- python3 scripts/torture/crash/main.py "$@"
[ "$(id -u)" -eq 0 ] || set -- --user --map-root-user "$@"
exec unshare --mount "$@"
