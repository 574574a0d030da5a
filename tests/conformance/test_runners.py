#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The runners' own judgement, on records written by hand."""

import base64
import hashlib
import json
import unittest

import captures
import kernel_truth
import oracle
from common import Scores, mapped, percent

CLIENT, SERVER = ["192.0.2.1", 1234], ["192.0.2.2", 80]


def http(frame, kind, order=0, **more):
    request = kind == "request"
    record = {"type": "http", "kind": kind, "frame": frame, "order": order, "stream": 0,
              "ts": f"100.{frame:09d}", "segments": [],
              "src": CLIENT if request else SERVER, "dst": SERVER if request else CLIENT}
    record.update({"method": "GET", "target": f"/{frame}.{order}"} if request else {"status": 200})
    record.update(more)
    return json.dumps(record)


def exchange(request_frame, response_frame, order=0, elapsed=0.0, **more):
    record = {"client": {"address": CLIENT[0], "port": CLIENT[1]},
              "server": {"address": SERVER[0], "port": SERVER[1]},
              "url": {"original": f"/{request_frame}.{order}"},
              "http": {"response_time": elapsed,
                       "request": {"method": "GET", "frames": {"last": request_frame},
                                   "segments": [[request_frame, 10]]},
                       "response": {"status_code": 200, "frames": {"last": response_frame},
                                    "segments": [[response_frame, 10]]}}}
    record["http"].update(more)
    return record


def verdicts(lines, records):
    index = captures.index_requests(records)
    return [[(c, r) for c, r, _ in captures.check_transaction(index, t)]
            for t in oracle.read(lines).transactions]


ALL = [("found", True), ("pairing", True), ("time", True), ("frames", True)]


class OracleTest(unittest.TestCase):
    def test_pairs_as_wireshark(self):
        said = oracle.read([http(1, "request", response_in=2),
                            http(2, "response", request_in=1, time="0.000000001")])
        self.assertEqual([(t.request.frame, t.response.frame, t.response_time)
                          for t in said.transactions], [(1, 2, 1)])

    def test_several_in_a_frame_pair_by_order(self):
        said = oracle.read([http(1, "request", 0, response_in=5), http(1, "request", 1, response_in=5),
                            http(5, "response", 0, request_in=1, time="9"), http(7, "response")])
        self.assertEqual([(t.request.order, t.response.frame, t.response_time)
                          for t in said.transactions], [(0, 5, 4), (1, 7, 6)])

    def test_interim_is_not_the_answer(self):
        said = oracle.read([http(1, "request", response_in=2),
                            http(2, "response", status=100, request_in=1, time="1"),
                            http(3, "response", status=200)])
        self.assertEqual([t.response.frame for t in said.transactions], [3])

    def test_unanswered_pairs_with_nothing(self):
        said = oracle.read([http(1, "request"), http(2, "request", response_in=4),
                            http(4, "response", request_in=2, time="0.1")])
        self.assertEqual([t.request.frame for t in said.transactions], [2])

    def test_quoted_and_encrypted_are_left_out(self):
        said = oracle.read([http(1, "request", response_in=2, in_icmp_error=True),
                            http(2, "response", request_in=1, time="0", over_tls=True)])
        self.assertEqual(said.transactions, [])

    def test_scope(self):
        self.assertIsNone(oracle.scope_reason(["http_basic", "encap_vlan"]))
        self.assertIsNone(oracle.scope_reason(["ip_fragments", "encap_gre_erspan"]))
        self.assertEqual(oracle.scope_reason(["encap_vlan", "encap_new"]), "encap_new")

    def test_nanoseconds(self):
        self.assertEqual(oracle.nanoseconds("1.5"), 1500000000)
        self.assertEqual(oracle.nanoseconds("-0.000000002"), -2)


class CapturesTest(unittest.TestCase):
    LINES = [http(1, "request", response_in=3), http(3, "response", request_in=1, time="0.000000002")]

    def test_right(self):
        self.assertEqual(verdicts(self.LINES, [exchange(1, 3, elapsed=0.000000002)]), [ALL])

    def test_not_found(self):
        self.assertEqual(verdicts(self.LINES, [exchange(2, 3)]), [[("found", False)]])

    def test_paired_otherwise(self):
        self.assertEqual(verdicts(self.LINES, [exchange(1, 4)]), [[("found", True), ("pairing", False)]])

    def test_time_beyond_a_microsecond(self):
        self.assertEqual(verdicts(self.LINES, [exchange(1, 3, elapsed=0.00001)])[0][2], ("time", False))

    def test_list_of_frames(self):
        lines = [self.LINES[0], http(3, "response", request_in=1, time="0", segments=[[2, 5], [3, 4]])]
        right = exchange(1, 3)
        right["http"]["response"]["segments"] = [[2, 5], [3, 4]]
        self.assertEqual(verdicts(lines, [right]), [ALL])
        self.assertEqual(verdicts(lines, [exchange(1, 3)])[0][3], ("frames", False))

    def test_second_in_a_frame(self):
        lines = [http(1, "request", 0, response_in=2), http(1, "request", 1, response_in=2),
                 http(2, "response", 0, request_in=1), http(4, "response", 0)]
        records = [exchange(1, 2, 0, 1e-9), exchange(1, 4, 1, 3e-9)]
        self.assertEqual(verdicts(lines, records), [ALL, ALL])

    def test_copies_that_wireshark_lists_too(self):
        lines = [self.LINES[0], http(3, "response", request_in=1, time="0", reassembled_len=9,
                                     segments=[[2, 5], [3, 5], [4, 4]])]
        right = exchange(1, 3)
        right["http"]["response"]["segments"] = [[2, 5], [4, 4]]
        self.assertEqual(verdicts(lines, [right]), [ALL])
        right["http"]["response"]["segments"] = [[2, 5], [5, 4]]
        self.assertEqual(verdicts(lines, [right])[0][3], ("frames", False))

    def test_fragments(self):
        message = oracle.Message(9, 0, 0, None, None, "200", [(4, 10), (9, 5)], 15, None, None)
        agree = captures.frames_agree
        self.assertFalse(agree(message, [[3, 8], [4, 2], [9, 5]], {"last": 9}))
        self.assertTrue(agree(message, [[3, 8], [4, 2], [9, 5]], {"last": 9}, True))
        self.assertTrue(agree(message, [[4, 8], [3, 2], [9, 5]], {"last": 9}, True))
        self.assertFalse(agree(message, [[3, 8], [5, 2], [9, 5]], {"last": 9}, True))
        self.assertFalse(agree(message, [[3, 8], [4, 3], [9, 4]], {"last": 9}, True))
        self.assertFalse(agree(message, [[3, 8], [4, 2], [9, 5], [10, 1]], {"last": 10}, True))
        message.segments = []
        self.assertTrue(agree(message, [[7, 8], [9, 7]], {"last": 9}, True))
        self.assertFalse(agree(message, [[7, 8], [8, 7]], {"last": 9}, True))

    def test_stream(self):
        direction = oracle.Direction(0, ("192.0.2.1", 1234), ("192.0.2.2", 80), 1, 9, 3, "abc", [])
        record = {"connection": {"first_frame": 1}, "client": {"address": "192.0.2.1", "port": 1234,
                  "sha256": "abc"}, "server": {"address": "192.0.2.2", "port": 80, "sha256": "x"}}
        index = captures.index_conns([record])
        self.assertTrue(captures.check_direction(index, direction)[0])
        direction.sha256 = "other"
        self.assertFalse(captures.check_direction(index, direction)[0])
        direction.first_frame = 2
        self.assertEqual(captures.check_direction(index, direction), (False, "no such connection"))


