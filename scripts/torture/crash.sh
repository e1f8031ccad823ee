#!/bin/bash
# SIGKILL at every system call of a token renewal, SIGTERM in every phase, and a disk that does not take the token.
#
# Usage: scripts/torture/crash.sh [renewal|shutdown|storage]...    default: all of them, a few minutes
#
# EXPORTER and SIMULATOR name the programs; by default they are built. Linux only: it uses ptrace and mount namespaces.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [[ -z ${EXPORTER:-} || -z ${SIMULATOR:-} ]]; then
  swift build -c release --scratch-path .build-release --product flashback-exporter
  swift build -c release --scratch-path .build-release --product flashback-simulator
  programs=$(swift build -c release --scratch-path .build-release --show-bin-path)
  export EXPORTER=$programs/flashback-exporter SIMULATOR=$programs/flashback-simulator
fi

# A full disk is a small one that only this process sees.
namespace=(unshare --mount)
if [[ $(id -u) != 0 ]]; then namespace+=(--user --map-root-user); fi
exec "${namespace[@]}" env PYTHONDONTWRITEBYTECODE=1 python3 scripts/torture/crash/main.py "$@"
