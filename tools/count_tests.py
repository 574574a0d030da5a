#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts the tests of a meson-logs/testlog.json: prints "PASSED FAILED SKIPPED".

A test program that prints TAP counts by its test points; points that its plan
promised and a crash swallowed count as failed.  Any other program counts as
one.  A log that is missing or empty is one failure.  What was skipped or failed
is named on standard error.
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b(?:\s+\d+)?(.*)", re.M)
PLAN = re.compile(r"^1\.\.(\d+)", re.M)
SKIP = re.compile(r"#\s*skip\b[\s:]*(.*)", re.I)


def note(word, name, reason=""):
    print(f"{word}: {name}{': ' + reason if reason else ''}", file=sys.stderr)


def count_tap(name, output):
    """(passed, failed, skipped) of TAP output."""
    passed = failed = skipped = 0
    for negated, description in POINT.findall(output):
        skip = SKIP.search(description)
        if skip:
            skipped += 1
            note("skipped", f"{name} {description[:skip.start()].strip(' -')}", skip[1])
        elif negated:
            failed += 1
            note("failed", f"{name} {description.strip(' -')}")
        else:
            passed += 1
    promised = sum(int(n) for n in PLAN.findall(output))
    lost = promised - passed - failed - skipped
    if lost > 0:
        note("failed", name, f"{lost} tests never ran")
        failed += lost
    return passed, failed, skipped


def count(test):
    name, result = test["name"], test["result"]
    output = test.get("stdout") or ""
    if result == "SKIP":
        # The reason is the last thing it said.
        said = (output + (test.get("stderr") or "")).strip().splitlines()
        note("skipped", name, said[-1].removeprefix("SKIP: ") if said else "")
        return 0, 0, 1
    good = result in ("OK", "EXPECTEDFAIL")
    if PLAN.search(output):
        passed, failed, skipped = count_tap(name, output)
        if not good and not failed:
            note("failed", name, result.lower())
            failed = 1
        return passed, failed, skipped
    if not good:
        note("failed", name, result.lower())
    return int(good), int(not good), 0


def main():
    try:
        with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
            counts = [count(json.loads(line)) for line in log if line.strip()]
    except OSError:
        counts = []
    passed, failed, skipped = (sum(column) for column in zip(*counts or [(0, 1, 0)]))
    print(passed, failed, skipped)


main()
