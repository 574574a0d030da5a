#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the seeds of fuzz_capture: one small file for each shape of capture.

    fuzz/seeds/make_capture.py [DIRECTORY]       default: capture/ beside this file

Nothing here is random and gzip gets no time stamp: the same files every time.
"""
import gzip
import struct
import sys
from pathlib import Path

ETHERNET, RAW = 1, 101


def tcp_frame(payload=b"", seq=1):
    """Ethernet, IPv4 and TCP with lengths that are right and checksums that are zero."""
    tcp = struct.pack(">HHIIBBHHH", 40000, 80, seq, 0, 5 << 4, 0x18, 65535, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0,
                     bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    return b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + ip + tcp


FRAMES = [tcp_frame(), tcp_frame(b"GET / HTTP/1.1\r\n\r\n"), tcp_frame(b"x", 19)]


def pcap(order="<", magic=0xA1B2C3D4, frames=FRAMES, minor=4, network=ETHERNET, extra=b""):
    out = struct.pack(order + "IHHiIII", magic, 2, minor, 0, 0, 65535, network)
    for i, frame in enumerate(frames):
        lengths = (len(frame), len(frame) + i)
        if minor < 4:
            lengths = lengths[::-1]
        out += struct.pack(order + "IIII", 1700000000 + i, 5 * i, *lengths) + extra + frame
    return out


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + padded(value)


def block(order, kind, body):
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order, link=ETHERNET, snaplen=0, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link, 0, snaplen) + options)


def enhanced(order, frame, ticks, interface_id=0, options=b""):
    body = struct.pack(order + "IIIII", interface_id, ticks >> 32, ticks & 0xFFFFFFFF, len(frame),
                       len(frame))
    return block(order, 6, body + padded(frame) + options)


def obsolete(order, frame, ticks):
    body = struct.pack(order + "HHIIII", 0, 3, ticks >> 32, ticks & 0xFFFFFFFF, len(frame),
                       len(frame) + 7)
    return block(order, 2, body + padded(frame))


def simple(order, frame):
    return block(order, 3, struct.pack(order + "I", len(frame)) + padded(frame))


def statistics(order, interface_drops, system_drops):
    return block(order, 5, struct.pack(order + "III", 0, 0, 0)
                 + option(order, 5, struct.pack(order + "Q", interface_drops))
                 + option(order, 7, struct.pack(order + "Q", system_drops)) + bytes(4))


def pcapng(order):
    ticks = 1700000000 * 10**6
    return (section(order) + interface(order) + enhanced(order, FRAMES[0], ticks)
            + obsolete(order, FRAMES[1], ticks + 1) + simple(order, FRAMES[2])
            + block(order, 0xBAD, b"custom..") + statistics(order, 3, 4))


def clocks():
    """One interface for each kind of clock, one frame on each."""
    kinds = [b"\x00", b"\x03", b"\x06", b"\x09", b"\x0c", b"\x13", b"\x14", b"\x7f",
             b"\x80", b"\x8a", b"\xa2", b"\xbf", b"\xc0", b"\xff"]
    out = section("<")
    for i, kind in enumerate(kinds):
        offset = option("<", 14, struct.pack("<q", (-5, 0, 5, 2**62, -2**62)[i % 5]))
        out += interface("<", RAW, 96, option("<", 9, kind) + offset)
    for i in range(len(kinds)):
        out += enhanced("<", FRAMES[i % 3][14:], (1 << 63) // (i + 1), i)
    return out


def snoop():
    out = b"snoop\0\0\0" + struct.pack(">II", 2, 4)
    for i, frame in enumerate(FRAMES):
        out += struct.pack(">IIIIII", len(frame) + i, len(frame), 24 + len(padded(frame)), i,
                           1700000000 + i, i) + padded(frame)
    return out


def zipped(data):
    return gzip.compress(data, 9, mtime=0)


def damaged_part():
    """Three members, of which the second is damaged."""
    parts = [zipped(piece) for piece in (pcap(), pcap()[24:], pcap()[24:])]
    middle = bytearray(parts[1])
    middle[len(middle) // 2] ^= 0x55
    return parts[0] + bytes(middle) + parts[2]


def bad_options():
    lying = struct.pack("<HH", 9, 60000) + b"\x09\0\0\0"
    return section("<") + interface("<", options=lying) + enhanced(
        "<", FRAMES[0], 1, options=struct.pack("<HH", 4, 9) + b"abcd")


SEEDS = {
    "pcap-le": pcap(),
    "pcap-be": pcap(">"),
    "pcap-ns-le": pcap("<", 0xA1B23C4D),
    "pcap-ns-be": pcap(">", 0xA1B23C4D),
    "pcap-modified": pcap("<", 0xA1B2CD34, extra=struct.pack("<IHBB", 2, 8, 0, 0)),
    "pcap-old": pcap(minor=2),
    "pcap-fcs": pcap(network=ETHERNET | 4 << 28 | 1 << 26),
    "pcap-empty": pcap(frames=[]),
    "pcap-joined": pcap() + pcap(frames=[]) + pcap(">", 0xA1B23C4D),
    "pcap-joined-zone": pcap() + pcap()[:8] + bytes([137]) + pcap()[9:],
    "pcap-cut": pcap()[:-1],
    "pcap-absurd": pcap() + struct.pack("<IIII", 1, 1, 0xFFFFFFF0, 0xFFFFFFF0) + b"x" * 64,
    "pcap-raw": pcap(network=12, frames=[frame[14:] for frame in FRAMES]),
    "pcapng-le": pcapng("<"),
    "pcapng-be": pcapng(">"),
    "pcapng-sections": pcapng("<") + pcapng(">") + pcapng("<"),
    "pcapng-clocks": clocks(),
    "pcapng-options": bad_options(),
    "pcapng-flags": section("<") + interface("<") + enhanced(
        "<", FRAMES[1] + b"FCS!", 1, options=option("<", 2, struct.pack("<I", 4 << 5 | 1))),
    "pcapng-cut": pcapng("<")[:-30],
    "pcapng-no-interface": section("<") + simple("<", FRAMES[0]),
    "snoop": snoop(),
    "gzip": zipped(pcap()),
    "gzip-members": zipped(pcap()[:50]) + zipped(pcap()[50:]) + b"\0" * 20,
    "gzip-bad-length": zipped(pcap())[:-4] + b"\0\0\1\0",
    "gzip-part-damaged": damaged_part(),
    "gzip-cut": zipped(pcap())[:-20],
    "gzip-pcapng": zipped(pcapng(">")),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x00",
    "text": b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "empty": b"",
}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "capture"
    folder.mkdir(exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