def event(kind, frame, data=b"", cause=None, identity=1):
    return {"connection": {"id": identity}, "client": {"address": CLIENT[0], "port": CLIENT[1]},
            "server": {"address": SERVER[0], "port": SERVER[1]}, "direction": "client", "event": kind,
            "frame": frame, "cause": cause, "data": base64.b64encode(data).decode()}


def content(data):
    return {"len": len(data), "sha256": hashlib.sha256(data).hexdigest(), "hex": data.hex()}


def vector(data, end="eof", reads=(), **more):
    conn = {"c2s": content(data), "s2c": content(b""), "end": end, "reads": list(reads)}
    return {"client": CLIENT, "server": SERVER, "truth": "c2s", "first_frame": 11, "frames": 9,
            "ambiguous": False, "conns": [conn], **more}


def judged(events, said):
    return kernel_truth.judge(kernel_truth.of_vector(kernel_truth.collect(events), said), said)


class KernelTruthTest(unittest.TestCase):
    EVENTS = [event("data", 14, b"abc"), event("data", 15, b"def"), event("end", 16, cause="fin")]

    def test_right(self):
        self.assertEqual(judged(self.EVENTS, vector(b"abcdef", reads=[[4, 3], [5, 3], [6, -1]])),
                         (True, True, True))

    def test_bytes_end_and_time(self):
        self.assertEqual(judged(self.EVENTS, vector(b"abcdeX")), (False, True, True))
        self.assertEqual(judged(self.EVENTS, vector(b"abcdef", "reset")), (True, False, True))
        self.assertEqual(judged(self.EVENTS, vector(b"abcdef", reads=[[3, 3]])), (True, True, False))

    def test_nothing_counts_behind_a_hole(self):
        events = [event("data", 14, b"abc"), event("gap", 15, cause="time"),
                  event("data", 15, b"def"), event("end", 16, cause="fin")]
        self.assertEqual(judged(events, vector(b"abc", "open")), (True, True, True))

    def test_ambiguous_may_be_an_alternative(self):
        said = vector(b"other", ambiguous=True, alternatives=[[content(b"abcdef")]])
        self.assertEqual(judged(self.EVENTS, said), (True, True, True))
        said["ambiguous"] = False
        self.assertFalse(judged(self.EVENTS, said)[0])

    def test_two_connections(self):
        events = [event("data", 12, b"one"), event("end", 12, cause="fin"),
                  event("data", 14, b"two", identity=2), event("end", 15, cause="finish", identity=2)]
        said = vector(b"one")
        said["conns"].append({"c2s": content(b"two"), "s2c": content(b""), "end": "open", "reads": []})
        self.assertEqual(judged(events, said), (True, True, True))

    def test_application_closed(self):
        said = vector(b"abc", "closed", ambiguous=True,
                      ambiguous_why="the application closed the socket itself")
        self.assertEqual(judged(self.EVENTS, said), (True, True, True))
        said["conns"][0]["c2s"] = content(b"abX")
        self.assertFalse(judged(self.EVENTS, said)[0])

    def test_never_established(self):
        said = vector(b"")
        said["conns"] = []
        self.assertEqual(judged([event("end", None, cause="finish")], said), (True, True, True))
        self.assertFalse(judged(self.EVENTS, said)[0])


class CommonTest(unittest.TestCase):
    def test_percent_is_never_rounded_up(self):
        self.assertEqual(percent(99999, 100000), "99.99 %")
        self.assertEqual(percent(0, 0), "-")

    def test_nothing_tried_reaches_nothing(self):
        self.assertFalse(Scores(["a"]).reaches("a", 0))

    def test_mapped(self):
        self.assertEqual(mapped("::ffff:192.0.2.1"), "192.0.2.1")


if __name__ == "__main__":
    unittest.main()
