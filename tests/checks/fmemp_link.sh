#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What must compile and link, and what must fail to link by name. Run in the root of the source.
#     tests/checks/fmemp_link.sh cc [arguments of the compiler]
# BITS (a folder of arch/, default generic) chooses the bit operations.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bits=${BITS:-generic}

cat > "$work/caller.c" << 'END'
#include "fmempory_pool.h"
static u8 buffer[100000];
static FMemp memp;
int main(void) {
    if (FMempInit(&memp, buffer, buffer + sizeof buffer) != FMEMP_SUCCESS) {
        return 1;
    }
    void *block = FMEMP_MALLOC(&memp, 10);
    FMEMP_FREE(&memp, block);
    FMempDeinit(&memp);
    return block == NULL;
}
END
cat > "$work/firmware.c" << 'END'
#include <ferror_code.h>
#include <fmemory_pool.h>
#include <fslink_list.h>
#include <ftypes.h>
int main(void) { return (int)FMEMP_SUCCESS; }
END

link() { # $1: options of the library, $2: of the caller; the rest: the compiler
    library_options=$1
    caller_options=$2
    shift 2
    # The options are lists of words.
    # shellcheck disable=SC2086
    for source in lib/*/*.c; do
        "$@" $library_options -Iinclude "-Iarch/$bits" -c "$source" \
            -o "$work/$(basename "$source").o"
    done
    # shellcheck disable=SC2086
    "$@" $caller_options -Iinclude "$work/caller.c" "$work"/*.o -o "$work/program" 2> "$work/errors"
}

links() { # $1: what is shown
    name=$1
    shift
    if link "$@"; then
        echo "ok: $name"
    else
        cat "$work/errors"
        echo "FAILED: $name does not link"
        exit 1
    fi
}

fails_for() { # $1: what is shown, $2: the name that is missing
    name=$1
    missing=$2
    shift 2
    if link "$@"; then
        echo "FAILED: $name links"
        exit 1
    fi
    if ! grep -q "$missing" "$work/errors"; then
        cat "$work/errors"
        echo "FAILED: $name: $missing is not named"
        exit 1
    fi
    echo "ok: $name fails for $missing"
}

links "the defaults" "" "" "$@"
links "a prefix" -DTLSF_PREFIX=acme_ -DTLSF_PREFIX=acme_ "$@"
links "tags on both sides" -DFMEMP_TAG_DEBUG=1 -DFMEMP_TAG_DEBUG=1 "$@"
links "a plain caller on a library with tags" -DFMEMP_TAG_DEBUG=1 "" "$@"
fails_for "a tagging caller on a plain library" FMempMallocTag "" -DFMEMP_TAG_DEBUG=1 "$@"
fails_for "a caller with another granule" FMempInit_compact_granule_16_sl_bits_4 \
    "" -DTLSF_GRANULE=16 "$@"
fails_for "a caller with another layout" FMempInit_wide_granule_8_sl_bits_4 \
    "" -DTLSF_LAYOUT=TLSF_WIDE "$@"
fails_for "a caller with other second-level bits" FMempInit_compact_granule_8_sl_bits_5 \
    "" -DTLSF_SL_BITS=5 "$@"
fails_for "a caller with another prefix" acme_FMempInit "" -DTLSF_PREFIX=acme_ "$@"
fails_for "a library whose lock port is missing" FMempLock -DFMEMP_LOCK=1 "" "$@"

# Firmware names the headers in any order, with ours or the SDK's on the include path.
for folder in include/standalone tests/fmemp/fake_sdk; do
    "$@" -Werror -Iinclude "-I$folder" -fsyntax-only "$work/firmware.c"
    echo "ok: firmware with $folder"
done
"$@" -Werror -Iinclude -Itests/fmemp/fake_sdk -DFMEMP_SDK=0 -fsyntax-only "$work/caller.c"
echo "ok: FMEMP_SDK=0 overrides what is found"
