# SPDX-License-Identifier: BSD-2-Clause
"""What Wireshark and tcpflow say of a capture, reduced to what can be relied on."""

import json
from dataclasses import dataclass, field

from common import endpoint

# Encapsulations that are read.  Anything else in the manifest that changes what
# a frame is made of puts the file out of scope.
ENCAPSULATIONS_READ = {"encap_" + name for name in (
    "chdlc", "geneve", "gre_erspan", "gtpu", "ipip", "mpls", "null_loop", "other", "pppoe_ppp", "qinq",
    "rawip", "sll", "sll2", "vlan", "vxlan", "wlan")}


def scope_reason(categories):
    """Why a file does not count for the thresholds; None when it does."""
    for category in categories:
        if category.startswith("encap_") and category not in ENCAPSULATIONS_READ:
            return category
    return None


@dataclass
class Message:
    frame: int
    order: int
    time: int  # ns
    source: tuple
    target: tuple
    word: str  # method and target, or the status
    segments: list
    length: int | None  # reassembled; Wireshark lists repeated copies as well
    paired: int | None  # the frame Wireshark pairs it with
    response_time: int | None  # ns


@dataclass
class Transaction:
    stream: int
    request: Message
    response: Message
    response_time: int  # ns
    by_order: bool  # the oracle's own pairing was unreliable here


@dataclass
class Direction:
    stream: int
    source: tuple
    target: tuple
    first_frame: int
    last_frame: int
    length: int
    sha256: str
    gaps: list


@dataclass
class Oracle:
    transactions: list = field(default_factory=list)
    directions: list = field(default_factory=list)


def nanoseconds(text):
    """Exact: a decimal number of seconds as text."""
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    return sign * (int(whole or 0) * 10**9 + int((part + "0" * 9)[:9]))


def message_of(record):
    request = record["kind"] == "request"
    word = f"{record.get('method')} {record.get('target')}" if request else str(record.get("status"))
    time = record.get("time")
    return Message(record["frame"], record.get("order", 0), nanoseconds(record["ts"]),
                   endpoint(record["src"]), endpoint(record["dst"]), word,
                   [tuple(s[:2]) for s in record.get("segments") or []],
                   record.get("reassembled_len"),
                   record.get("response_in" if request else "request_in"),
                   nanoseconds(time) if time is not None else None)


def usable(record):
    return (record["type"] == "http" and record["kind"] in ("request", "response")
            and not record.get("over_tls") and not record.get("in_icmp_error"))


def is_interim(response):
    return response.word.startswith("1") and response.word != "101"


def several_in_a_frame(messages):
    frames = [m.frame for m in messages]
    return len(set(frames)) < len(frames)


def pair_directly(requests, responses):
    """What Wireshark's own pairing says."""
    at = {r.frame: r for r in requests}
    for response in responses:
        if response.paired in at and not is_interim(response):
            yield at[response.paired], response, response.response_time, False


def pair_by_order(requests, responses):
    """The n-th final response answers the n-th request, where Wireshark pairs
    either of them with anything."""
    finals = [r for r in responses if not is_interim(r)]
    for request, response in zip(requests, finals):
        if request.paired is not None or response.paired is not None:
            yield request, response, None, True


def transactions_of(stream, messages):
    """Wireshark keeps its state for each frame: where one completes several
    requests or responses, or an interim response takes the final one's place, only
    the order of messages can be relied on."""
    requests = [m for kind, m in messages if kind == "request"]
    responses = [m for kind, m in messages if kind == "response"]
    muddled = several_in_a_frame(requests) or several_in_a_frame(responses)
    interim = any(is_interim(r) and r.paired is not None for r in responses)
    pair = pair_by_order if muddled or interim else pair_directly
    for request, response, elapsed, by_order in pair(requests, responses):
        if elapsed is None:
            elapsed = response.time - request.time
        yield Transaction(stream, request, response, elapsed, by_order)


def directions_of(record):
    for each in record["dirs"]:
        agree = (each.get("agree") or {}).get("tshark_tcpflow")
        said = each.get("tshark")
        if agree and said and said["bytes"]:
            yield Direction(record["stream"], endpoint(each["src"]), endpoint(each["dst"]),
                            record["first_frame"], record["last_frame"], said["bytes"],
                            said["sha256"], said.get("gaps", []))


def read(lines):
    """The oracle of one capture, from the lines of its file."""
    oracle, streams = Oracle(), {}
    for line in lines:
        record = json.loads(line)
        if record["type"] == "stream":
            oracle.directions += directions_of(record)
        elif usable(record):
            streams.setdefault(record["stream"], []).append((record["kind"], message_of(record)))
    for stream, messages in sorted(streams.items()):
        messages.sort(key=lambda entry: (entry[1].frame, entry[1].order))
        oracle.transactions += transactions_of(stream, messages)
    return oracle
