#!/bin/sh
# Floods a release build with hostile clients while a legitimate scraper continues, and sends published cases of malformed requests.
# Arguments: the length of each flood in seconds, and names of floods, such as slow-readers or published-cases; without names, all.
#
# Environment: FLOOD_SECONDS is the length of each flood (10) without an argument. PROGRAMS is the directory of the programs; without it,
# they are built. LLHTTP and H1SPEC are existing checkouts of these repositories.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh

case ${1:-} in
[0-9]*)
    FLOOD_SECONDS=$1
    export FLOOD_SECONDS
    shift
    ;;
esac

LLHTTP_COMMIT=01e105a30fd06e248bc8ac73c4adb34a63d4114a
H1SPEC_COMMIT=f0a5650a20c575fbea0f7179a3a9cfa50f20ba6e

missing=
has openssl || missing="$missing openssl"
has git || missing="$missing git"
install_packages "$missing"
# Only the published cases need the repositories.
case " $* " in
'  ' | *' published-cases '*)
    LLHTTP=${LLHTTP:-$(checkout llhttp https://github.com/nodejs/llhttp "$LLHTTP_COMMIT")} || exit 1
    H1SPEC=${H1SPEC:-$(checkout h1spec https://github.com/uNetworking/h1spec "$H1SPEC_COMMIT")} || exit 1
    export LLHTTP H1SPEC
    ;;
esac

require_programs
exec python3 scripts/torture/floods/main.py "$@"
