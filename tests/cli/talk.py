#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a capture of what was said, for tests of what no recorded server says.

    talk.py FILE < SCRIPT

Each line of SCRIPT is Python: `client(BYTES)` and `server(BYTES)` send them in segments,
`lost(side, N)` sends N bytes that the capture lacks, `late(side, BYTES)` a segment that it has
only at `now()`, `close()` ends the connection with FIN and the next line opens another; `on(N)`
goes over to connection N.  `response(BODY, FIELD...)` is a 200 with a length, `get(TARGET)` a
request.  zlib, gzip and struct are at hand.
"""

import gzip  # noqa: F401, for scripts
import struct
import sys
import zlib  # noqa: F401

MSS = 1400


class Talk:
    def __init__(self, file):
        self.file, self.clock, self.port, self.seqs, self.waiting = file, 0, 50000, {}, []
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))

    def segment(self, side, flags, payload=b""):
        self.write(self.packet(side, flags, payload))

    def packet(self, side, flags, payload):
        client, server = (0xC0000201, self.port), (0xC6336407, 80)
        source, target = (client, server) if side == "client" else (server, client)
        other = "server" if side == "client" else "client"
        seq = self.seqs[self.port]
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq[side], seq[other],
                          0x50, flags, 65535, 0, 0) + payload
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0,
                         source[0], target[0])
        return ip + tcp

    def write(self, packet):
        self.clock += 1
        self.file.write(struct.pack("<IIII", 1700000000 + self.clock // 1000,
                                    self.clock % 1000 * 1000, len(packet), len(packet)))
        self.file.write(packet)

    def late(self, side, data):
        self.begin()
        self.waiting.append(self.packet(side, 0x18, data))
        self.seqs[self.port][side] += len(data)

    def now(self):
        for packet in self.waiting:
            self.write(packet)
        self.waiting = []

    def begin(self):
        if self.port in self.seqs:
            return
        seq = self.seqs[self.port] = {"client": 1000, "server": 2000}
        self.segment("client", 0x02)
        seq["client"] += 1
        self.segment("server", 0x12)
        seq["server"] += 1
        self.segment("client", 0x10)

    def send(self, side, data):
        self.begin()
        for at in range(0, len(data), MSS):
            self.segment(side, 0x18, data[at:at + MSS])
            self.seqs[self.port][side] += len(data[at:at + MSS])

    def lose(self, side, length):
        self.begin()
        self.seqs[self.port][side] += length

    def on(self, number):
        self.port = 50000 + number

    def close(self):
        for side in ("client", "server"):
            self.segment(side, 0x11)
            self.seqs[self.port][side] += 1
        self.segment("client", 0x10)
        self.port += 1


def get(target):
    return f"GET {target} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode("latin-1")


def response(body, *fields):
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def main():
    with open(sys.argv[1], "wb") as file:
        talk = Talk(file)
        names = {"gzip": gzip, "zlib": zlib, "struct": struct, "get": get, "response": response,
                 "client": lambda data: talk.send("client", data),
                 "server": lambda data: talk.send("server", data),
                 "lost": talk.lose, "late": talk.late, "now": talk.now,
                 "close": talk.close, "on": talk.on}
        exec(compile(sys.stdin.read(), "script", "exec"), names)  # the test's own


if __name__ == "__main__":
    main()
