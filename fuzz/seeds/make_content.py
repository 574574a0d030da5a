#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes fuzz/seeds/content anew: make_content.py FOLDER

Each seed is a byte that says which codings (fuzz_content.c) and a body in them.
"""

import gzip
import os
import sys
import zlib

TEXT = b"packets are the warp; weft draws the thread through them\n" * 5
# TEXT as the libraries' own encoders have it.
BR = bytes.fromhex(
    "1b1c0100c46dec7796e7f796c35e1016040e39606dd798320b3801cd632c6748926d2062d72d681d5e5c4f4f"
    "e25587bebc84806d6021714f8718")
ZSTD = bytes.fromhex(
    "28b52ffd601d00dd0100c4027061636b657473206172652074686520776172703b2077656674206472617773"
    "7468726561646f7567686d0a040061ae08db34a26205d8ce27")
NLISTS, PIECES = 12, 3

zip_ = gzip.compress(TEXT, mtime=0)
raw = zlib.compressobj(wbits=-15)
SEEDS = {
    "gzip": (0, zip_),
    "gzip-members": (0, zip_ + zip_ + b"trailing"),
    "deflate-zlib": (1, zlib.compress(TEXT)),
    "deflate-raw": (1, raw.compress(TEXT) + raw.flush()),
    "br": (2, BR),
    "zstd": (3, ZSTD),
    "zstd-frames": (3, ZSTD + ZSTD),
    "gzip-in-deflate": (4, zlib.compress(zip_)),
    "gzip-in-gzip": (9, gzip.compress(zip_, mtime=0)),
    "cut": (0, zip_[:-9]),
    "damaged": (0, zip_[:20] + b"\x00\xff" + zip_[22:]),
    "identity": (7, TEXT),
    "bomb": (0, gzip.compress(bytes(4 << 20), mtime=0)),
    # What fuzzing found: rubbish that begins as a member would, and a frame of zstd's past.
    "rubbish": (0, zip_ + b"\x1f\x1f" + zip_),
    "zstd-old": (3, bytes.fromhex("27b52ffd0061010027")),
}

for name, (which, body) in SEEDS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(bytes([which + NLISTS * PIECES]) + body)
