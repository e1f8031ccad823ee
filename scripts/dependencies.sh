#!/bin/sh
# The versions of the Swift libraries that releases are built with, in deploy/dependencies.json:
#   scripts/dependencies.sh record   writes those that the latest build has used
#   scripts/dependencies.sh apply    makes the next build use the recorded ones
#   scripts/dependencies.sh check    fails if the latest build has used others
# The file has the format of Package.resolved, which git ignores, so that an ordinary build uses the newest compatible versions.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

recorded=deploy/dependencies.json
resolved=Package.resolved

# The pins without the fields that depend on the manifest, sorted by name.
pins() {
    python3 -c '
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    pins = sorted(json.load(file)["pins"], key=lambda pin: pin["identity"])
for pin in pins:
    if not pin["location"].startswith("https://github.com/"):
        sys.exit("the source of " + pin["identity"] + " is not on github.com")
print(json.dumps({"pins": pins, "version": 2}, indent=2))' "$1"
}

case ${1:-} in
record)
    [ -e "$resolved" ] || fail "there is no $resolved; build the exporter first"
    pins "$resolved" >"$recorded.new"
    mv "$recorded.new" "$recorded"
    ;;
apply) cp "$recorded" "$resolved" ;;
check)
    [ -e "$resolved" ] || fail "there is no $resolved; build the exporter first"
    actual=$(pins "$resolved")
    printf '%s\n' "$actual" | diff -u "$recorded" - >&2 ||
        fail "the build used other versions than $recorded records; run scripts/dependencies.sh record, or apply"
    ;;
*) fail "unknown command ${1:-}; there are record, apply and check" ;;
esac
