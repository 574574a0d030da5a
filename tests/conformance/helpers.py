#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check.h and sequence arithmetic against gopacket's recorded helpers.

    helpers.py DRIVER [FOLDER]

FOLDER holds helpers.jsonl.  Each step is played by DRIVER (helpers_driver.c) and
scored.  Where gopacket is wrong, or weft has a rule of its own, the step is
scored in a column of its own against what is right:

  * a retransmission that carries new bytes is taken (gopacket drops it);
  * an option of a wrong length is as if absent, as in Linux (gopacket drops the SYN);
  * numbers are compared as signed 32-bit distances (gopacket is off by one across
    the wrap, and compares numbers far apart as plain integers).
"""

import argparse
import json
import os
import subprocess
import sys

from common import Scores, cases_or_skip

COLUMNS = ["as recorded", "as corrected"]
PHASES = {"Closed": "closed", "SynSent": "opening", "Established": "established",
          "CloseWait": "closing", "LastAck": "last-ack", "Reset": "reset"}
REASONS = {"re-emitted": "retransmit", "mss": "mss", "receivewindow": "window"}
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}
SIZES = {2: 2, 3: 1}  # bytes of MSS and window scale


def flags_of(step):
    return sum(FLAGS[letter] for letter in step.get("flags", ""))


def direction(step):
    return 0 if step["dir"] == "c2s" else 1


def option(step, kind):
    """Its number, or -1 when there is none that counts."""
    for each in step.get("opts", []):
        data = bytes.fromhex(each.get("data", ""))
        if each["kind"] == kind and len(data) == SIZES[kind]:
            return int.from_bytes(data, "big")
    return -1


def malformed(step):
    return any(len(each.get("data", "")) != 2 * SIZES[each["kind"]]
               for each in step.get("opts", []) if each["kind"] in SIZES)


def distance(a, b):
    return (b - a + 2**31) % 2**32 - 2**31


def partly_new(step):
    length = len(step.get("data", "")) // 2
    return step["next_seq"] >= 0 > distance(step["next_seq"], step["seq"]) and \
        distance(step["next_seq"], step["seq"]) + length > 0


def line_of(step):
    """What the driver is told."""
    if step["op"] == "fsm":
        return f"state {direction(step)} {flags_of(step)}"
    if step["op"] == "optcheck":
        return (f"options {direction(step)} {step['next_seq']} {step['seq']} {flags_of(step)} "
                f"{step.get('win', 0)} {option(step, 2)} {option(step, 3)} "
                f"{len(step.get('data', '')) // 2}")
    return f"{step['op']} {step['a']} {step['b']}"


def recorded(step, result):
    """What gopacket said, in weft's words."""
    if step["op"] == "fsm":
        return f"{'ok' if result['ok'] else 'drop'} {PHASES[result['state']]}"
    if step["op"] == "optcheck":
        return "ok" if result["ok"] else REASONS.get(result["why"], result["why"])
    return str(result["value"])


def corrected(step):
    """What is right where gopacket is not, else None."""
    if step["op"] == "optcheck" and "S" in step.get("flags", "") and malformed(step):
        return "ok"
    if step["op"] == "optcheck" and "S" not in step.get("flags", "") and partly_new(step):
        return "ok"
    if step["op"] == "difference":
        return str(distance(step["a"], step["b"]))
    return None


def script_of(scenarios):
    lines = []
    for scenario in scenarios:
        accept = scenario.get("options", {}).get("accept", {})
        lines.append(f"new {int(bool(accept.get('missing_establishment')))}")
        lines += [line_of(step) for step in scenario["steps"]]
    return "".join(line + "\n" for line in lines)


def judge(scenario, answers, scores):
    """Scores a scenario's steps; yields those that are wrong."""
    row = scenario["tags"][0]
    for number, (step, result) in enumerate(zip(scenario["steps"], scenario["results"])):
        answer, said, right = next(answers), recorded(step, result), corrected(step)
        column = COLUMNS[right is not None and right != said]
        expected = right or said
        for name in ("total", row):
            scores.add(name, column, answer == expected)
        if answer != expected:
            yield f"{scenario['id']}, step {number}: {answer}, expected {expected}: {step}"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("driver")
    parser.add_argument("folder", nargs="?",
                        default=os.path.join(here, "../../../shared/gopacket-vectors"))
    arguments = parser.parse_args()
    folder = cases_or_skip(arguments.folder, "helpers.jsonl")
    with open(os.path.join(folder, "helpers.jsonl"), encoding="utf-8") as lines:
        scenarios = [json.loads(line) for line in lines]
    done = subprocess.run([arguments.driver], input=script_of(scenarios), text=True, check=True,
                          stdout=subprocess.PIPE, timeout=60)
    answers, scores = iter(done.stdout.splitlines()), Scores(COLUMNS)
    for scenario in scenarios:
        for wrong in judge(scenario, answers, scores):
            print(f"WRONG {wrong}")
    scores.print()
    reached = scores.reaches(COLUMNS[0], 100)
    sys.exit(0 if (not scores.get("total", COLUMNS[1])[1] or scores.reaches(COLUMNS[1], 100))
             and reached else 1)


if __name__ == "__main__":
    main()
