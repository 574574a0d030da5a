#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts the instructions of one operation of each micro-benchmark under
callgrind, and compares with bench/micro.json.

    bench/micro.py [--build DIR] [--update] [--limit PERCENT] [CASE...]

An operation costs what 2 N of them take more than N, divided by N, so what is set
up does not count.  The counts do not depend on the machine's load, only on
compiler and flags.  --update writes them into micro.json; --limit makes growth
by more than that a failure."""
import argparse
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RECORD = HERE / "micro.json"
N = 4096
CASES = {  # what one operation is
    "decode": "weft_decode of a frame",
    "lookup": "a bare ACK to one of 4096 connections",
    "in_order": "a 1448-byte segment, in order",
    "out_of_order": "a 1448-byte segment, of 16 in reverse, borrowed",
    "frame": "a 1448-byte frame in a batch: decode, look up, accept",
    "connection": "a connection of nine segments",
    "http": "an HTTP exchange of two segments",
    "ndjson": "the same, written as ndjson",
}


def instructions(program, case, n):
    result = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, case, str(n)],
        capture_output=True, text=True, check=False)
    collected = re.search(r"Collected\s*:\s*(\d+)", result.stderr)
    if result.returncode or not collected:
        sys.exit(f"{case}: {result.stderr.strip()}")
    return int(collected[1])


def per_operation(program, case):
    return round((instructions(program, case, 2 * N) - instructions(program, case, N)) / N, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build-bench")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--limit", type=float)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    options = parser.parse_args()
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    grown = []
    print(f"{'instructions':14}{'recorded':>10}{'now':>10}{'change':>9}")
    for case in options.cases or CASES:
        now = per_operation(str(options.build / "bench/micro"), case)
        before = recorded.get(case)
        change = (now / before - 1) * 100 if before else 0.0
        print(f"{case:14}{before or '-':>10}{now:>10}{change:>+8.1f}%  {CASES[case]}")
        if options.limit is not None and change > options.limit:
            grown.append(case)
        recorded[case] = now
    if options.update:
        RECORD.write_text(json.dumps(recorded, indent=2) + "\n")
    if grown:
        sys.exit(f"grown by more than {options.limit:g} %: {', '.join(grown)}")


main()
