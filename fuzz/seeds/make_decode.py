#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the seeds of fuzz_decode: link type index, bytes not captured, bytes
to cut, frame.  One for each way through the decoder."""
import pathlib

HERE = pathlib.Path(__file__).parent / "decode"
ETHERNET = "020000000002020000000001"
TCP = "3039005000000064000000c85018100000000000"
OPTIONS = ("30390050000000640000000080021000000000000204 05b4 0402 0101 0303 07 000000"
           .replace(" ", ""))
STAMPED = "3039005000000064000000c88018100000000000" "0101080a0000000100000002"
SACKED = "3039005000000064000000c8a010100000000000" "0101050a0000000100000002" "0101080a0000"
HELLO = "68656c6c6f"


def ip4(payload, protocol="06", position="4000", extra=""):
    size = 20 + len(extra) // 2
    length = size + len(payload) // 2
    return (f"4{size // 4:x}00{length:04x}0007{position}40{protocol}0000"
            f"0a0000010a000002{extra}{payload}")


def ip6(payload, following="06"):
    return (f"60000000{len(payload) // 2:04x}{following}40"
            "20010db8000000000000000000000001" "20010db8000000000000000000000002" + payload)


SEEDS = {
    "ethernet": (0, ETHERNET + "0800" + ip4(TCP + HELLO)),
    "padding": (0, ETHERNET + "0800" + ip4(TCP) + "000000000000"),
    "stamped": (0, ETHERNET + "0800" + ip4(STAMPED + HELLO)),
    "syn": (0, ETHERNET + "0800" + ip4(OPTIONS)),
    "sack": (0, ETHERNET + "0800" + ip4(SACKED + "00" * 20)),
    "vlan": (0, ETHERNET + "88a80064" + "81000065" + "0800" + ip4(TCP + HELLO)),
    "snap": (0, ETHERNET + "0035" + "aaaa030000000800" + ip4(TCP + HELLO)),
    "null": (1, "02000000" + ip4(TCP + HELLO)),
    "raw4": (2, ip4(TCP + HELLO, extra="94040000")),
    "raw6": (2, ip6(TCP + HELLO)),
    "loop": (3, "00000018" + ip6(TCP + HELLO)),
    "cooked": (4, "00000001000602000000000100000800" + ip4(TCP + HELLO)),
    "cooked2": (7, "0800000000000003000100060200000000010000" + ip4(TCP + HELLO)),
    "fragment4": (5, ip4(TCP + "68656c6c", position="2000")),
    "fragment6": (6, ip6("0600000100000001" + TCP + "68656c6c", following="2c")),
    "extensions": (6, ip6("3c00010400000000" + "2b00010400000000" + "0602000100000000"
                          + "20010db80000000000000000000000ff" + TCP + HELLO, following="00")),
    "first-fragment-cut": (6, ip6("3c00000100000001" + "0600010400000000" + TCP[:32], "2c")),
    "authentication": (2, ip4("060400000000000100000001" + "00" * 12 + TCP + HELLO, "33")),
    "mpls": (0, ETHERNET + "88470001004000020140" + ip4(TCP + HELLO)),
    "pseudowire": (0, ETHERNET + "88470002014000000000" + ETHERNET + "0800" + ip4(TCP + HELLO)),
    "pppoe": (0, ETHERNET + "886411000005002f0021" + ip4(TCP + HELLO)),
    "ppp": (11, "ff030021" + ip4(TCP + HELLO)),
    "cisco-hdlc": (13, "0f000800" + ip4(TCP + HELLO)),
    "ip-in-ip": (2, ip4(ip6(TCP + HELLO), "29")),
    "offload": (0, ETHERNET + "0800" + ip4(TCP + HELLO).replace("002d", "0000", 1)),
}

HERE.mkdir(exist_ok=True)
for name, (link, text) in SEEDS.items():
    (HERE / name).write_bytes(bytes((link, 0, 7)) + bytes.fromhex(text))
