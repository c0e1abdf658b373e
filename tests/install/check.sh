#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build into an empty folder and uses it: pkg-config, find_package, alias libraries; then
# looks at the library's symbols and dependencies. Each look is first shown to catch a planted flaw.
# check.sh BUILD SOURCE LIBDIR CC CFLAGS
set -eu -o pipefail
build=$1
source=$2
libdir=$3
cc=$4
flags=${5:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/prefix"
lib="$prefix/$libdir"

fail() {
    echo "install: $*" >&2
    exit 1
}

# Names that a library gives away, without its version node.
exports_of() {
    nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

same_exports() {
    LC_ALL=C sort "$2" | grep -v '^$' | diff - <(exports_of "$1")
}

needs() {
    LC_ALL=C readelf -d "$1" >"$work/dynamic"
    grep -q "(NEEDED).*\[$2" "$work/dynamic"
}

consume() {
    local name=$1
    shift
    # shellcheck disable=SC2086
    "$cc" $flags -std=c11 -Wall -Wextra -Werror "$source/consumer/consumer.c" -o "$work/$name" "$@" ||
        fail "$name does not build"
    LD_LIBRARY_PATH="$lib" "$work/$name" || fail "$name does not run"
}

cmake --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log"; fail "cmake --install"; }
shared="$lib/libschannel.so"
[ -f "$lib/libschannel.a" ] || fail "no static library"
[ -f "$prefix/include/schannel/sspi.h" ] || fail "no headers"

# Symbols.
{ cat "$build/exports.expected"; echo planted_symbol; } >"$work/more"
sed 1d "$build/exports.expected" >"$work/fewer"
same_exports "$shared" "$work/more" >/dev/null && fail "a missing export is not noticed"
same_exports "$shared" "$work/fewer" >/dev/null && fail "a surplus export is not noticed"
same_exports "$shared" "$build/exports.expected" || fail "exports differ (expected <, found >)"
nm -D --defined-only "$shared" >"$work/symbols"
grep -q SCHANNEL_0 "$work/symbols" || fail "no version node"

# Dependencies and name.
echo 'int planted;' >"$work/planted.c"
"$cc" -shared -fPIC "$work/planted.c" -o "$work/planted.so" -Wl,--no-as-needed -lssl ||
    fail "the planted library does not build"
needs "$work/planted.so" libssl || fail "a need of libssl is not noticed"
needs "$shared" libssl && fail "the library needs libssl"
needs "$shared" libcrypto || fail "the library does not need libcrypto"
dynamic=$(LC_ALL=C readelf -d "$shared")
grep -q 'SONAME.*\[libschannel\.so\.0\]' <<<"$dynamic" || fail "the soname is not libschannel.so.0"
grep -q 'NODELETE' <<<"$dynamic" || fail "the library can be unloaded"

# pkg-config and the alias libraries.
export PKG_CONFIG_PATH="$lib/pkgconfig"
# shellcheck disable=SC2046
consume with_pkg_config $(pkg-config --cflags --libs schannel)
# shellcheck disable=SC2046
consume with_aliases $(pkg-config --cflags schannel) -L"$lib" \
    -L"$(pkg-config --variable=aliasdir schannel)" -lsecur32 -lcrypt32

# CMake.
cmake -S "$source/consumer" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags" >"$work/log" 2>&1 &&
    cmake --build "$work/cmake" >>"$work/log" 2>&1 || { cat "$work/log"; fail "find_package"; }
for name in with_shared with_static; do
    LD_LIBRARY_PATH="$lib" "$work/cmake/$name" || fail "$name does not run"
done
echo "install: 4 consumers, $(wc -l <"$build/exports.expected") exports, 3 planted flaws caught"
