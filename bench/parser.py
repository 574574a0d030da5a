#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Speed of weft's HTTP parser beside llhttp, http_parser and libhtp.

    bench/parser.py [--build DIR] [--rounds N] [--count] [--json FILE] [CASE...]

All drivers in turn, several rounds, the least CPU time of each counts.  They
must find the same messages, fields and bytes.  --count adds the instructions
of a message under callgrind, which do not depend on the machine's load."""
import argparse
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES = {
    "get": "GET head of a browser",
    "api": "GET head of a program",
    "response": "head and 1 kB body by Content-Length",
    "304": "head of 304",
    "chunked": "head and four chunks",
}
MESSAGES = 256  # of a lap
GOALS = {"get": 10, "response": 20}  # Gbit/s, in one piece


def drivers(program):
    usage = subprocess.run([program], capture_output=True, text=True, check=False).stderr
    return re.search(r"drivers: (.*)", usage)[1].split()


def run(program, driver, case, laps, cut):
    out = subprocess.run([program, driver, case, str(laps), cut], capture_output=True, text=True,
                         check=True).stdout
    return json.loads(out)


def check(program, driver, case, cut, truth):
    found = run(program, driver, case, 1, cut)
    if any(found[key] != truth[key] for key in ("messages", "fields", "value_bytes",
                                                "body_bytes")):
        return f"{driver}, {case}, {cut}: found {found}, weft {truth}"
    return None


def instructions(program, driver, case, laps, cut):
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                             program, driver, case, str(laps), cut],
                            capture_output=True, text=True, check=True)
    return int(re.search(r"Collected\s*:\s*(\d+)", result.stderr)[1])


def count(program, driver, case, cut):
    return (instructions(program, driver, case, 9, cut) -
            instructions(program, driver, case, 1, cut)) / (8 * MESSAGES)


def measure(program, names, cases, options):
    """{(case, cut, driver): {"gbit", "ns", "instructions"}}, and what was wrong."""
    best, wrong = {}, []
    for case in cases:
        for cut in ("whole", "split"):
            truth = run(program, "weft", case, 1, cut)
            wrong += filter(None, (check(program, name, case, cut, truth) for name in names))
            for turn in range(options.rounds):
                for name in names:
                    found = run(program, name, case, options.laps, cut)
                    ns = found["ns"] / (options.laps * MESSAGES)
                    key = (case, cut, name)
                    if turn == 0 or ns < best[key]["ns"]:
                        best[key] = {"ns": ns, "gbit": found["bytes"] * 8 / found["ns"]}
            if options.count:
                for name in names:
                    best[case, cut, name]["instructions"] = count(program, name, case, cut)
    return best, wrong


def report(best, names, cases):
    lines = ["| | | " + " | ".join(names) + " |", "|---|---|" + "--:|" * len(names)]
    for case in cases:
        for cut in ("whole", "split"):
            cells = []
            for name in names:
                row = best[case, cut, name]
                cell = f"{row['gbit']:.1f} ({row['ns']:.0f} ns"
                if "instructions" in row:
                    cell += f", {row['instructions']:,.0f}"
                cells.append(cell + ")")
            where = "in one piece" if cut == "whole" else "cut at random"
            lines.append(f"| {CASES[case]} | {where} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build-bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--laps", type=int, default=200)
    parser.add_argument("--count", action="store_true", help="instructions under callgrind too")
    parser.add_argument("--json", type=pathlib.Path, help="write the numbers there")
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    options = parser.parse_args()
    cases = options.cases or list(CASES)
    program = str(options.build / "bench/parser")
    names = drivers(program)
    best, wrong = measure(program, names, cases, options)
    print("Gbit/s (nanoseconds" + (", instructions" if options.count else "") + " a message)\n")
    print(report(best, names, cases))
    for case in set(cases) & set(GOALS):
        gbit = best[case, "whole", "weft"]["gbit"]
        print(f"\n{CASES[case]}: {gbit:.1f} of {GOALS[case]} Gbit/s "
              f"{'✓' if gbit >= GOALS[case] else '✗'}")
    if options.json:
        rows = [{"case": case, "cut": cut, "driver": name, **row}
                for (case, cut, name), row in best.items()]
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
