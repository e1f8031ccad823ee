#!/bin/sh
# Builds flashback-exporter in release mode with the Swift runtime inside, without symbols:
#   scripts/build-static.sh [directory]     .build-static by default
# The last line of the standard output is the path of the program. libcurl, libyaml, zlib, libcrypt and the C library stay the
# system's, so that their security updates reach the exporter.
set -eu
cd "$(dirname "$0")/.."
directory=${1:-.build-static}

build() {
    # The runtime's link options export every symbol, which nothing needs here and which keeps alive what nobody calls.
    swift build -c release --static-swift-stdlib --product flashback-exporter --scratch-path "$directory" \
        -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker -s "$@"
}

build >&2
echo "$(build --show-bin-path)/flashback-exporter"
