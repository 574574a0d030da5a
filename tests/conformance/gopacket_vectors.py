#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""weft, used as gopacket's assemblers are, against what those did.

    gopacket_vectors.py [--show ID] [--list] [--min PERCENT] [--max-rules PERCENT] ADAPTER [FOLDER]

FOLDER holds *.jsonl and *.jsonl.gz; those with `reassembly` or `tcpassembly`
scenarios are played.  Right is: what gopacket did, or, where that rests on a
defect of gopacket's, the vector's "fixed"; where there is none, a scenario of
that name in tests/scenarios/gopacket has to show what weft does.

A difference that a stated rule of weft makes is excused and counted under that
rule.  The adapter says when one is at work, from what the packets are and never
from the vector's name; gopacket/deviations.txt says why, and what it may change.
"""

import argparse
import glob
import gzip
import json
import os
import subprocess
import sys

from common import Scores, cases_or_skip, percent

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["vectors", "defects", "no rule needed"]
FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20}
APIS = {"reassembly": 0, "tcpassembly": 1}
ACCEPT = {"all": 0, "none": 1, "fsm": 2, "options": 3, "fsm+options": 4}
KEEP = {"none": 0, "from": 1, "last": 2, "until": 3}


# ---- vectors ------------------------------------------------------------

def vectors_of(folder):
    """(file name, vector) of every scenario that the adapter can play."""
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl*"))):
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                vector = json.loads(line)
                if vector["api"] in APIS:
                    yield os.path.basename(path), vector


def plays_several(vector):
    """Several assemblers on one pool: that is weft_pool, not this adapter."""
    return any("during_new" in step or step.get("assembler") for step in vector["steps"])


def listed(values):
    return ",".join(str(value) for value in values) or "-"


def script_of(vector):
    """The scenario as the adapter reads it."""
    options = vector["options"]
    accept, keep = options.get("accept") or {}, options.get("keep") or {}
    words = ["S", APIS[vector["api"]], options.get("max_pages_per_connection") or 0,
             options.get("max_pages_total") or 0, ACCEPT[accept.get("rule", "all")],
             int(accept.get("missing_establishment", False)),
             int(accept.get("force_start", False)), accept.get("packet") or 0,
             KEEP[keep.get("rule", "none")], keep.get("n") or 0, int(keep.get("on_end", False)),
             int(options.get("complete_returns", True)),
             listed(options.get("capture_offsets", ())), listed(options.get("fetch_lengths", ()))]
    lines = [" ".join(map(str, words))]
    for step in vector["steps"]:
        lines.append(" ".join(map(str, step_words(vector, step))))
    return "\n".join(lines + ["E"]) + "\n"


def time_word(value):
    return "-" if value is None else value


def step_words(vector, step):
    if step["op"] == "packet":
        opts = listed(f"{opt['kind']}:{opt.get('data', '')}" for opt in step.get("opts") or ())
        return ["P", step["t"], step["src"], step["dst"], step["seq"],
                sum(FLAGS[flag] for flag in step["flags"]), step.get("win") or 0,
                step.get("keep", -2), opts, step.get("data") or "-"]
    if step["op"] == "flush_all":
        return ["A"]
    t = time_word(step.get("T"))
    if vector["api"] == "reassembly":
        return ["F", t, t if step["op"] == "flush_older" else time_word(step.get("TC"))]
    closes = step["op"] == "flush_older" or step["close_all"]
    return ["F", t, t if closes else "-"]


def play(adapter, vectors):
    """What the adapter says of each: a list of steps."""
    script = "".join(script_of(vector) for vector in vectors)
    done = subprocess.run([adapter], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{adapter}: exit status {done.returncode}: {done.stderr.strip()[-300:]}")
    played, steps = [], []
    for line in done.stdout.splitlines():
        if line == "end":
            played.append(steps)
            steps = []
        else:
            steps.append(json.loads(line))
    return played


# ---- rules --------------------------------------------------------------

def rules_of(path):
    """rule -> fields it changes ("onward": everything from there on), from deviations.txt."""
    rules = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if words and not line[0].isspace():
                rules[words[0].rstrip(":")] = words[1:]
    return rules


def without(event, fields):
    return {k: v for k, v in event.items() if k not in fields}


def fetched_within(event):
    """Fetch of more than Lengths says is refused by weft, padded by gopacket."""
    available = len(event.get("data") or "") // 2
    fetch = event.get("fetch")
    if fetch is None:
        return event, False
    kept = {n: data for n, data in fetch.items() if int(n) <= available}
    return dict(event, fetch=kept), len(kept) < len(fetch)


# ---- comparing ----------------------------------------------------------

def order_in_flush(event):
    """gopacket flushes s2c before c2s, weft the client's direction first."""
    rank = {"new": 0, "data": 1, "complete": 3}.get(event["ev"], 1)
    if event["ev"] == "data" and event.get("dir") == "c2s":
        rank = 2
    return event["stream"], rank


def events_of(step, result):
    events = [event for event in result["events"] if event["ev"] != "rule"]
    return sorted(events, key=order_in_flush) if step["op"] != "packet" else events


def same_event(theirs, ours, rules, used):
    rule = ours.get("rule")
    ours = without(ours, ["rule"])
    if ours == theirs:
        return True
    if rule in rules:
        theirs, ours = without(theirs, rules[rule]), without(ours, rules[rule])
        used.add(rule)
    (theirs, beyond), (ours, _) = fetched_within(theirs), fetched_within(ours)
    if beyond:
        used.add("fetch-beyond")
    return ours == theirs


