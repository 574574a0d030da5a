#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The bodies that `weft objects` writes against those Wireshark sees.

    objects.py [--show TEXT] WEFT [FOLDER]

FOLDER holds manifest.json, files/ and oracle/.  Each body of Wireshark, decoded
where it could decode it, has to be a file of the same SHA-256 for a message
completed in the same frame; each file named in the manifest has to be there,
with the size and digest the manifest gives, and no other.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile

import oracle
from captures import at, read_expected, report
from common import Failed, Scores, cases_or_skip, weft_json

COLUMNS = ["plain", "coded"]


def bodies(lines):
    """(kind, frame, digest, coded) of what Wireshark could read to its end."""
    for line in lines:
        record = json.loads(line)
        if not oracle.usable(record) or not record.get("body_len"):
            continue
        coded = bool(record.get("content_encoding"))
        digest = record.get("decoded_sha256") if coded else record.get("body_sha256")
        if digest:
            yield record["kind"], record["frame"], digest, coded


def check_files(folder, manifest):
    """What is in the folder is what the manifest says."""
    named = {at(m, "file", "name"): m["file"] for m in manifest if at(m, "file", "name")}
    there = set(os.listdir(folder)) - {"manifest.ndjson"}
    if there != set(named):
        raise Failed(f"files and manifest differ: {sorted(there ^ set(named))[:5]}")
    for name, said in named.items():
        with open(os.path.join(folder, name), "rb") as file:
            body = file.read()
        if len(body) != said["size"] or hashlib.sha256(body).hexdigest() != said["sha256"]:
            raise Failed(f"{name} is not what the manifest says")


def run_capture(weft, folder, entry):
    """(column, right, key, text) for each body."""
    with open(os.path.join(folder, entry["oracle"]), encoding="utf-8") as lines:
        wanted = list(bodies(lines))
    path = os.path.join(folder, "files", entry["file"])
    with tempfile.TemporaryDirectory() as out:
        weft_json(weft, ["objects", "-r", path, "-d", out, "-T", "ndjson", "-q"], (0, 2, 3))
        try:
            with open(os.path.join(out, "manifest.ndjson"), encoding="utf-8") as lines:
                manifest = [json.loads(line) for line in lines]
        except FileNotFoundError: # an input that cannot be read at all
            manifest = []
        check_files(out, manifest)
    index = {}
    for record in manifest:
        key = (at(record, "http", "message"), at(record, "frames", "last"))
        index.setdefault(key, []).append(record)
    for kind, frame, digest, coded in wanted:
        have = index.get((kind, frame), [])
        right = any(at(record, "file", "sha256") == digest for record in have)
        seen = "; ".join(str({**record["file"], **record["body"]}) for record in have)
        yield "coded" if coded else "plain", right, f"{kind} {frame}", seen or "no such body"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weft")
    parser.add_argument("folder", nargs="?", default=os.path.join(here, "../../../shared/captures"))
    parser.add_argument("--show", default="", help="only captures whose name contains this")
    parser.add_argument("--expected", default=os.path.join(here, "expected-objects.txt"))
    arguments = parser.parse_args()
    folder = cases_or_skip(arguments.folder, "manifest.json")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as text:
        files = json.load(text)["files"]
    expected, used = read_expected(arguments.expected), set()
    scores, broken, differences = Scores(COLUMNS), 0, 0
    for entry in files:
        if arguments.show not in entry["file"] or oracle.scope_reason(entry["categories"]):
            continue
        if not entry["http_responses"] and not entry["http_requests"]:
            continue
        try:
            for column, right, key, text in run_capture(arguments.weft, folder, entry):
                scores.add("total", column, right)
                if not right:
                    differences += 1
                    report((entry["file"], key, column, text), expected, used)
        except Failed as failure:
            broken += 1
            print(f"BROKEN {entry['file']}: {failure}")
    scores.print()
    print(f"{differences} differences, {len(used)} of them expected; {broken} captures broken")
    sys.exit(0 if differences == len(used) and not broken else 1)


if __name__ == "__main__":
    main()
