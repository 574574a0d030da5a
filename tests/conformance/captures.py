#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command against what Wireshark and tcpflow say of real captures.

    captures.py [--all] [--show TEXT] [--options TEXT] WEFT [FOLDER]

FOLDER holds manifest.json, files/ and oracle/.  For transactions that Wireshark
pairs: found, paired the same, the same response time, the same frames; for
directions on which Wireshark and tcpflow agree: the same bytes.  A score for
each category, and all differences, those listed in expected-differences.txt
with the reason.
"""

import os
import sys

import oracle
from common import Failed, Scores, captures_or_skip, captures_parser, peer, weft_json

COLUMNS = ["found", "pairing", "time", "frames", "streams"]


# ---- transactions -------------------------------------------------------

def at(record, *names):
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def own_word(record, kind):
    if kind == "request":
        return f"{at(record, 'http', 'request', 'method')} {at(record, 'url', 'original') or ''}"
    return str(at(record, "http", "response", "status_code"))


def index_requests(records):
    """(client, server, completing frame) -> exchanges, in the order reported."""
    index = {}
    for record in records:
        frame = at(record, "http", "request", "frames", "last")
        if frame is not None:
            key = (peer(record, "client"), peer(record, "server"), frame)
            index.setdefault(key, []).append(record)
    return index


def find_exchange(index, request):
    """The exchange of that request; of several in one frame the one in its place."""
    there = index.get((request.source, request.target, request.frame), [])
    same = [r for r in there if own_word(r, "request") == request.word]
    if len(there) > request.order and there[request.order] in same:
        return there[request.order]
    return same[0] if same else None


def is_selection(ours, theirs):
    """Where some bytes came twice Wireshark lists every copy, at full length; weft
    lists those that count, as far as they do."""
    lengths = dict(theirs)
    return all(lengths.get(frame, 0) >= length for frame, length in ours)


def fold_fragments(ours, theirs):
    """Of a segment that came in IP fragments Wireshark knows the frame that completed it, weft
    the frame of each part: those parts together, as Wireshark would have them."""
    folded, at = [], 0
    for frame, length in theirs:
        parts = []
        while at < len(ours) and sum(n for _, n in parts) < length:
            parts.append(ours[at])
            at += 1
        folded.append((max((f for f, _ in parts), default=None), sum(n for _, n in parts)))
    return folded + ours[at:]


def frames_agree(message, segments, frames, fragmented=False):
    """Wireshark lists no segments for a message that lies in one frame."""
    if segments is None:
        return False
    ours = [(frame, length) for frame, length in segments if length]
    theirs = [(frame, length) for frame, length in message.segments if length]
    if fragmented:
        total = sum(length for _, length in ours)
        ours = fold_fragments(ours, theirs or [(message.frame, total)])
    if message.length is not None and sum(length for _, length in theirs) > message.length:
        return is_selection(ours, theirs) and sum(n for _, n in ours) == message.length
    if theirs:
        return ours == theirs
    return len(ours) == 1 and ours[0][0] == message.frame == at(frames, "last")


def response_nanoseconds(record):
    value = at(record, "http", "response_time")
    return None if value is None else oracle.nanoseconds(f"{value:.9f}")


def check_transaction(index, transaction, fragmented=False):
    """What of COLUMNS holds; later ones only where the earlier do."""
    record = find_exchange(index, transaction.request)
    yield "found", record is not None, None
    if record is None:
        return
    frame = at(record, "http", "response", "frames", "last")
    same = frame == transaction.response.frame and own_word(record, "response") == transaction.response.word
    yield "pairing", same, f"response frame {frame} status {own_word(record, 'response')}"
    if not same:
        return
    elapsed = response_nanoseconds(record)
    near = elapsed is not None and abs(elapsed - transaction.response_time) <= 1000
    yield "time", near, f"{elapsed} ns instead of {transaction.response_time}"
    sides = []
    for kind, message in (("request", transaction.request), ("response", transaction.response)):
        part = at(record, "http", kind) or {}
        if not frames_agree(message, part.get("segments"), part.get("frames"), fragmented):
            sides.append(f"{kind} {part.get('segments')} instead of "
                         f"{message.segments or message.frame}")
    yield "frames", not sides, "; ".join(sides)


# ---- streams ------------------------------------------------------------

def index_conns(records):
    index = {}
    for record in records:
        ends = frozenset((peer(record, "client"), peer(record, "server")))
        index.setdefault(ends, []).append(record)
    return index


def find_conns(index, direction):
    """The connections of those addresses that began while the stream lasted:
    Wireshark may take several attempts for one."""
    return [r for r in index.get(frozenset((direction.source, direction.target)), [])
            if direction.first_frame <= r["connection"]["first_frame"] <= direction.last_frame]


def side_of(record, direction):
    return record["client" if peer(record, "client") == direction.source else "server"]


def check_direction(index, direction):
    sides = [side_of(record, direction) for record in find_conns(index, direction)]
    if not sides:
        return False, "no such connection"
    if any(side.get("sha256") == direction.sha256 for side in sides):
        return True, None
    seen = "; ".join(f"{side.get('bytes')} bytes, gaps {side.get('gaps')}" for side in sides)
    return False, f"{seen}; Wireshark {direction.length}, gaps {direction.gaps}"


# ---- one capture --------------------------------------------------------

def run_capture(weft, folder, entry, options=()):
    """(column, right, key, text) for each thing checked."""
    with open(os.path.join(folder, entry["oracle"]), encoding="utf-8") as lines:
        said = oracle.read(lines)
    path = os.path.join(folder, "files", entry["file"])
    if said.transactions:
        records, _ = weft_json(weft, ["http", "-r", path, "-T", "ndjson", "--segments", *options],
                               (0, 2, 3))
        index = index_requests(records)
        fragmented = bool({"ip_fragments", "ip6_fragments"} & set(entry["categories"]))
        for each in said.transactions:
            key = f"http {each.request.frame}.{each.request.order}"
            for column, right, text in check_transaction(index, each, fragmented):
                yield column, right, key, f"{each.request.word[:60]} {text or ''}"
    if said.directions:
        records, _ = weft_json(weft, ["conns", "-r", path, "-T", "ndjson", "--digest", *options],
                               (0, 2, 3))
        index = index_conns(records)
        for each in said.directions:
            right, text = check_direction(index, each)
            key = f"stream {each.stream} {each.source[0]}:{each.source[1]}"
            yield "streams", right, key, text


def read_expected(path):
    """`FILE | KEY | COLUMN | reason` lines."""
    expected = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, key, column, reason = (part.strip() for part in line.split("|", 3))
                expected[(name, key, column)] = reason
    return expected


def report(difference, expected, used):
    name, key, column, text = difference
    reason = expected.get((name, key, column))
    if reason:
        used.add((name, key, column))
        print(f"EXPECTED {column}: {name} | {key}: {reason}")
    else:
        print(f"DIFFERS {column}: {name} | {key}: {text}")


def judge(entries, expected, columns, run):
    """Tries each (entry, rows): `run(entry)` yields (column, right, key, text), which count in
    these rows.  The scores, how many differences `expected` does not name, and how many
    entries could not be tried."""
    expected, used = read_expected(expected), set()
    scores, broken, differences = Scores(columns), 0, 0
    for entry, rows in entries:
        try:
            for column, right, key, text in run(entry):
                for row in rows:
                    scores.add(row, column, right)
                if not right:
                    differences += 1
                    report((entry["file"], key, column, text), expected, used)
        except Failed as failure:
            broken += 1
            print(f"BROKEN {entry['file']}: {failure}")
    scores.print()
    print(f"{differences} differences, {len(used)} of them expected; {broken} captures broken")
    return scores, differences - len(used), broken


def rows_of(entry, counts):
    if counts:
        return ["total"] + entry["categories"]
    return [f"(out of scope) {c}" for c in entry["categories"]] + ["(out of scope) all"]


def main():
    parser = captures_parser(__doc__, "expected-differences.txt")
    parser.add_argument("--all", action="store_true", help="also captures that are out of scope")
    parser.add_argument("--options", default="", help="for the command: none by default")
    for column in COLUMNS:
        parser.add_argument(f"--{column}", type=float, default=99.0, metavar="PERCENT")
    arguments = parser.parse_args()
    folder, files = captures_or_skip(arguments)

    entries = []
    for entry in files:
        counts = oracle.scope_reason(entry["categories"]) is None
        if arguments.show in entry["file"] and (counts or arguments.all):
            entries.append((entry, rows_of(entry, counts)))
    scores, _, broken = judge(entries, arguments.expected, COLUMNS, lambda entry: run_capture(
        arguments.weft, folder, entry, arguments.options.split()))
    reached = [scores.reaches(c, getattr(arguments, c)) for c in COLUMNS]
    sys.exit(0 if all(reached) and not broken else 1)


if __name__ == "__main__":
    main()
