# SPDX-License-Identifier: BSD-2-Clause
"""What Wireshark and tcpflow say of a capture, reduced to what can be relied on."""

import json
from dataclasses import dataclass, field

from common import endpoint

# Encapsulations that are read today.  Anything else in the manifest that
# changes what a frame is made of puts the file out of scope.
ENCAPSULATIONS_READ = {"encap_vlan", "encap_qinq", "encap_sll", "encap_sll2", "encap_rawip",
                       "encap_null_loop"}
OUT_OF_SCOPE = {"ip_fragments", "ip6_fragments", "gzipped", "pcap_modified_or_snoop"}


def scope_reason(categories):
    """Why a file does not count for the thresholds; None when it does."""
    for category in categories:
        if category.startswith("encap_") and category not in ENCAPSULATIONS_READ:
            return category
        if category in OUT_OF_SCOPE:
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
                   record.get("response_in" if request else "request_in"),
                   nanoseconds(time) if time is not None else None)


def usable(record):
    return (record["type"] == "http" and record["kind"] in ("request", "response")
            and not record.get("over_tls") and not record.get("in_icmp_error"))


def is_interim(response):
    return response.word.startswith("1") and response.word != "101"


def alone(message, messages):
    """Whether its frame completes no other message of that kind."""
    return sum(m.frame == message.frame for m in messages) == 1


def pair_directly(stream, requests, responses):
    """What Wireshark's own pairing says where it can be relied on."""
    at = {r.frame: r for r in requests if alone(r, requests)}
    for response in responses:
        request = at.get(response.paired)
        if request is None or is_interim(response) or not alone(response, responses):
            continue
        elapsed = response.response_time
        if elapsed is None:
            elapsed = response.time - request.time
        yield Transaction(stream, request, response, elapsed, False)


def pair_by_order(stream, requests, responses, done):
    """The n-th final response answers the n-th request: for those left over, and
    only where as many of each were seen."""
    finals = [r for r in responses if not is_interim(r)]
    if len(finals) != len(requests):
        return
    taken = {id(t.response) for t in done} | {id(t.request) for t in done}
    for request, response in zip(requests, finals):
        if id(request) in taken or id(response) in taken:
            continue
        if request.paired is None and response.paired is None:
            continue  # Wireshark does not pair it either
        yield Transaction(stream, request, response, response.time - request.time, True)


def transactions_of(stream, messages):
    requests = [m for kind, m in messages if kind == "request"]
    responses = [m for kind, m in messages if kind == "response"]
    found = list(pair_directly(stream, requests, responses))
    return found + list(pair_by_order(stream, requests, responses, found))


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
