#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the seeds of fuzz_defrag: a byte of mode, the policy above its lowest bit, then six bytes
a fragment."""
import pathlib

HERE = pathlib.Path(__file__).parent / "defrag"


def piece(offset, length, more, datagram=0, version=4, wait=0, cut=False):
    first = datagram | (4 if more else 0) | (8 if version == 6 else 0) | wait << 4
    return bytes((first, offset, length & 0xf8 if more else length, 0, 255 if cut else 0, 0))


SEEDS = {
    "in-order": [piece(0, 24, 1), piece(3, 16, 1), piece(5, 5, 0)],
    "last-first": [piece(5, 5, 0), piece(3, 16, 1), piece(0, 24, 1)],
    "copy": [piece(0, 24, 1), piece(0, 24, 1), piece(1, 8, 1), piece(3, 9, 0)],
    "overlap": [piece(0, 24, 1), piece(2, 24, 1), piece(0, 24, 1), piece(3, 3, 0)],
    "two-runs": [piece(1, 8, 1), piece(0, 8, 1), piece(0, 16, 1), piece(2, 1, 0)],
    "lengths": [piece(3, 4, 0), piece(3, 5, 0), piece(4, 8, 1), piece(0, 24, 1)],
    "interleaved": [piece(0, 8, 1, d, v) for d in range(4) for v in (4, 6)]
                   + [piece(1, 7, 0, d, v) for d in range(4) for v in (4, 6)],
    "late": [piece(0, 24, 1)] + [piece(0, 24, 1, 1, wait=15)] * 4 + [piece(3, 3, 0)],
    "cut": [piece(0, 24, 1, cut=True), piece(3, 3, 0)],
    "far": [piece(255, 8, 0), piece(0, 8, 1), piece(250, 8, 1, 0, 6)],
}

HERE.mkdir(exist_ok=True)
for name, pieces in SEEDS.items():
    (HERE / name).write_bytes(b"\0" + b"".join(pieces))
for policy in range(1, 6):
    for name in ("overlap", "two-runs"):
        (HERE / f"{name}-{policy}").write_bytes(bytes((policy << 1,)) + b"".join(SEEDS[name]))
(HERE / "bound").write_bytes(b"\x11" + b"".join(piece(i, 200, 1, i % 4) for i in range(0, 200, 25)))
