#!/bin/sh
# Floods a release build with hostile clients while a legitimate scraper goes on, and sends published cases of malformed requests.
# Arguments: the length of each flood in seconds, and names of floods, such as slow-readers or published-cases; without any, all.
#
# Environment: FLOOD_SECONDS is the length of each flood (10), if there is no argument for it. EXPORTER and SIMULATOR name programs to flood instead of a release
# build of this checkout. LLHTTP and H1SPEC name directories of these repositories that are there already.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

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
has python3 || missing="$missing python3"
has git || missing="$missing git"
install_packages "$missing"
LLHTTP=${LLHTTP:-$(checkout llhttp https://github.com/nodejs/llhttp "$LLHTTP_COMMIT")} || exit 1
H1SPEC=${H1SPEC:-$(checkout h1spec https://github.com/uNetworking/h1spec "$H1SPEC_COMMIT")} || exit 1

if [ -z "${EXPORTER:-}" ] || [ -z "${SIMULATOR:-}" ]; then
    require_build_requirements
    swift build -c release --scratch-path .build-release --product flashback-exporter >&2
    swift build -c release --scratch-path .build-release --product flashback-simulator >&2
    EXPORTER=${EXPORTER:-$PWD/.build-release/release/flashback-exporter}
    SIMULATOR=${SIMULATOR:-$PWD/.build-release/release/flashback-simulator}
fi
export EXPORTER SIMULATOR LLHTTP H1SPEC

exec python3 -B scripts/torture/floods.py "$@"