def same_step(step, theirs, ours, rules, used):
    if without(theirs, ["events"]) != without(ours, ["events"]):
        return False
    want, got = events_of(step, theirs), events_of(step, ours)
    return len(want) == len(got) and all(
        same_event(a, b, rules, used) for a, b in zip(want, got))


def expected_of(vector):
    return vector["fixed"] if vector.get("gopacket_defect") else vector["results"]


def compare(vector, got, rules):
    """(the first step that differs or None, the rules that had an effect).

    A rule that changes what follows excuses the difference, not the steps before."""
    used, onward = set(), set()
    for i, (step, theirs, ours) in enumerate(zip(vector["steps"], expected_of(vector), got)):
        noted = {event["rule"] for event in ours["events"] if event["ev"] == "rule"}
        onward |= {rule for rule in noted if rules.get(rule) == ["onward"]}
        if noted - set(rules) and not onward:
            return i, noted
        if not same_step(step, theirs, ours, rules, used):
            return (None, used | onward) if onward else (i, used)
    if len(got) != len(expected_of(vector)):
        return len(got), used
    return None, used


def show(vector, got, rules):
    print(json.dumps({k: vector.get(k) for k in ("id", "tags", "options", "traps",
                                                 "gopacket_defect")}))
    want = vector["results"] if no_expectation(vector) else expected_of(vector)
    for i, (step, ours) in enumerate(zip(vector["steps"], got)):
        theirs = want[i] if i < len(want) else {"events": []}
        same = same_step(step, theirs, ours, rules, set())
        print(f"{i:3} {json.dumps(step)}")
        print(f"    {'same    ' if same else 'weft    '} {json.dumps(ours, sort_keys=True)}")
        if not same:
            print(f"    expected {json.dumps(theirs, sort_keys=True)}")


# ---- scores -------------------------------------------------------------

def no_expectation(vector):
    """A defect that says only what not to do."""
    return bool(vector.get("gopacket_defect")) and "fixed" not in vector


def has_scenario(vector):
    return os.path.exists(os.path.join(HERE, "..", "scenarios", "gopacket", vector["id"] + ".weft"))


def rows_of(name, vector):
    """The rows of the score that the vector counts in: its file, each of its tags."""
    return [name.split(".")[0]] + [f"  {vector['api']}: {tag}" for tag in vector["tags"]]


def judge(vector, got, rules):
    """(right, the rules that had an effect, the step that differs)."""
    if no_expectation(vector):
        return has_scenario(vector), set(), None
    at, used = compare(vector, got, rules)
    return at is None, used, at


def report(pairs, played, rules, listing):
    scores, deviations, total, wrong = Scores(COLUMNS), {}, 0, 0
    for (name, vector), got in zip(pairs, played):
        right, used, at = judge(vector, got, rules)
        column = "defects" if vector.get("gopacket_defect") else "vectors"
        for row in rows_of(name, vector) + ["total"]:
            scores.add(row, column, right)
            scores.add(row, "no rule needed", right and not used)
        for rule in used if right else ():
            deviations.setdefault(rule, []).append(vector["id"])
        total += 1
        wrong += not right
        if listing and not right:
            print(f"differs: {name} {vector['id']} at step {at}")
    scores.print()
    for rule, ids in sorted(deviations.items()):
        print(f"rule {rule}: {len(ids)} vectors, as {ids[0]}")
    return total, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", metavar="ID", help="one vector, step by step")
    parser.add_argument("--list", action="store_true", help="the vectors that differ")
    parser.add_argument("--min", type=float, default=100.0, metavar="PERCENT",
                        help="of all vectors, to be right (default 100)")
    parser.add_argument("--max-rules", type=float, default=5.0, metavar="PERCENT",
                        help="of all vectors, to be right by a rule only (default 5)")
    parser.add_argument("adapter")
    parser.add_argument("folder", nargs="?", default=os.path.join(HERE, "..", "..", "..", "shared",
                                                                  "gopacket-vectors"))
    args = parser.parse_args()
    folder = cases_or_skip(args.folder, "")
    rules = rules_of(os.path.join(HERE, "gopacket", "deviations.txt"))
    everything = list(vectors_of(folder))
    pairs = [pair for pair in everything if not plays_several(pair[1])]
    if not pairs:
        sys.exit(f"{folder}: no vectors")
    if args.show:
        pairs = [pair for pair in pairs if pair[1]["id"] == args.show]
    played = play(args.adapter, [vector for _, vector in pairs])
    if len(played) != len(pairs):
        sys.exit(f"{args.adapter}: played {len(played)} of {len(pairs)} vectors")
    if args.show:
        for (_, vector), got in zip(pairs, played):
            show(vector, got, rules)
        return 0
    total, wrong = report(pairs, played, rules, args.list)
    by_rule = sum(bool(judge(vector, got, rules)[1]) for (_, vector), got in zip(pairs, played))
    print(f"not played, several assemblers on one pool: {len(everything) - len(pairs)}")
    print(f"right: {total - wrong} of {total}, {percent(total - wrong, total)}; "
          f"{by_rule} of them by a rule of deviations.txt")
    return 100 * (total - wrong) < args.min * total or 100 * by_rule > args.max_rules * total


if __name__ == "__main__":
    sys.exit(main())
