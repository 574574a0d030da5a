#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""TCP segments found in real captures, file by file, against Wireshark's count.

    segments.py [--show TEXT] WEFT [FOLDER]

FOLDER holds manifest.json, files/ and oracle/.  A file is right when the number
of frames with TCP is the same.  Both count a frame once, however many segments
it holds.  The two use the word differently in two places, so there the counts
are brought together first:

  * Wireshark calls a frame TCP once it comes upon a TCP header, 20 bytes, though they
    be impossible; for weft it is malformed.  Those whose walk ended there count.
  * What an ICMP error or an sFlow report quotes of a packet is no segment.
    The oracle leaves out the former, this program the latter.

Other differences are listed in expected-segments.txt with the reason:
FILE | weft's count | Wireshark's | reason
"""

import json
import os
import sys

from common import Failed, Scores, captures_or_skip, captures_parser, weft_json

COLUMN = "segments"
REACHED_TCP = ("segment", "stray", "refused", "detached", "bad-checksum")


def own_count(weft, path):
    records, _ = weft_json(weft, ["stats", "-q", "-r", path, "-T", "ndjson"])
    verdicts = records[-1]["verdicts"]
    count = sum(verdicts[name] for name in REACHED_TCP)
    if verdicts["malformed"]:
        steps, _ = weft_json(weft, ["stats", "-q", "-r", path, "-T", "ndjson",
                                    "--explain", "malformed"])
        count += sum(step["layer"] == "tcp" and step["captured"] >= 20 for step in steps)
    return count


def their_count(capture):
    quoted = sum(frames for layers, frames in capture["protocols"].items()
                 if "sflow" in layers.split(":") and "tcp" in layers.split(":"))
    return capture["tcp_packets"] - quoted


def read_expected(path):
    expected = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, ours, theirs, reason = (part.strip() for part in line.split("|", 3))
                expected[name] = (int(ours), int(theirs), reason)
    return expected


def compare(weft, folder, entry):
    with open(os.path.join(folder, entry["oracle"]), encoding="utf-8") as lines:
        capture = json.loads(next(lines))
    return own_count(weft, os.path.join(folder, "files", entry["file"])), their_count(capture)


def main():
    parser = captures_parser(__doc__, "expected-segments.txt")
    parser.add_argument("--threshold", type=float, default=99.0, metavar="PERCENT")
    arguments = parser.parse_args()
    folder, files = captures_or_skip(arguments)

    expected, scores, unexplained = read_expected(arguments.expected), Scores([COLUMN]), 0
    for entry in files:
        if arguments.show not in entry["file"]:
            continue
        try:
            ours, theirs = compare(arguments.weft, folder, entry)
        except Failed as failure:
            ours, theirs = failure, "an answer"
        for row in ["total"] + entry["categories"]:
            scores.add(row, COLUMN, ours == theirs)
        if ours == theirs:
            continue
        reason = expected.get(entry["file"])
        if reason and reason[:2] == (ours, theirs):
            print(f"EXPECTED {entry['file']}: {ours} instead of {theirs}: {reason[2]}")
        else:
            unexplained += 1
            print(f"DIFFERS {entry['file']}: {ours} instead of {theirs}")
    scores.print()
    reached = scores.reaches(COLUMN, arguments.threshold)
    sys.exit(0 if reached and not unexplained else 1)


if __name__ == "__main__":
    main()
