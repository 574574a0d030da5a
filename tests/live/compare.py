# SPDX-License-Identifier: BSD-2-Clause
"""Are these the same transactions?

Two programs captured on one interface at once.  Compared, in order and field by
field, is all of weft's NDJSON: addresses, URLs, sizes, flags, pairing, numbers of
connections and transactions, the frames of each message and the bytes in each.
Frame numbers can be, as both captures began before the first frame and nothing
was dropped: then they hold the same frames.

Times differ, for the kernel stamps a frame for each program that captures it.
Instants and durations may do so by STAMPS_DIFFER seconds.
"""

import datetime
import re

STAMPS_DIFFER = 0.05
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT(\d\d:){2}\d\d\.\d{9}Z$")
DURATIONS = {"http.response_time", "http.time_to_first_byte", "http.time_to_last_byte"}


def flattened(value, name=""):
    """(dotted name, value) of everything in a JSON object; lists are values, but for lists of
    objects."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = {str(number): inner for number, inner in enumerate(value)}
    if not isinstance(value, dict):
        yield name, value
        return
    for key, inner in value.items():
        yield from flattened(inner, f"{name}.{key}" if name else key)


def seconds(text):
    whole, fraction = text.rstrip("Z").split(".")
    return datetime.datetime.fromisoformat(whole).timestamp() + float("0." + fraction)


def same(name, ours, theirs):
    if isinstance(ours, str) and isinstance(theirs, str) and INSTANT.match(ours):
        return abs(seconds(ours) - seconds(theirs)) <= STAMPS_DIFFER
    if name in DURATIONS:
        return abs(ours - theirs) <= 2 * STAMPS_DIFFER
    return ours == theirs


def differences(live, recorded):
    """What differs, as lines."""
    lines = []
    if len(live) != len(recorded):
        lines.append(f"{len(live)} transactions live, {len(recorded)} recorded")
    for number, pair in enumerate(zip(live, recorded), 1):
        ours, theirs = (dict(flattened(one)) for one in pair)
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in ours or name not in theirs or \
                    not same(name, ours[name], theirs[name]):
                lines.append(f"transaction {number}: {name}: live {ours.get(name)!r}, "
                             f"recorded {theirs.get(name)!r}")
    return lines
