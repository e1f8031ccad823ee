#!/bin/sh
# Builds flashback-exporter in release mode with the Swift runtime inside, without symbols:
#   scripts/build-static.sh [directory]     .build-static by default
# The last line of the standard output is the path of the program. libcurl, libyaml, zlib, ISA-L, libcrypt and the C library stay
# the system's, so that their security updates reach the exporter.
set -eu
cd "$(dirname "$0")/.."
directory=${1:-.build-static}

# With relocations in their short form, a fifteenth of the program, it needs glibc 2.36 or later (Debian 12, Ubuntu 22.10) where it runs.
relocations=
if [ "$(getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ print ($2 >= 2.36) }')" = 1 ]; then
    relocations="-Xlinker -z -Xlinker pack-relative-relocs"
fi

# Absolute, for what follows.
mkdir -p "$directory"
directory=$(cd "$directory" && pwd -P)
checkout=$(pwd -P)

build() {
    # BoringSSL and SwiftNIO name their sources in the program. Without the directories, builds in different places are equal.
    set -- "$@" -Xcc "-ffile-prefix-map=$checkout/=" -Xcc "-ffile-prefix-map=$directory/=.build-static/"
    # Each function in a section of its own, so that the linker leaves out those that nobody calls and folds equal ones into one.
    # The libraries in C and C++, TLS among them, throw nothing that would have to be unwound; what must be fast of TLS is assembly.
    # The runtime's link options export every symbol, which nothing needs here and which keeps alive what nobody calls.
    # shellcheck disable=SC2086 # several words
    swift build -c release --static-swift-stdlib --product flashback-exporter --scratch-path "$directory" \
        -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections \
        -Xcc -fno-exceptions -Xcc -fno-asynchronous-unwind-tables -Xcc -Os \
        -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker -s \
        $relocations "$@"
}

build >&2
echo "$(build --show-bin-path)/flashback-exporter"
