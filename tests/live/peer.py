#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""peer.py ADDRESS PORT: connects, then sends each line of standard input, a JSON
string, as a segment of its own.  "done" answers for the connection and each."""

import json
import socket
import sys

with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print("done", flush=True)
    for line in sys.stdin:
        connection.sendall(json.loads(line).encode())
        print("done", flush=True)
