# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# json FILE PYTHON: every line is a JSON object `x` for which the expression holds.
json() {
  python3 - "$1" "$2" <<'END'
import json, sys
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    x = json.loads(line)
    assert eval(sys.argv[2]), f"line {number}: {line}"
END
}
