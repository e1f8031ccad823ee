#!/bin/sh
# Builds the Debian package twice, in different directories, time zones, locales and umasks, with different times and modes of its files, and
# on a host with another name, where root's privileges allow that, and compares the results byte for byte:
#   scripts/reproducible.sh [--binary PATH]
# Both packages are built from the files that git tracks and the versions in deploy/dependencies.json, which takes several minutes. --binary
# packages a finished program instead, so that only the packaging is compared. If there is a difference, the directories are kept, and
# diffoscope explains it if it is installed.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

binary=
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "$1 needs a value"
    case $1 in
    --binary) binary=$(readlink -f "$2") ;;
    *) fail "unknown option $1; there is --binary" ;;
    esac
    shift 2
done

# The files that another builder would get from the repository.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
BUILD_REVISION=${BUILD_REVISION:-$(git rev-parse HEAD)}
export SOURCE_DATE_EPOCH BUILD_REVISION

work=$(mktemp -d)
chmod 0755 "$work"
git ls-files -z | tar --create --null --files-from=- --file "$work/source.tar"

# renamed COMMAND…: runs a command on a host with another name, or as it is where that is not allowed.
renamed() {
    if unshare --uts hostname elsewhere 2>/dev/null; then
        # shellcheck disable=SC2016 # The inner shell expands it.
        unshare --uts sh -c 'hostname elsewhere && exec "$@"' sh "$@"
    else
        "$@"
    fi
}

# build NAME DIRECTORY UMASK TIME COMMAND…: builds the package in a copy of the checkout whose files have other times and modes. The command
# runs scripts/package.sh.
build() {
    name=$1 directory=$work/$2 mask=$3 time=$4
    shift 4
    say "Build $name, in $directory."
    # Joined by &&, as set -e has no effect before ||.
    (
        umask "$mask" &&
            mkdir -p "$directory" &&
            tar --extract --file "$work/source.tar" --no-same-permissions --no-same-owner --directory "$directory" &&
            cp deploy/dependencies.json "$directory/Package.resolved" &&
            find "$directory" -exec touch --no-dereference --date "$time" {} + &&
            cd "$directory" &&
            "$@" scripts/package.sh --output "$work/made-$name" ${binary:+--binary "$binary"} >"$work/$name.log" 2>&1
    ) || {
        tail -n 20 "$work/$name.log" >&2
        fail "build $name failed; its log is $work/$name.log"
    }
}
build one one 022 2020-02-02T02:02:02Z env LC_ALL=C TZ=UTC USER=one
build two another/and/longer/path 077 2024-12-31T23:59:59Z renamed env LC_ALL=C.UTF-8 TZ=Pacific/Kiritimati USER=two

different=
for file in "$work"/made-one/*; do
    other=$work/made-two/${file##*/}
    cmp "$file" "$other" >&2 && continue
    different=yes
    if has diffoscope; then diffoscope "$file" "$other" | head -n 200 >&2 || true; fi
done
[ -z "$different" ] || fail "the packages differ; they are in $work"
(cd "$work/made-one" && sha256sum ./*)
rm -rf "$work"
