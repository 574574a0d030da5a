#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""verify.py GENERATE WEFT_STREAMS: small captures of every workload, some seeds
each, delivered as their ground truth has it: bytes, digest, gaps, transactions."""
import json
import pathlib
import subprocess
import sys
import tempfile

SCALE = {"bulk": 0.001, "web": 0.001, "small": 0.0005, "million": 0.0005, "lossy": 0.003}


def told(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def verify(generate, streams, workload, seed, path):
    subprocess.run([generate, workload, "--scale", str(SCALE[workload]), "--seed", str(seed),
                    "-o", path], check=True)
    truth = json.loads(pathlib.Path(f"{path}.json").read_text())
    found = told([streams, "--check", path])
    found["transactions"] = told([streams, "--http", path])["transactions"]
    found["bytes_missing"] = found.get("gap_bytes", 0)
    exact = ["packets", "connections", "bytes", "bytes_missing", "digest"]
    wrong = [f"{key} {found[key]}, not {truth[key]}" for key in exact if found[key] != truth[key]]
    if not truth["transactions_whole"] <= found["transactions"] <= truth["transactions"]:
        wrong.append(f"transactions {found['transactions']} of {truth['transactions']}, "
                     f"{truth['transactions_whole']} whole")
    return wrong


def main():
    generate, streams = sys.argv[1:]
    failed = 0
    cases = [(workload, seed) for workload in SCALE for seed in (1, 2, 3)]
    print(f"1..{len(cases)}")
    with tempfile.TemporaryDirectory() as directory:
        for number, (workload, seed) in enumerate(cases, 1):
            wrong = verify(generate, streams, workload, seed, f"{directory}/capture")
            failed += bool(wrong)
            print(f"{'not ' if wrong else ''}ok {number} {workload}, seed {seed}")
            for text in wrong:
                print(f"# {text}")
    return failed > 0


sys.exit(main())
