#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the command on the bundled captures and compares what it prints, byte for byte, with the
# files in golden/.  NAME.args holds the arguments, NAME.out what standard output must be.
#
#     golden.sh WEFT            tests, as TAP
#     golden.sh --record WEFT   writes the .out files anew: read the difference before keeping it
set -u
here=$(cd "$(dirname "$0")" && pwd)
record=
[ "${1:-}" = --record ] && { record=1; shift; }
weft=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$here/../captures" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run FILE: the arguments in it, one a line.
run() {
  set --
  while IFS= read -r argument; do set -- "$@" "$argument"; done <"$args"
  "$weft" "$@" >"$work/out" 2>"$work/err"
  status=$?
}

number=0
for args in "$here"/golden/*.args; do
  number=$((number + 1))
  name=$(basename "$args" .args)
  expected=${args%.args}.out
  run
  if [ -n "$record" ]; then
    cp "$work/out" "$expected"
  elif [ $status -ne 0 ]; then
    printf 'not ok %d - %s: exit status %d\n' $number "$name" $status
    sed 's/^/# /' "$work/err"
  elif cmp -s "$work/out" "$expected"; then
    printf 'ok %d - %s\n' $number "$name"
  else
    printf 'not ok %d - %s\n' $number "$name"
    diff -u "$expected" "$work/out" | head -40 | sed 's/^/# /'
  fi
done
[ -n "$record" ] || printf '1..%d\n' $number
