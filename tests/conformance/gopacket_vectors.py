#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""weft, used as gopacket's assemblers are, against what those did.

    gopacket_vectors.py [--show ID] [--list] [--only RULE] [--min PERCENT] ADAPTER [FOLDER]

FOLDER holds *.jsonl and *.jsonl.gz; those with `reassembly` or `tcpassembly`
scenarios are played.  Right is: what gopacket did, or, where that rests on a
defect of gopacket's, the vector's "fixed".  A difference that a stated rule of
weft makes is counted apart, under that rule: gopacket/deviations.txt lists them,
and the functions below marked with @deviation say exactly when each applies.
"""

import argparse
import glob
import gzip
import json
import os
import subprocess
import sys

from common import Scores, cases_or_skip

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["same", "fixed", "deviates"]
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


# ---- comparing ----------------------------------------------------------

def order_in_flush(event):
    """gopacket flushes s2c before c2s, weft the client's direction first."""
    rank = {"new": 0, "data": 1, "complete": 3}.get(event["ev"], 1)
    if event["ev"] == "data" and event.get("dir") == "c2s":
        rank = 2
    return event["stream"], rank


def plain(step, result):
    """A step's result in the form that is compared."""
    events = [event for event in result["events"] if event["ev"] != "rule"]
    if step["op"] != "packet":
        events = sorted(events, key=order_in_flush)
    return dict(result, events=[{k: v for k, v in event.items() if k != "rule"}
                                for event in events])


def rules_noted(results):
    return {event["rule"] for result in results for event in result["events"] if "rule" in event}


def expected_of(vector):
    return vector["fixed"] if vector.get("gopacket_defect") else vector["results"]


def first_difference(vector, got):
    """The number of the first step that differs, or None."""
    want = expected_of(vector)
    for i, (step, theirs, ours) in enumerate(zip(vector["steps"], want, got)):
        if plain(step, theirs) != plain(step, ours):
            return i
    return None if len(want) == len(got) else min(len(want), len(got))


def show(vector, got):
    print(json.dumps({k: vector.get(k) for k in ("id", "tags", "options", "traps",
                                                 "gopacket_defect")}))
    want = expected_of(vector) if vector.get("fixed") or not vector.get("gopacket_defect") else []
    want = want + [None] * (len(got) - len(want))
    for i, (step, theirs, ours) in enumerate(zip(vector["steps"], want, got)):
        same = theirs and plain(step, theirs) == plain(step, ours)
        print(f"{i:3} {json.dumps(step)[:230]}")
        print(f"    {'weft   ' if not same else 'same   '} {json.dumps(ours, sort_keys=True)[:900]}")
        if not same:
            print(f"    expected {json.dumps(theirs, sort_keys=True)[:900]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", metavar="ID")
    parser.add_argument("--list", action="store_true", help="the vectors that differ")
    parser.add_argument("--min", type=float, default=100.0, metavar="PERCENT")
    parser.add_argument("adapter")
    parser.add_argument("folder", nargs="?", default="../shared/gopacket-vectors")
    args = parser.parse_args()
    folder = cases_or_skip(args.folder, "situations.jsonl")
    pairs = [(name, vector) for name, vector in vectors_of(folder) if not plays_several(vector)]
    if args.show:
        pairs = [pair for pair in pairs if pair[1]["id"] == args.show]
    played = play(args.adapter, [vector for _, vector in pairs])
    for (name, vector), got in zip(pairs, played):
        if args.show:
            show(vector, got)
            continue
        if vector.get("gopacket_defect") and "fixed" not in vector:
            continue
        at = first_difference(vector, got)
        kind = "fixed" if vector.get("gopacket_defect") else "same"
        print(f"{'ok  ' if at is None else 'diff'} {kind} {name} {vector['id']} "
              f"{'' if at is None else at} {sorted(rules_noted(got))} {vector.get('traps', [])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
