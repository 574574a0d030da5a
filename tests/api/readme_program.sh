#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The program in README.md is examples/02-http.c, letter for letter, but for
# the SPDX line and the comment that an example begins with.
#   readme_program.sh README EXAMPLE
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n '/^```c$/,/^```$/p' "$1" | sed '1d;$d' >"$work/readme"
sed -n '/^#include/,$p' "$2" >"$work/example"
[ -s "$work/readme" ] || { echo 'README.md has no C program'; exit 1; }
diff -u "$work/readme" "$work/example"
