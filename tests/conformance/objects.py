#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The bodies that `weft objects` writes against those Wireshark sees.

    objects.py [--show TEXT] WEFT [FOLDER]

FOLDER holds manifest.json, files/ and oracle/.  Each body of Wireshark, decoded
where it could decode it, has to be a file of the same SHA-256 for a message
completed in the same frame; each file named in the manifest has to be there,
with the size and digest the manifest gives, and no other.
"""

import hashlib
import json
import os
import sys
import tempfile

import oracle
from captures import at, judge
from common import Failed, captures_or_skip, captures_parser, weft_json

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
    parser = captures_parser(__doc__, "expected-objects.txt")
    arguments = parser.parse_args()
    folder, files = captures_or_skip(arguments)
    entries = [(entry, ["total"]) for entry in files
               if arguments.show in entry["file"] and not oracle.scope_reason(entry["categories"])
               and (entry["http_responses"] or entry["http_requests"])]
    _, unexpected, broken = judge(entries, arguments.expected, COLUMNS,
                                  lambda entry: run_capture(arguments.weft, folder, entry))
    sys.exit(0 if not unexpected and not broken else 1)


if __name__ == "__main__":
    main()
