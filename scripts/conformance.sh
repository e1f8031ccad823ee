#!/bin/sh
# Runs other projects' test suites against a release build, and writes docs/conformance.md.
# Arguments: names of suites; without any, all: h2spec h2load slowhttptest httplint testssl.sh exporter-toolkit JSONTestSuite Schemathesis.
#
# Environment: PROGRAMS is the directory of the programs to test; without it, they are built in release mode. H2SPEC is an existing program,
# EXPORTER_TOOLKIT and JSON_TEST_SUITE are existing directories. Everything else is fetched into .tools.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/harness/programs.sh
. scripts/harness/programs.sh

H2SPEC_VERSION=2.6.0
# The commit of that version.
H2SPEC_COMMIT=70ac2294010887f48b18e2d64f5cccd48421fad1
EXPORTER_TOOLKIT_COMMIT=19a7c2d590c599b7318733bd00eed83fab3b8dad
JSON_TEST_SUITE_COMMIT=1ef36fa01286573e846ac449e8683f8833c5b26a

# Prints the path of h2spec. If it is not installed, it is built with Debian's Go packages, because Debian has no package of it.
h2spec_path() {
    if has h2spec; then
        command -v h2spec
        return
    fi
    source=$(checkout h2spec https://github.com/summerwind/h2spec "$H2SPEC_COMMIT") || exit 1
    # Go finds packages by their location in a workspace.
    workspace=$PWD/.tools/h2spec-go
    program=$workspace/h2spec-$H2SPEC_COMMIT
    if [ ! -x "$program" ]; then
        install_packages "golang-go golang-golang-x-net-dev golang-github-spf13-cobra-dev golang-github-fatih-color-dev"
        say "Building h2spec $H2SPEC_VERSION."
        package=github.com/summerwind/h2spec
        rm -rf "$workspace/src/$package"
        mkdir -p "$workspace/src/$package"
        cp -R "$source/." "$workspace/src/$package"
        GO111MODULE=off GOPATH="$workspace:/usr/share/gocode" GOCACHE="$workspace/cache" \
            go build -ldflags "-X main.VERSION=$H2SPEC_VERSION" -o "$program" "$package/cmd/h2spec" >&2 ||
            fail "h2spec could not be built; set H2SPEC to its path"
    fi
    printf '%s\n' "$program"
}

# Provides what the suites need; a suite that is not run needs nothing.
require_suites() {
    missing=$(missing_tools)
    for suite in "$@"; do
        case $suite in
        testssl.sh) has testssl || has testssl.sh || missing="$missing testssl.sh" ;;
        slowhttptest) has slowhttptest || missing="$missing slowhttptest" ;;
        h2load) has h2load || missing="$missing nghttp2-client" ;;
        esac
    done
    install_packages "$missing"
    for suite in "$@"; do
        case $suite in
        h2spec) H2SPEC=${H2SPEC:-$(h2spec_path)} || exit 1 ;;
        exporter-toolkit)
            EXPORTER_TOOLKIT=${EXPORTER_TOOLKIT:-$(checkout exporter-toolkit \
                https://github.com/prometheus/exporter-toolkit "$EXPORTER_TOOLKIT_COMMIT")} || exit 1
            ;;
        JSONTestSuite)
            JSON_TEST_SUITE=${JSON_TEST_SUITE:-$(checkout JSONTestSuite https://github.com/nst/JSONTestSuite "$JSON_TEST_SUITE_COMMIT")} ||
                exit 1
            ;;
        httplint) require_httplint ;;
        esac
    done
    EXPORTER_TOOLKIT_VERSION=$(printf '%.7s' "$EXPORTER_TOOLKIT_COMMIT")
    JSON_TEST_SUITE_VERSION=$(printf '%.7s' "$JSON_TEST_SUITE_COMMIT")
    export H2SPEC EXPORTER_TOOLKIT EXPORTER_TOOLKIT_VERSION JSON_TEST_SUITE JSON_TEST_SUITE_VERSION
}

require_httplint() {
    if ! cmp -s scripts/conformance/requirements.txt .tools/httplint/requirements.txt; then
        say "Fetching httplint into .tools."
        rm -rf .tools/httplint
        mkdir -p .tools
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools/httplint \
            --requirement scripts/conformance/requirements.txt >&2 || fail "pip install failed"
        cp scripts/conformance/requirements.txt .tools/httplint/requirements.txt
    fi
    # After the packages of the tests, which take precedence where both have a package.
    PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$PWD/.tools/httplint"
    export PYTHONPATH
}

H2SPEC=${H2SPEC:-}
EXPORTER_TOOLKIT=${EXPORTER_TOOLKIT:-}
JSON_TEST_SUITE=${JSON_TEST_SUITE:-}
if [ $# -eq 0 ]; then
    require_suites h2spec h2load slowhttptest httplint testssl.sh exporter-toolkit JSONTestSuite Schemathesis
else
    require_suites "$@"
fi

require_programs
exec python3 scripts/conformance/run.py "$@"
