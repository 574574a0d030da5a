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


def udp(source, target, payload):
    return ip4(source + target + f"{8 + len(payload) // 2:04x}0000" + payload, "11")


def gre(flags, kind, payload):
    return ip4(flags + kind + payload, "2f")


IP4, IP6 = ip4(TCP + HELLO), ip6(TCP + HELLO)
BRIDGED = ETHERNET + "0800" + IP4
AIR = "08010000020000000001020000000002020000000003" "1000" "aaaa030000000800" + IP4
SUMMED_IP4 = "4500002d00070000400666c20a0000010a000002" + TCP + HELLO
SUMMED_TCP = "3039005000000064000000c850181000163e000068656c6c6f"
CHECK = "0102030405060708090a0b0c"

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
    "gre": (2, gre("0000", "0800", IP4)),
    "gre-all": (2, gre("f000", "0800", "00000000" "00000005" "00000001"
                       "08000404" "0a000009" "00000000" + IP4)),
    "nvgre": (2, gre("2000", "6558", "12345602" + BRIDGED)),
    "pptp": (2, gre("3081", "880b", "00310001" "00000001" "00000001" "ff030021" + IP4)),
    "wccp": (2, gre("0000", "883e", "80000000" + IP4)),
    "aruba": (2, gre("0000", "8210", AIR)),
    "erspan1": (2, gre("0000", "88be", BRIDGED)),
    "erspan2": (2, gre("1000", "88be", "00000001" "1000000100000000" + BRIDGED)),
    "erspan3": (2, gre("1000", "22eb", "00000001" "200000010000000000000001" + "00" * 8
                       + BRIDGED)),
    "vxlan": (2, udp("d903", "12b5", "0800000000000500" + BRIDGED)),
    "vxlan-gpe": (2, udp("d903", "12b6", "0c00000400000500" "0fc20203000001ff" + BRIDGED)),
    "geneve": (2, udp("d903", "17c1", "0240655800000500" "0108010200000000" + BRIDGED)),
    "gtp": (2, udp("0868", "0868", "36ff003500000001" "000100c0" "01090400" + IP4)),
    "gtp-ethernet": (2, udp("0868", "0868", "30ff003b00000001" + BRIDGED)),
    "teredo": (2, udp("0dd8", "d903", "00010201aabbcc010203040506070800" "0000fffff5ffffff"
                      + IP6)),
    "ayiya": (2, udp("d903", "13d0", "415211294af64c05" + "00" * 36 + IP6)),
    "l2tp2": (2, udp("06a5", "06a5", "4802003d0001000200010001" "ff030021" + IP4)),
    "l2tp2-offset": (2, udp("06a5", "06a5", "0202000100020003000000" "0021" + IP4)),
    "l2tp3-udp": (2, udp("06a5", "06a5", "00030000" "00000001" "aabbccdd" + BRIDGED)),
    "l2tp3-ip": (2, ip4("00000001" "aabbccdd" + IP4, "73")),
    "esp-tunnel": (2, ip4("0000123400000001" + SUMMED_IP4 + "010104" + CHECK, "32")),
    "esp-tunnel6": (2, ip4("0000123400000001" + IP6 + "010129" + CHECK, "32")),
    "esp-transport": (2, ip4("0000123400000001" + SUMMED_TCP + "0102030306" + CHECK, "32")),
    "esp-udp": (2, udp("1194", "1194", "0000123400000001" + SUMMED_IP4 + "010104" + CHECK)),
    "capwap": (2, udp("a130", "147f", "00200320" "00000000" "04bf230000000000" + AIR)),
    "capwap-swapped": (2, udp("147f", "a130", "00100300" "00000000" "0108" + AIR[4:44] + "7630"
                              + AIR[48:])),
    "tzsp": (2, udp("d903", "9090", "01000001" "0a01c8" "01" + BRIDGED)),
    "nsh": (0, ETHERNET + "894f" "0fc60101000001ff" + "00" * 16 + IP4),
    "etherip": (2, ip4("3000" + BRIDGED, "61")),
    "backbone": (0, ETHERNET + "88e700000064" + BRIDGED),
    "fabricpath": (0, ETHERNET + "89030820" + BRIDGED),
    "trill": (0, ETHERNET + "22f3007f00010002" "00000000" + BRIDGED),
    "metadata": (0, ETHERNET + "8909010100010005" "0800" + IP4),
    "wlan": (14, AIR),
    "wlan-qos": (14, "8883" + AIR[4:48] + "020000000004" "0000" "00000000" + AIR[48:]),
    "wlan-amsdu": (14, "8801" + AIR[4:48] + "8000" "020000000001020000000002" "0035"
                   + AIR[48:] + "000000"),
    "radiotap": (15, "0000190003000080" "00000000" "00000000" "0000000000000000" "30"
                 + AIR + "deadbeef"),
    "prism": (16, "44000000" "0c000000" "00000000" + AIR),
    "avs": (17, "80211001" "00000010" "0000000000000000" + AIR),
    "ppi": (18, "00000c00" "69000000" "00000000" + AIR),
    "pflog": (19, "3d020000" + "00" * 60 + IP4),
    "enc": (20, "02000000" "00001234" "00008000" + IP4),
    "ipnet": (21, "01020000" + "00" * 20 + IP4),
    "nflog": (22, "02000000" "0800010008000100" "05000a0061000000" "31000900" + IP4),
    "pktap": (23, "10000000" "01000000" "01000000" "00000000" + BRIDGED),
    "juniper-ethernet": (24, "4d474380" "0006" "01010e020101" + BRIDGED),
    "juniper-ppp": (25, "4d474302" "00000002" + IP6),
    "juniper-frelay": (26, "4d474300" "184103cc" + IP4),
    "juniper-chdlc": (27, "4d474300" "0f000800" + IP4),
    "frame-relay": (28, "18410300" "80000000" "0800" + IP4),
    "token-ring": (29, "1040" "020000000002" "820000000001" "063000110022" "aaaa030000000800"
                   + IP4),
    "fddi": (30, "50" "020000000002" "020000000001" "aaaa030000000800" + IP4),
    "arcnet": (31, "be50d4000001" + IP4),
    "arcnet-linux": (32, "be50c300f0" + IP4),
    "ppp-direction": (33, "01ff030021" + IP4),
    "atm": (34, "aaaa030000000800" + IP4),
    "bare-pseudowire": (0, ETHERNET + "884700010140" + BRIDGED),
    "icmp-quote": (2, ip4("0301000000000000" + IP4, "01")),
    "udp-fragment": (5, ip4("d90312b500000000" "0800000000000500" + BRIDGED + "00" * 5,
                            "11", position="2000")),
    "offload": (0, ETHERNET + "0800" + ip4(TCP + HELLO).replace("002d", "0000", 1)),
}

HERE.mkdir(exist_ok=True)
for name, (link, text) in SEEDS.items():
    (HERE / name).write_bytes(bytes((link, 0, 7)) + bytes.fromhex(text))
