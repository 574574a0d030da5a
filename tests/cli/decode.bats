#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Tunnels, fragments and link types as the command tells of them.  WEFT is the command.

bats_require_minimum_version 1.5.0
load json

setup() {
  work=$BATS_TEST_TMPDIR
}

# capture LINKTYPE NAME <<PYTHON: a pcap of the frames that the program yields in `frames`.
# vxlan(network, packet), fragments(packet, size) and tcp(client, seq, ack, flags, data) help.
capture() {
  cat >"$work/frames.py"
  python3 - "$1" "$work/$2" "$work/frames.py" <<'END'
import struct, sys

def ip(payload, protocol, source, target, position=0, number=1):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, position, 64, protocol, 0,
                       bytes(source), bytes(target)) + payload

def tcp(client, seq, ack, flags, data=b""):
    ports, ends = (40000, 80), ((10, 0, 0, 1), (10, 0, 0, 2))
    if not client:
        ports, ends = ports[::-1], ends[::-1]
    head = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0)
    return ip(head + data, 6, *ends)

def vxlan(network, packet):
    inner = bytes.fromhex("0200000000010200000000020800") + packet
    udp = struct.pack(">HHHH", 50000, 4789, 16 + len(inner), 0)
    return ip(udp + struct.pack(">II", 0x08000000, network << 8) + inner, 17,
              (192, 0, 2, 1), (192, 0, 2, 2))

def fragments(packet, size):
    payload = packet[20:]
    for at in range(0, len(payload), size):
        more = 0x2000 if at + size < len(payload) else 0
        yield ip(payload[at:at + size], packet[9], packet[12:16], packet[16:20], more | at // 8, 7)

frames = []
exec(open(sys.argv[3]).read())
with open(sys.argv[2], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, int(sys.argv[1])))
    for number, frame in enumerate(frames):
        out.write(struct.pack("<IIII", 1000, number * 1000, len(frame), len(frame)) + frame)
END
}

# Each direction in a VXLAN of its own.
talk_in_two_tunnels() {
  capture 101 tunnels.pcap <<'END'
frames = [vxlan(1, tcp(1, 100, 0, 2)), vxlan(2, tcp(0, 500, 101, 18)), vxlan(1, tcp(1, 101, 501, 16)),
          vxlan(1, tcp(1, 101, 501, 24, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
          vxlan(2, tcp(0, 501, 128, 24, b"HTTP/1.1 204 No Content\r\n\r\n"))]
END
}

@test "equal addresses in different tunnels are different connections" {
  talk_in_two_tunnels
  "$WEFT" conns -r "$work/tunnels.pcap" -T ndjson >"$work/out"
  [ "$(wc -l <"$work/out")" -eq 2 ]
}

@test "--realm none joins tunnels" {
  talk_in_two_tunnels
  "$WEFT" conns -r "$work/tunnels.pcap" -T ndjson --realm none >"$work/out"
  [ "$(wc -l <"$work/out")" -eq 1 ]
  "$WEFT" http -r "$work/tunnels.pcap" -T ndjson --realm none >"$work/out"
  json "$work/out" 'x["http"]["response"]["status_code"] == 204 and x["http"]["request"]["frames"]["last"] == 4'
}

# A request whose second segment comes in fragments, the last first.
request_in_fragments() {
  capture 101 fragments.pcap <<'END'
data = b"Host: a\r\nCookie: " + b"c" * 40 + b"\r\n\r\n"
frames = [tcp(1, 100, 0, 2), tcp(0, 500, 101, 18), tcp(1, 101, 501, 24, b"GET / HTTP/1.1\r\n"),
          *reversed(list(fragments(tcp(1, 117, 501, 24, data), 32)))]
END
}

@test "each fragment's frame is among those of the message" {
  request_in_fragments
  "$WEFT" http -r "$work/fragments.pcap" -T ndjson --segments >"$work/out"
  # 81 bytes of segment: 20 of header and 12, then 32 and 17 of payload
  json "$work/out" 'x["http"]["request"]["segments"] == [[3, 16], [6, 12], [5, 32], [4, 17]]'
  "$WEFT" stats -r "$work/fragments.pcap" -T ndjson >"$work/out"
  json "$work/out" 'x["fragments"]["datagrams"] == 1 and x["verdicts"]["fragment"] == 2'
}

@test "--fragments chooses among fragments that overlap" {
  capture 101 overlap.pcap <<'END'
one = list(fragments(tcp(1, 101, 501, 24, b"abcd" + b"e" * 8 + b"f" * 8 + b"g"), 24))
two = list(fragments(tcp(1, 101, 501, 24, b"abcd" + b"X" * 8 + b"f" * 8 + b"g"), 16))
frames = [tcp(1, 100, 0, 2), tcp(0, 500, 101, 18), one[0], two[1], one[1]]
END
  "$WEFT" stats -r "$work/overlap.pcap" -T ndjson >"$work/out"
  json "$work/out" 'x["fragments"]["discarded"] == 1 and x["fragments"]["overlapping"] == 1'
  json "$work/out" 'x["fragments"]["over_header"] == 1'
  "$WEFT" follow --raw -r "$work/overlap.pcap" --fragments first 1 >"$work/first"
  "$WEFT" follow --raw -r "$work/overlap.pcap" --fragments last 1 >"$work/last"
  [ "$(cat "$work/first")" = "abcdXXXXXXXXffffffffg" ]
  [ "$(cat "$work/last")" = "abcdeeeeeeeeffffffffg" ]
  run "$WEFT" stats -r "$work/overlap.pcap" --fragments frist
  [ "$status" -eq 1 ]
  [[ "$output" == *first* ]]
}

@test "link types that are not read are counted by number" {
  capture 147 unknown.pcap <<'END'
frames = [b"abc", b"defg"]
END
  "$WEFT" stats -r "$work/unknown.pcap" -T ndjson >"$work/out"
  json "$work/out" 'x["unknown_links"] == [[147, 2]] and x["verdicts"]["unknown-link"] == 2'
  "$WEFT" stats -r "$work/unknown.pcap" >"$work/out"
  grep -Eq '^ +2 +link type 147$' "$work/out"
}

@test "times that go back do not make the duration negative" {
  capture 101 back.pcap <<'END'
frames = [tcp(1, 100, 0, 2), tcp(0, 500, 101, 18)]
END
  python3 - "$work/back.pcap" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[24:28] = (2000).to_bytes(4, "little")
open(sys.argv[1], "wb").write(data)
END
  "$WEFT" stats -r "$work/back.pcap" -T ndjson >"$work/out"
  json "$work/out" 'x["time"]["duration"] > 999 and x["frames"]["time_backwards"] == 1'
}
