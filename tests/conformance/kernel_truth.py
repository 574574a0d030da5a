#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command against what a Linux receiver handed its application.

    kernel_truth.py [--show ID] [--family NAME] WEFT [FOLDER]

FOLDER holds vectors/FAMILY.jsonl and pcap/.  Right is: the same bytes for each
connection, the same ending, and each byte no later than the application had it.
An ambiguous vector may also give one of its alternatives.
"""

import argparse
import base64
import glob
import hashlib
import json
import os
import sys

from common import Failed, Scores, cases_or_skip, endpoint, peer, weft_json

COLUMNS = ["unambiguous", "ambiguous", "bytes", "end", "time"]

# What the capture shows when the application saw that ending.
ENDS = {
    "eof": {"fin"},
    "open": {"finish", "idle", "reused", "evicted", None},
    "closed": {"fin", "reset", "finish", "idle", "reused", None},
    "none": {"finish", "idle", "reset", "reused", None},
}


class Got:
    """What weft says of one connection in the direction of interest."""

    def __init__(self):
        self.bytes = bytearray()
        self.delivered = []  # (frame, bytes so far)
        self.end = None
        self.end_frame = None
        self.gap = False

    def take(self, event):
        kind = event["event"]
        if kind == "data" and not self.gap:
            self.bytes += base64.b64decode(event["data"])
            self.delivered.append((event.get("frame") or 0, len(self.bytes)))
        elif kind == "gap":
            # The receiver's application never got past a hole.
            self.gap = self.gap or event.get("cause") not in ("start", "urgent")
        elif kind == "end":
            self.end, self.end_frame = event.get("cause"), event.get("frame")

    def had_by(self, frame):
        return max((total for at, total in self.delivered if at <= frame), default=0)


def collect(events):
    """(client, server) -> {connection id -> {speaker -> Got}}"""
    conns = {}
    for event in events:
        ends = (peer(event, "client"), peer(event, "server"))
        identity = event["connection"]["id"]
        got = conns.setdefault(frozenset(ends), {}).setdefault(identity, {})
        speaker = ends[0] if event["direction"] == "client" else ends[1]
        got.setdefault(speaker, Got()).take(event)
    return conns


def of_vector(conns, vector):
    """Its connections, in order, in the direction of the truth."""
    client, server = endpoint(vector["client"]), endpoint(vector["server"])
    speaker = client if vector["truth"] == "c2s" else server
    there = conns.get(frozenset((client, server)), {})
    return [there[identity].get(speaker, Got()) for identity in sorted(there)]


def same_content(data, content):
    return len(data) == content["len"] and hashlib.sha256(data).hexdigest() == content["sha256"]


def same_contents(gots, contents):
    """Connections that gave nothing, on either side, need no partner."""
    ours = [got for got in gots if got.bytes]
    theirs = [content for content in contents if content["len"]]
    return len(ours) == len(theirs) and all(
        same_content(got.bytes, content) for got, content in zip(ours, theirs))


def effective_end(got):
    """A FIN behind a hole is not reached."""
    return None if got.gap and got.end == "fin" else got.end


def same_ends(gots, vector):
    """Compared from the last connection back: earlier ones that weft saw and the
    application did not have no ending to compare."""
    conns = vector["conns"]
    if len(gots) < len(conns):
        return False
    late = vector.get("end_if_read_late")
    for got, conn in zip(gots[len(gots) - len(conns):], conns):
        allowed = ENDS.get(conn["end"], {"reset"})
        if late:
            allowed = allowed | ENDS.get(late, {"reset"})
        if effective_end(got) not in allowed:
            return False
    return True


def in_time(gots, vector):
    ours = [got for got in gots if got.bytes]
    theirs = [conn for conn in vector["conns"] if conn[vector["truth"]]["len"]]
    for got, conn in zip(ours, theirs):
        total = 0
        for frames, count in conn["reads"]:
            total += max(count, 0)
            if got.had_by(vector["first_frame"] + frames - 1) < total:
                return False
    return True


def alternatives(vector):
    yield [conn[vector["truth"]] for conn in vector["conns"]]
    if vector["ambiguous"]:
        yield from vector.get("alternatives", [])


def closed_early(gots, vector):
    """The application closed its socket: what came later was for nobody, and the
    capture does not tell when that was."""
    ours = [got for got in gots if got.bytes] or [Got()]
    if not vector["conns"]:
        return False
    conn = vector["conns"][-1][vector["truth"]]
    return "application closed" in (vector.get("ambiguous_why") or "") and \
        len(ours) <= len(vector["conns"]) and same_content(ours[-1].bytes[:conn["len"]], conn)


def judge(gots, vector):
    """(bytes, end, time): each true or false."""
    if closed_early(gots, vector):
        return True, True, True
    right = any(same_contents(gots, contents) for contents in alternatives(vector))
    truth = right and same_contents(gots, next(alternatives(vector)))
    # Another outcome may end otherwise and at another time.
    if right and not truth:
        return True, True, True
    return right, same_ends(gots, vector), not right or in_time(gots, vector)


# ---- showing one --------------------------------------------------------

def describe_got(gots):
    for number, got in enumerate(gots, 1):
        yield f"  connection {number}: {len(got.bytes)} bytes, end {got.end} (frame {got.end_frame})" \
              + (", hole" if got.gap else "")
        yield f"    {bytes(got.bytes)[:120]!r}"
        yield f"    by frame: {got.delivered}"


def show(folder, vector, gots):
    first, last = vector["first_frame"], vector["first_frame"] + vector["frames"] - 1
    direction = vector["truth"]
    print(f"{vector['id']}: {vector['desc']}")
    print(f"  {vector['pcap']} frames {first} to {last}, receiver {vector['receiver']}")
    if vector["ambiguous"]:
        print(f"  ambiguous: {vector.get('ambiguous_why')}")
    for key in ("app", "sysctl", "end_if_read_late"):
        if vector.get(key):
            print(f"  {key}: {vector[key]}")
    os.system(f"tshark -n -r {os.path.join(folder, vector['pcap'])} "
              f"-Y 'frame.number >= {first} && frame.number <= {last}' 2>/dev/null")
    print("expected")
    for number, conn in enumerate(vector["conns"], 1):
        content = conn[direction]
        print(f"  connection {number}: {content['len']} bytes, end {conn['end']}, reads {conn['reads']}")
        print(f"    {bytes.fromhex(content.get('hex', ''))[:120]!r}")
    for contents in vector.get("alternatives", []):
        print("  or " + ", ".join(repr(bytes.fromhex(c.get("hex", ""))[:120]) for c in contents))
    print("got")
    print("\n".join(describe_got(gots)))


# ---- a family -----------------------------------------------------------

def read_vectors(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Follower:
    """Runs the command once for each pcap."""

    def __init__(self, weft, folder, options):
        self.weft, self.folder, self.options, self.seen = weft, folder, options, {}

    def conns(self, vector):
        """SO_OOBINLINE is invisible on the wire: the command is told of it."""
        inline = ["--urgent", "inline"] if (vector.get("app") or {}).get("oobinline") else []
        key = (vector["pcap"], *inline)
        if key not in self.seen:
            path = os.path.join(self.folder, vector["pcap"])
            events, _ = weft_json(self.weft, ["follow", "-r", path, "-T", "ndjson",
                                              *self.options, *inline])
            self.seen[key] = collect(events)
        return self.seen[key]


def run_family(follower, vectors, scores):
    """Yields the vectors that are wrong, with what is."""
    for vector in sorted(vectors, key=lambda v: (v["pcap"], v["first_frame"])):
        verdicts = judge(of_vector(follower.conns(vector), vector), vector)
        for row in ("total", vector["family"]):
            scores.add(row, COLUMNS[vector["ambiguous"]], all(verdicts))
            if not vector["ambiguous"]:
                for column, right in zip(COLUMNS[2:], verdicts):
                    scores.add(row, column, right)
        if not all(verdicts):
            wrong = [name for name, right in zip(COLUMNS[2:], verdicts) if not right]
            yield vector, " ".join(wrong)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weft")
    parser.add_argument("folder", nargs="?", default=os.path.join(here, "../../../shared/kernel-truth"))
    parser.add_argument("--show", metavar="ID", help="print one vector: packets, expected, got")
    parser.add_argument("--family", help="only this one")
    parser.add_argument("--options", default="--receiver strict --checksum all",
                        help="for the command (default: %(default)s)")
    parser.add_argument("--unambiguous", type=float, default=100.0, metavar="PERCENT")
    parser.add_argument("--ambiguous", type=float, default=100.0, metavar="PERCENT")
    parser.add_argument("--list", type=int, default=10, metavar="N", help="wrong ones named in each family")
    arguments = parser.parse_args()
    folder = cases_or_skip(arguments.folder, "vectors")
    follower = Follower(arguments.weft, folder, arguments.options.split())
    scores, broken = Scores(COLUMNS), 0
    for path in sorted(glob.glob(os.path.join(folder, "vectors", "*.jsonl"))):
        vectors = read_vectors(path)
        follower.seen.clear()
        if arguments.show:
            vectors = [v for v in vectors if v["id"] == arguments.show]
        if arguments.family and vectors and vectors[0]["family"] != arguments.family:
            continue
        try:
            wrong = list(run_family(follower, vectors, scores))
            for vector, what in wrong[:arguments.list]:
                print(f"WRONG {vector['id']} ({what}): {vector['desc'][:100]}")
            for vector in vectors if arguments.show else []:
                show(folder, vector, of_vector(follower.conns(vector), vector))
        except Failed as failure:
            broken += 1
            print(f"BROKEN {os.path.basename(path)}: {failure}")
    scores.print()
    reached = [scores.reaches(c, getattr(arguments, c)) for c in COLUMNS[:2]
               if scores.get("total", c)[1] or not arguments.show]
    sys.exit(0 if all(reached) and not broken else 1)


if __name__ == "__main__":
    main()
