#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs a program and compares what it prints with what it should.
#   compare.sh EXPECTED PROGRAM [ARGUMENT...]
set -eu
expected=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$@" >"$work/output"
diff -u "$expected" "$work/output"
