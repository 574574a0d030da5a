#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""reader.h against gopacket's recorded tcpreader.

    helpers_reader.py DRIVER [FOLDER]

FOLDER holds reader.jsonl.  Packets are pushed, then the stream is read as the
scenario read it.  gopacket never joins two packets' bytes in one read and weft
does, so what is compared is the bytes between one gap, or the end, and the next.
"""

import argparse
import json
import os
import subprocess
import sys

from common import Scores, cases_or_skip
from helpers import flags_of

COLUMN = "right"
ERRORS = {"EOF": "end", "lost data": "gap"}


def packets_of(scenario):
    for step in scenario["steps"]:
        if step["op"] == "packet":
            yield f"packet {step['t']} {step['seq']} {flags_of(step)} {step.get('data') or '-'}"
    yield "finish"


def script_of(scenario):
    """As many reads as were recorded, and closing where that was."""
    options = scenario["options"]
    yield f"new {int(not options.get('loss_errors'))}"
    yield from packets_of(scenario)
    for result in scenario["results"]:
        yield "close" if result["call"] == "close" else f"read {options['read_size']}"


def recorded(scenario):
    for result in scenario["results"]:
        if result["call"] == "read":
            yield ERRORS[result["err"]] if result["err"] else f"data {result['data']}"


def joined(answers):
    """Bytes of neighbouring reads as one, ends as one."""
    told = []
    for answer in answers:
        word, _, data = answer.partition(" ")
        if word == "data" and told and told[-1][0] == "data":
            told[-1] = ("data", told[-1][1] + data)
        elif not (word == "end" and told and told[-1] == ("end", "")):
            told.append((word, data))
    return told


def play(driver, scenario):
    script = "".join(line + "\n" for line in script_of(scenario))
    done = subprocess.run([driver], input=script, text=True, check=False, timeout=60,
                          stdout=subprocess.PIPE)
    return done.stdout.splitlines() if done.returncode == 0 else [f"failed {done.returncode}"]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("driver")
    parser.add_argument("folder", nargs="?",
                        default=os.path.join(here, "../../../shared/gopacket-vectors"))
    arguments = parser.parse_args()
    folder = cases_or_skip(arguments.folder, "reader.jsonl")
    scores = Scores([COLUMN])
    with open(os.path.join(folder, "reader.jsonl"), encoding="utf-8") as lines:
        scenarios = [json.loads(line) for line in lines]
    for scenario in scenarios:
        got, expected = joined(play(arguments.driver, scenario)), joined(recorded(scenario))
        scores.add("total", COLUMN, got == expected)
        if got != expected:
            print(f"WRONG {scenario['id']}: {got}, expected {expected}")
    scores.print()
    sys.exit(0 if scores.reaches(COLUMN, 100) else 1)


if __name__ == "__main__":
    main()
