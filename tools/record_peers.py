#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The parts of tools/record.sh that nginx and curl do not play.

    serve ADDRESS           a server of chunked and close-delimited responses, on port 8080
    pipeline ADDRESS        five requests in one write
    midstream ADDRESS       a request, a line on standard output, then, after a line on
                            standard input, two more on the same connection
    reset ADDRESS           leaves with a RST in the middle of a response
    relay LEFT RIGHT SEED   passes frames between two interfaces, losing, repeating and
                            delaying some, until terminated
"""
import heapq
import random
import select
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/chunked":
            self.send_chunked([b"warp " * 40, b"w", b"weft " * 700, b"end\n"])
        elif self.path == "/trailers":
            self.send_chunked([b"with trailers\n"], b"X-Checksum: 5eed\r\n")
        elif self.path == "/slow":
            self.send_chunked([b"a" * 64, b"b" * 64, b"c" * 64], pause=0.05)
        else:
            self.send_until_close(b"until the connection closes\n" * 200)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_chunked(self, chunks, trailers=b"", pause=0.0):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
            time.sleep(pause)
        self.wfile.write(b"0\r\n" + trailers + b"\r\n")

    def send_until_close(self, body):
        self.protocol_version = "HTTP/1.0"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


def serve(address):
    ThreadingHTTPServer((address, 8080), Handler).serve_forever()


def get(path, close=False):
    connection = "Connection: close\r\n" if close else ""
    return f"GET {path} HTTP/1.1\r\nHost: weft.example\r\n{connection}\r\n".encode()


def connect(address):
    return socket.create_connection((address, 80), timeout=5)


def read_to_end(sock):
    while sock.recv(65536):
        pass


def pipeline(address):
    with connect(address) as sock:
        paths = ["/index.html", "/a.txt", "/missing", "/b.txt"]
        sock.sendall(b"".join(get(path) for path in paths) + get("/index.html", close=True))
        read_to_end(sock)


def midstream(address):
    with connect(address) as sock:
        sock.sendall(get("/a.txt"))
        sock.recv(65536)
        print("ready", flush=True)
        sys.stdin.readline()
        sock.sendall(get("/b.txt"))
        sock.recv(65536)
        sock.sendall(get("/index.html", close=True))
        read_to_end(sock)


def reset(address):
    with connect(address) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.sendall(get("/c300109.txt"))
        sock.recv(2000)


def relay(left, right, seed):
    """Of frames with payload: 4 % lost, 3 % twice, 6 % late by 2 to 12 ms."""
    chance = random.Random(int(seed))
    ports = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) for _ in range(2)]
    for port, name in zip(ports, (left, right)):
        port.bind((name, 0))
    other = {ports[0]: ports[1], ports[1]: ports[0]}
    late = []  # (when, order, port, frame)
    order = 0
    while True:
        wait = max(0.0, late[0][0] - time.monotonic()) if late else None
        for port in select.select(ports, [], [], wait)[0]:
            frame, address = port.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            draw = chance.random() if len(frame) > 100 else 1.0
            delay = chance.uniform(0.002, 0.012) if 0.07 <= draw < 0.13 else 0.0
            for _ in range(0 if draw < 0.04 else 2 if draw < 0.07 else 1):
                order += 1
                heapq.heappush(late, (time.monotonic() + delay, order, other[port], frame))
        while late and late[0][0] <= time.monotonic():
            _, _, port, frame = heapq.heappop(late)
            port.send(frame)


PARTS = {f.__name__: f for f in (serve, pipeline, midstream, reset, relay)}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in PARTS:
        sys.exit(__doc__)
    PARTS[sys.argv[1]](*sys.argv[2:])
