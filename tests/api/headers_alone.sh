#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each public header compiles alone, and twice over, as C11 and as C++17.  TAP.
#   headers_alone.sh INCLUDE-DIR C-COMPILER...
set -eu
include=$1
shift
count=0

point() { # DESCRIPTION COMMAND...: reads the source from standard input
  count=$((count + 1))
  description=$1
  shift
  if errors=$("$@" 2>&1); then echo "ok $count - $description"; else
    echo "not ok $count - $description"
    echo "$errors" | sed 's/^/# /'
  fi
}

set -- "$@" -fsyntax-only -Wall -Wextra -pedantic -Werror -I"$include"
for header in "$include"/weft/*.h; do
  name=weft/${header##*/}
  point "$name as C11" "$@" -std=c11 -x c - <<END
#include <$name>
#include <$name>
END
  if command -v c++ >/dev/null; then
    point "$name as C++17" c++ -fsyntax-only -Wall -Wextra -pedantic -Werror -I"$include" \
      -std=c++17 -x c++ - <<END
#include <$name>
#include <$name>
END
  else
    count=$((count + 1))
    echo "ok $count - $name as C++17 # SKIP no C++ compiler"
  fi
done
echo "1..$count"
