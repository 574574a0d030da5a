#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What ./dev test counts: tools/count_tests.py on made-up logs.  TAP.

    counting.py COUNT-TESTS
"""
import json
import subprocess
import sys
import tempfile

CASES = [  # (name, log lines, "passed failed skipped")
    ("a program that says nothing is one test", [{"result": "OK"}], "1 0 0"),
    ("and fails as one", [{"result": "FAIL"}, {"result": "OK"}], "1 1 0"),
    ("time-outs and crashes fail", [{"result": "TIMEOUT"}, {"result": "ERROR"}], "0 2 0"),
    ("skipped by exit status", [{"result": "SKIP", "stdout": "needs root\n"}], "0 0 1"),
    ("test points count", [{"result": "OK", "stdout": "1..2\nok 1 - a\nok 2 - b\n"}], "2 0 0"),
    ("plan at the end", [{"result": "OK", "stdout": "ok 1 - a\nok 2 - b\n1..2\n"}], "2 0 0"),
    (
        "one point of three fails, one is skipped",
        [{"result": "FAIL", "stdout": "1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no net\n"}],
        "1 1 1",
    ),
    (
        "points that a crash swallowed have failed",
        [{"result": "FAIL", "stdout": "1..3\nok 1 - a\n"}],
        "1 2 0",
    ),
    (
        "a crash after the last point is a failure",
        [{"result": "FAIL", "stdout": "1..1\nok 1 - a\n"}],
        "1 1 0",
    ),
    ("output that only looks like TAP", [{"result": "OK", "stdout": "ok then\n"}], "1 0 0"),
    ("an empty log is a failure", [], "0 1 0"),
]


def run(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as log:
        for line in lines:
            log.write(json.dumps({"name": "made-up", **line}) + "\n")
        log.flush()
        return subprocess.run(
            [sys.executable, sys.argv[1], log.name], capture_output=True, text=True, check=False
        ).stdout.strip()


print(f"1..{len(CASES)}")
for number, (name, lines, expected) in enumerate(CASES, 1):
    got = run(lines)
    print(f"{'ok' if got == expected else 'not ok'} {number} - {name}")
    if got != expected:
        print(f"# {got} instead of {expected}")
