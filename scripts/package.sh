#!/bin/sh
# Makes a Debian package of the exporter, for the system that it runs on:
#   scripts/package.sh [--binary PATH] [--output DIRECTORY]
# --binary packages an existing program instead of building it with scripts/build-static.sh. The package is written to the output directory,
# "packages" by default, and its path is the last line on standard output. The package's SBOM is written there too, with the same name and
# the ending spdx.json. DEBFULLNAME and DEBEMAIL name the maintainer. The same sources, libraries, SOURCE_DATE_EPOCH and BUILD_REVISION
# result in the same package: scripts/reproducible.sh.
set -eu
# The files are created with modes, and in an order, that do not depend on the user.
umask 022
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

binary=
output=packages
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "$1 needs a value"
    case $1 in
    --binary) binary=$2 ;;
    --output) output=$2 ;;
    *) fail "unknown option $1; there are --binary and --output" ;;
    esac
    shift 2
done

require_package_requirements
if [ -z "$binary" ]; then
    require_build_requirements
    binary=$(scripts/build-static.sh | tail -n 1)
fi
# The program's location determines where the libraries' sources are.
binary=$(readlink -f "$binary")
version=$("$binary" --version | sed -n 's/^flashback-exporter, version \([^ ]*\) .*/\1/p')
[ -n "$version" ] || fail "$binary is not flashback-exporter: --version does not tell its version"

epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$work/flashback-exporter-$version
files=$source/files
mkdir -p "$source"
cp -R deploy/debian "$source/debian"
cp deploy/systemd/flashback-exporter.service deploy/systemd/flashback-exporter.socket "$source/debian"

# The program and the files beside it.
program=$files/usr/bin/flashback-exporter
install -D "$binary" "$program"
# Like dh_strip, but before the SBOM, which contains the checksum of the program.
strip --remove-section=.comment --remove-section=.note "$program"
install -D deploy/systemd/adopt-refresh-token "$files/usr/libexec/flashback-exporter/adopt-refresh-token"
mkdir -p "$files/etc/flashback-exporter" "$files/man" "$files/examples"
mv "$source/debian/flashback-exporter.yml" "$files/etc/flashback-exporter"

# The date, the part generated from the program's flags, and the end.
{
    LC_ALL=C date --utc --date "@$epoch" '+.Dd %B %-d, %Y'
    "$binary" manual-page
    cat deploy/debian/manual.mdoc
} >"$files/man/flashback-exporter.8"
completions() {
    mkdir -p "$files/usr/share/$2"
    # Shells read these files without running them.
    "$binary" --generate-completion-script "$1" | sed '1{/^#!/d}' >"$files/usr/share/$2/$3"
}
completions bash bash-completion/completions flashback-exporter
completions zsh zsh/vendor-completions _flashback-exporter
completions fish fish/vendor_completions.d flashback-exporter.fish

cp -R deploy/flashback-exporter.yml prometheus/rules prometheus/prometheus.yml prometheus/alertmanager.yml \
    prometheus/alertmanager.tmpl prometheus/backfill.rules.yml grafana/dashboards docs/runbooks "$files/examples"
mkdir -p "$files/usr/share/doc/flashback-exporter/notices"
# The program is two directories below the build's directory, which contains the libraries' sources.
for notice in "${binary%/*/*/*}"/checkouts/*/NOTICE.txt; do
    [ -e "$notice" ] || continue
    package=${notice%/NOTICE.txt}
    cp "$notice" "$files/usr/share/doc/flashback-exporter/notices/${package##*/}.txt"
done

revision=$("$binary" --version | sed -n 's/.*(revision: \([^,]*\),.*/\1/p')
swift=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([^ ]*\).*/\1/p' | head -n 1)
sbom=$files/usr/share/doc/flashback-exporter/sbom.spdx.json
python3 scripts/sbom.py "$binary" "$program" "$version" "$revision" "${swift:-unknown}" "$epoch" >"$sbom"

maintainer="${DEBFULLNAME:-flashback-exporter maintainers} <${DEBEMAIL:-flashback-exporter@localhost.invalid}>"
sed -i "s/@MAINTAINER@/$(printf '%s' "$maintainer" | sed 's/[&/\]/\\&/g')/" "$source/debian/control"
cat >"$source/debian/changelog" <<END
flashback-exporter ($version) unstable; urgency=medium

  * Built from revision $revision.

 -- $maintainer  $(LC_ALL=C date --utc --date "@$epoch" '+%a, %d %b %Y %H:%M:%S +0000')
END

(cd "$source" && SOURCE_DATE_EPOCH=$epoch dpkg-buildpackage --build=binary --no-sign >&2)
# A debug build, which the tests package, uses Swift's runtime in the compiler's directory.
case $binary in
*/debug/*) set -- --suppress-tags custom-library-search-path ;;
*) set -- ;;
esac
if has lintian; then lintian "$@" "$work"/*.deb >&2 || fail "lintian found errors"; fi
mkdir -p "$output"
name=flashback-exporter_${version}_$(dpkg --print-architecture)
cp "$work/$name.deb" "$output"
cp "$sbom" "$output/$name.spdx.json"
printf '%s\n' "$(cd "$output" && pwd)/$name.deb"
