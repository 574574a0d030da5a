# SPDX-License-Identifier: BSD-2-Clause
"""What weft sets out to reach: CPU ns a packet, times faster than peers, memory."""

GOALS = {
    # At most so many, or 1.25 times the read-and-parse floor of the run where that is more.
    "streams_ns": {"bulk": 165, "web": 100, "small": 70, "million": 90, "lossy": 130},
    "http_ns": {"bulk": 175, "web": 160, "small": 180, "million": 200, "lossy": 220},
    # Against the fastest peer that delivers the right bytes, at least.
    "faster": {"bulk": 2.5, "web": 5, "small": 5, "million": 15, "lossy": 5},
    "http_faster": {"gopacket, net/http": 20, "tshark": 200},
    "million_bytes": 300,  # of memory, all of the process, a connection
}
