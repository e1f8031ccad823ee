# shellcheck shell=sh
# The requirements of building and testing besides Swift, and where they come from. Sourced by the scripts in this directory, which run in
# the root of the checkout.
#
# Existing programs are used. Missing ones that the build needs are installed; servers that only the tests need are unpacked into .tools,
# because installing a server would also start it.

# A user's PATH does not include the directory of Debian's servers.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$(basename "$0"): error: $*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

has_library() { has pkg-config && pkg-config --exists "$1"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Provides what the build needs.
require_build_requirements() {
    has swift || fail "swift is missing; install Swift 6.2 or later, see https://www.swift.org/install"
    missing=
    has git || missing="$missing git"
    has pkg-config || missing="$missing pkg-config"
    has_library libcurl || missing="$missing libcurl4-openssl-dev"
    has_library libisal || missing="$missing libisal-dev"
    has_library zlib || missing="$missing zlib1g-dev"
    has_library yaml-0.1 || missing="$missing libyaml-dev"
    has_library libcrypt || missing="$missing libcrypt-dev"
    install_packages "$missing"
}

# Provides what scripts/package.sh needs.
require_package_requirements() {
    missing=
    has dpkg-buildpackage || missing="$missing dpkg-dev"
    has dh || missing="$missing debhelper"
    # For the SBOM.
    has python3 || missing="$missing python3"
    install_packages "$missing"
}

# Prints the missing packages among those that the tests and scripts/conformance.sh always need.
missing_tools() {
    has openssl || printf ' openssl'
    has curl || printf ' curl'
    has python3 || printf ' python3'
    { has python3 && python3 -m pip --version >/dev/null 2>&1; } || printf ' python3-pip'
}

# Provides what the tests need, and sets the environment variables that they read.
require_test_requirements() {
    missing=$(missing_tools)
    # For building and checking packages.
    has lintian || missing="$missing lintian"
    has man || missing="$missing man-db"
    has systemd-analyze || missing="$missing systemd"
    has zsh || missing="$missing zsh"
    has fish || missing="$missing fish"
    # It needs more libraries than can be unpacked with it.
    has chromium-headless-shell || missing="$missing chromium-headless-shell"
    install_packages "$missing"
    require_package_requirements
    require_python_packages

    CHROMIUM=$(command -v chromium-headless-shell) || exit 1
    PROMETHEUS=${PROMETHEUS:-$(server prometheus prometheus)} || exit 1
    PROMTOOL=${PROMTOOL:-$(server promtool prometheus)} || exit 1
    # The directory of nginx.
    if [ -z "${NGINX:-}" ]; then
        nginx=$(server nginx nginx nginx-light nginx-core) || exit 1
        NGINX=$(dirname "$nginx")
    fi
    ALERTMANAGER=${ALERTMANAGER:-$(server prometheus-alertmanager prometheus-alertmanager)} || exit 1
    AMTOOL=${AMTOOL:-$(server amtool prometheus-alertmanager)} || exit 1
    KUBECTL=${KUBECTL:-$(rendering_kubectl)} || exit 1
    export ALERTMANAGER AMTOOL CHROMIUM KUBECTL NGINX PROMETHEUS PROMTOOL
    require_jsonnet
    require_readers
}

# Provides what scripts/rules.sh needs, and sets the environment variable that it reads.
require_jsonnet() {
    JSONNET=${JSONNET:-$(server jsonnet jsonnet)} || exit 1
    export JSONNET
}

# Unpacks the releases of Prometheus and VictoriaMetrics that docs/readers.md names.
require_readers() {
    for reader in bookworm/prometheus bookworm/victoria-metrics trixie/prometheus trixie/promtool \
        forky/prometheus forky/promtool forky/victoria-metrics; do
        unpack_of "${reader%/*}" "${reader#*/}" || fail "${reader#*/} of Debian ${reader%/*} is missing and could not be fetched"
    done
    READERS=$PWD/.tools
    export READERS
}

# The path of a kubectl that can render deploy/kubernetes: Debian 12's does not accept directories as resources of a kustomization.
rendering_kubectl() {
    command=$(command -v kubectl) || command=.tools/trixie/kubectl/usr/bin/kubectl
    if ! "$command" kustomize deploy/kubernetes/single >/dev/null 2>&1; then
        unpack_of trixie kubectl || fail "kubectl 1.27 or later is missing and could not be fetched; set KUBECTL to its path"
        command=$PWD/.tools/trixie/kubectl/usr/bin/kubectl
    fi
    printf '%s\n' "$command"
}

# Installs the Python packages of Tests/requirements.txt into .tools, again if the file has changed, and adds them to Python's path.
require_python_packages() {
    if ! cmp -s Tests/requirements.txt .tools/python/requirements.txt; then
        say "Fetching the Python packages of Tests/requirements.txt into .tools."
        rm -rf .tools/python
        mkdir -p .tools
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools/python \
            --requirement Tests/requirements.txt >&2 || fail "pip install failed"
        cp Tests/requirements.txt .tools/python/requirements.txt
    fi
    PYTHONPATH="$PWD/.tools/python${PYTHONPATH:+:$PYTHONPATH}"
    # For the programs in these packages.
    PATH="$PATH:$PWD/.tools/python/bin"
    export PATH PYTHONPATH
}

# install_packages NAMES: installs packages, given as one argument and separated by spaces.
install_packages() {
    names=$(printf '%s' "$1" | sed 's/^ *//')
    [ -n "$names" ] || return 0
    has apt-get || fail "these packages are missing and there is no apt-get to install them: $names"
    [ "$(id -u)" -eq 0 ] || has sudo || fail "these packages are missing; install them as root: apt-get install $names"
    say "Installing $names."
    as_root apt-get update -qq || fail "apt-get update failed; install these packages by hand: $names"
    # shellcheck disable=SC2086 # One word a package.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $names >&2 ||
        fail "apt-get install failed; install these packages by hand: $names"
}

# server COMMAND PACKAGE…: prints the path of a command, which is unpacked from the first package that contains it if necessary.
server() {
    command=$1
    shift
    if has "$command"; then
        command -v "$command"
        return
    fi
    for package in "$@"; do
        unpack "$package" || continue
        for directory in usr/bin usr/sbin; do
            if [ -x ".tools/$package/$directory/$command" ]; then
                printf '%s\n' "$PWD/.tools/$package/$directory/$command"
                return
            fi
        done
    done
    fail "$command is missing and could not be fetched; install the package $1"
}

# unpack_of RELEASE PACKAGE: unpacks a package of any release of Debian into .tools/RELEASE/PACKAGE, so that the same package of several
# releases can be used side by side. apt verifies its signature.
unpack_of() {
    [ ! -d ".tools/$1/$2" ] || return 0
    if ! has apt-get || ! has dpkg-deb; then return 1; fi
    say "Fetching $2 of Debian $1 into .tools."
    apt="$PWD/.tools/$1/apt"
    new=".tools/$1/$2.new"
    unpacked=".tools/$1/$2"
    rm -rf "$new"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$new"
    # apt must not count installed packages as candidates.
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $1 main" >"$apt/sources.list"
    package=$2
    set -- -qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" -o Dir::Cache::Archives="$apt/archives"
    apt-get "$@" update >&2 || return 1
    (cd "$new" && apt-get "$@" download "$package" >&2) || return 1
    dpkg-deb -x "$new/"*.deb "$new" || return 1
    rm "$new/"*.deb
    mv "$new" "$unpacked"
}

# unpack PACKAGE: unpacks a Debian package into .tools/PACKAGE without installing it.
unpack() {
    [ ! -d ".tools/$1" ] || return 0
    if ! has apt-get || ! has dpkg-deb; then return 1; fi
    say "Fetching $1 into .tools."
    rm -rf ".tools/$1.new"
    mkdir -p ".tools/$1.new"
    download "$1" || {
        # The lists of packages may be missing or outdated.
        { [ "$(id -u)" -eq 0 ] || has sudo; } && as_root apt-get update -qq && download "$1"
    } || return 1
    dpkg-deb -x ".tools/$1.new/"*.deb ".tools/$1.new" || return 1
    rm ".tools/$1.new/"*.deb
    mv ".tools/$1.new" ".tools/$1"
}

download() {
    # apt-get's own user may not write into the checkout.
    (cd ".tools/$1.new" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2)
}

# checkout NAME URL COMMIT: prints the directory of a repository at a commit, which is fetched if necessary.
checkout() {
    directory=$PWD/.tools/$1-$3
    if [ ! -d "$directory" ]; then
        say "Fetching $2 into .tools."
        rm -rf "$directory.new"
        mkdir -p "$directory.new"
        {
            git -C "$directory.new" init --quiet &&
                git -C "$directory.new" fetch --quiet --depth 1 "$2" "$3" &&
                git -C "$directory.new" checkout --quiet FETCH_HEAD
        } >&2 || fail "git fetch of $2 failed"
        mv "$directory.new" "$directory"
    fi
    printf '%s\n' "$directory"
}
