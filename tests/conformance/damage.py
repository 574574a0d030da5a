#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Damaged captures: no crash, no finding, no hang, and a documented exit status.

    damage.py [--cuts N] [--flips N] [--lengths N] [--seed S] WEFT DRIVER [FOLDER]

Every file below FOLDER/files (or FOLDER itself) is cut at N random places, N times
over has random bytes changed, and has N fields that hold a length set to extremes.
DRIVER does that within one process a file and says what it looks for (damage.c);
the command WEFT is run on one damaged copy of each.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

from common import skip

ACCEPTED = {0, 2, 3}
COMMANDS = [["http", "-T", "ndjson"], ["conns", "-T", "ndjson", "--digest"],
            ["follow", "-T", "ndjson"]]


def captures_below(folder):
    below = os.path.join(folder, "files")
    for path, _, names in os.walk(below if os.path.isdir(below) else folder):
        for name in names:
            yield os.path.join(path, name)


def damaged(data, generator):
    """A cut or a changed copy."""
    if generator.random() < 0.5:
        return data[:generator.randrange(len(data) + 1)]
    copy = bytearray(data)
    for _ in range(generator.randrange(1, 16) if copy else 0):
        copy[generator.randrange(len(copy))] = generator.randrange(256)
    return bytes(copy)


def run_command(weft, arguments, path, seconds):
    """None, or what went wrong."""
    try:
        done = subprocess.run([weft, arguments[0], "-r", path, *arguments[1:]], check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"{arguments[0]} took longer than {seconds} s"
    told = done.stderr.decode(errors="replace")
    if done.returncode not in ACCEPTED:
        return f"{arguments[0]} exits {done.returncode}: {told[-2000:]}"
    if "Sanitizer" in told or "runtime error" in told:
        return f"{arguments[0]}: {told[-2000:]}"
    return None


def run_commands(weft, paths, seed, seconds):
    """How many of the files went wrong."""
    wrong = 0
    for number, path in enumerate(paths):
        generator = random.Random(f"{seed} {os.path.basename(path)}")
        with open(path, "rb") as file, tempfile.NamedTemporaryFile() as copy:
            copy.write(damaged(file.read(), generator))
            copy.flush()
            fault = run_command(weft, COMMANDS[number % len(COMMANDS)], copy.name, seconds)
        if fault:
            wrong += 1
            print(f"FAILS {path}: {fault}")
    print(f"the command on {len(paths)} damaged files: {wrong} wrong")
    return wrong


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weft")
    parser.add_argument("driver")
    parser.add_argument("folder", nargs="?", default=os.path.join(here, "../../../shared/captures"))
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--flips", type=int, default=3)
    parser.add_argument("--lengths", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60, help="longest for one damaged copy")
    arguments = parser.parse_args()
    paths = sorted(captures_below(arguments.folder))
    if not paths:
        skip(f"no captures below {arguments.folder}")
    wrong = run_commands(arguments.weft, paths, arguments.seed, arguments.seconds)
    driver = [arguments.driver, "--cuts", arguments.cuts, "--flips", arguments.flips,
              "--lengths", arguments.lengths,
              "--seed", arguments.seed, "--seconds", arguments.seconds, *paths]
    failed = subprocess.run([str(word) for word in driver], check=False).returncode
    sys.exit(1 if wrong or failed else 0)


if __name__ == "__main__":
    main()
