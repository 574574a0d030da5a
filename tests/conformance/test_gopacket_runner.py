#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What gopacket_vectors.py takes for the same, on results written by hand."""

import copy
import os
import unittest

import gopacket_vectors as runner

RULES = {"mark-of-the-bytes": ["t_first"], "far": ["onward"]}
DATA = {"ev": "data", "stream": 0, "dir": "c2s", "data": "6162", "t_first": 5}
STEP = {"events": [DATA], "pages": 0, "conns": 1}


def vector(**more):
    return {"steps": [{"op": "packet"}, {"op": "packet"}], "results": [STEP, STEP], **more}


def changed(field, value, rule=None):
    step = copy.deepcopy(STEP)
    step["events"][0][field] = value
    if rule:
        step["events"][0]["rule"] = rule
    return step


def noted(step, rule):
    return dict(step, events=[{"ev": "rule", "rule": rule}] + step["events"])


class CompareTest(unittest.TestCase):
    def test_the_same(self):
        self.assertEqual(runner.compare(vector(), [STEP, STEP], RULES), (None, set()))

    def test_another_byte_differs(self):
        self.assertEqual(runner.compare(vector(), [STEP, changed("data", "6163")], RULES)[0], 1)

    def test_another_count_differs(self):
        self.assertEqual(runner.compare(vector(), [dict(STEP, pages=1), STEP], RULES)[0], 0)

    def test_a_missing_event_differs(self):
        self.assertEqual(runner.compare(vector(), [STEP, dict(STEP, events=[])], RULES)[0], 1)

    def test_a_rule_excuses_its_fields(self):
        got = [STEP, changed("t_first", 6, "mark-of-the-bytes")]
        self.assertEqual(runner.compare(vector(), got, RULES), (None, {"mark-of-the-bytes"}))

    def test_a_rule_excuses_no_other_field(self):
        got = [STEP, changed("data", "6163", "mark-of-the-bytes")]
        self.assertEqual(runner.compare(vector(), got, RULES)[0], 1)

    def test_onward_excuses_what_follows(self):
        got = [noted(STEP, "far"), changed("data", "6163")]
        self.assertEqual(runner.compare(vector(), got, RULES), (None, {"far"}))

    def test_onward_excuses_nothing_before(self):
        got = [changed("data", "6163"), noted(STEP, "far")]
        self.assertEqual(runner.compare(vector(), got, RULES)[0], 0)

    def test_a_rule_that_changed_nothing_is_not_counted(self):
        self.assertEqual(runner.compare(vector(), [STEP, noted(STEP, "far")], RULES), (None, set()))

    def test_an_unknown_rule_differs(self):
        self.assertEqual(runner.compare(vector(), [noted(STEP, "other"), STEP], RULES)[0], 0)

    def test_fixed_is_expected_of_a_defect(self):
        fixed = [changed("data", "6163"), STEP]
        case = vector(gopacket_defect=["x"], fixed=fixed)
        self.assertEqual(runner.compare(case, fixed, RULES)[0], None)
        self.assertEqual(runner.compare(case, [STEP, STEP], RULES)[0], 0)

    def test_the_file_of_rules(self):
        rules = runner.rules_of(os.path.join(runner.HERE, "gopacket", "deviations.txt"))
        self.assertEqual(rules["clock-never-back"], ["onward"])
        self.assertIn("t_first", rules["mark-of-the-bytes"])
        self.assertEqual(len(rules), 8)


if __name__ == "__main__":
    unittest.main()
