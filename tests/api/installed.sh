#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What `meson install` lays down is enough: the README's program is built against
# it with pkg-config alone, and runs.
#   installed.sh BUILD-DIR SOURCE-ROOT PREFIX C-COMPILER...
set -eu
build=$1 source=$2 prefix=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
meson install -C "$build" --no-rebuild --quiet --destdir "$work" >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }

PKG_CONFIG_PATH=$(find "$work" -name pkgconfig -type d)
export PKG_CONFIG_PATH
# The files say PREFIX, and it is below $work now.
flags=$(pkg-config --cflags --libs weftio |
  sed "s|-\([IL]\)$prefix|-\1$work$prefix|g")
# shellcheck disable=SC2086 # several flags
"$@" -std=c11 "$source/examples/02-http.c" -o "$work/program" $flags
"$work/program" "$source/tests/captures/keepalive.pcap" |
  diff -u "$source/examples/02-http.expected" -
"$work$prefix/bin/weft" --version
