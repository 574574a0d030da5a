# SPDX-License-Identifier: BSD-2-Clause
"""What the conformance runners share: the command, skipping, scores."""

import argparse
import json
import os
import subprocess
import sys

SKIPPED = 77  # what Meson takes for "skipped"


def skip(reason):
    """Ends the program as a skipped test, saying why."""
    print(f"SKIP: {reason}")
    sys.exit(SKIPPED)


def cases_or_skip(path, needed):
    """The folder of cases, which has to hold `needed`; else the test is skipped."""
    if not os.path.exists(os.path.join(path, needed)):
        skip(f"no cases: {os.path.join(path, needed)} does not exist")
    return path


def captures_parser(doc, expected):
    """The arguments of a runner over the folder of captures; `expected` lies beside it."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("weft")
    parser.add_argument("folder", nargs="?", default=os.path.join(here, "../../../shared/captures"))
    parser.add_argument("--show", default="", help="only captures whose name contains this")
    parser.add_argument("--expected", default=os.path.join(here, expected))
    return parser


def captures_or_skip(arguments):
    """The folder of captures and what its manifest says of each; else the test is skipped."""
    folder = cases_or_skip(arguments.folder, "manifest.json")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as text:
        return folder, json.load(text)["files"]


class Failed(Exception):
    """The command did not do what it should have; the text says how."""


def weft_json(weft, arguments, accepted=(0, 3), timeout=120):
    """Runs the command and returns its NDJSON lines as objects, with the exit status."""
    try:
        done = subprocess.run([weft, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {timeout} s") from None
    if done.returncode not in accepted:
        told = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Failed(f"exit status {done.returncode}: {' '.join(told)}")
    lines = []
    for number, line in enumerate(done.stdout.splitlines(), 1):
        try:
            lines.append(json.loads(line))
        except ValueError as error:
            raise Failed(f"line {number} of its output is not JSON: {error}") from None
    return lines, done.returncode


def percent(part, whole):
    """Never rounded up to 100."""
    if not whole:
        return "-"
    hundredths = part * 10000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


class Scores:
    """Counts of right and tried for each (row, column)."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = {}

    def add(self, row, column, right):
        cell = self.rows.setdefault(row, {}).setdefault(column, [0, 0])
        cell[0] += bool(right)
        cell[1] += 1

    def get(self, row, column):
        return tuple(self.rows.get(row, {}).get(column, (0, 0)))

    def print(self, last="total"):
        names = sorted(name for name in self.rows if name != last)
        width = max([len(name) for name in self.rows] + [8])
        print(" " * width + "".join(f"  {column:>20}" for column in self.columns))
        for name in names + [last]:
            cells = ""
            for column in self.columns:
                right, tried = self.get(name, column)
                text = f"{right}/{tried} {percent(right, tried)}" if tried else "-"
                cells += f"  {text:>20}"
            print(f"{name:<{width}}{cells}")

    def reaches(self, column, threshold, row="total"):
        """Whether the share is at least `threshold` per cent; nothing tried is not enough."""
        right, tried = self.get(row, column)
        if tried and right * 100 >= threshold * tried:
            return True
        print(f"BELOW: {column}: {right} of {tried} is under {threshold} %")
        return False


def mapped(address):
    """An address in one spelling, whatever tool wrote it."""
    import ipaddress
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(parsed)


def endpoint(pair):
    """[address, port] as a key."""
    return (mapped(pair[0]), int(pair[1]))


def peer(record, side):
    """The endpoint that weft reports under `client` or `server`."""
    return (mapped(record[side]["address"]), int(record[side]["port"]))
