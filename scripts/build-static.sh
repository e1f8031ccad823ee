#!/bin/sh
# Builds flashback-exporter in release mode with the Swift runtime inside, without symbols:
#   scripts/build-static.sh [directory]     .build-static by default
# The last line of the standard output is the path of the program. libcurl, libyaml, zlib, ISA-L, libcrypt and the C library stay
# the system's, so that their security updates reach the exporter.
set -eu
cd "$(dirname "$0")/.."
directory=${1:-.build-static}

# Relocations are in their short form, which saves a fifteenth of the program but requires glibc 2.36 or later (Debian 12, Ubuntu 22.10) at
# run time.
relocations=
if [ "$(getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ print ($2 >= 2.36) }')" = 1 ]; then
    relocations="-Xlinker -z -Xlinker pack-relative-relocs"
fi

# Absolute, for the following commands.
mkdir -p "$directory"
directory=$(cd "$directory" && pwd -P)
checkout=$(pwd -P)

build() {
    # BoringSSL and SwiftNIO name their sources in the program. Without the directories, builds in different places are identical.
    set -- "$@" -Xcc "-ffile-prefix-map=$checkout/=" -Xcc "-ffile-prefix-map=$directory/=.build-static/"
    # Each function has its own section, so that the linker omits unused functions and folds identical ones. The libraries in C and C++,
    # including TLS, throw no exceptions that would need unwinding, and the time-critical parts of TLS are in assembly. The runtime's link
    # options export every symbol, which is not needed here and would keep unused code.
    # shellcheck disable=SC2086 # several words
    swift build -c release --static-swift-stdlib --product flashback-exporter --scratch-path "$directory" \
        -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections \
        -Xcc -fno-exceptions -Xcc -fno-asynchronous-unwind-tables -Xcc -Os \
        -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker -s \
        $relocations "$@"
}

build >&2
echo "$(build --show-bin-path)/flashback-exporter"
