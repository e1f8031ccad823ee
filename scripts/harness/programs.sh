# shellcheck shell=sh
# Sourced by the scripts that run the finished programs, in the checkout's directory. PROGRAMS names the directory of
# flashback-exporter and flashback-simulator; otherwise they are built in release mode.

# shellcheck source=scripts/requirements.sh
. scripts/requirements.sh

require_programs() {
    if [ -z "${PROGRAMS:-}" ]; then
        require_build_requirements
        swift build -c release --scratch-path .build-release --product flashback-exporter >&2
        swift build -c release --scratch-path .build-release --product flashback-simulator >&2
        PROGRAMS=$PWD/.build-release/release
    fi
    for program in flashback-exporter flashback-simulator; do
        [ -x "$PROGRAMS/$program" ] || fail "$program is not in $PROGRAMS; unset PROGRAMS to build it"
    done
    has python3 || fail "python3 is missing; install it"
    require_python_packages
    # The scripts connect to servers on this machine, so they must not use a proxy.
    no_proxy='*'
    export no_proxy PROGRAMS PYTHONDONTWRITEBYTECODE=1
}
