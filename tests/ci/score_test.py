# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tests/score/bugs.def: every row still matches the sources, and says where it belongs."""
import collections
import os
import re
import sys
import tempfile
import unittest

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "tests/planted"))
import plant  # noqa: E402

TABLE = os.path.join(ROOT, "tests/score/bugs.def")
# The least number of bugs that a score is worth something by.
AREAS = {
    "interpreter": 18,
    "semantics": 12,
    "decoder": 12,
    "validator": 18,
    "runtime": 20,
    "engine": 6,
    "wasi": 14,
    "paths": 8,
    "protocol": 8,
    "supervisor": 6,
    "policy": 4,
    "baseline": 25,
    "masm": 12,
    "assembler": 6,
    "blob": 6,
    "verifier": 20,
    "switching": 20,
}
TARGETS = """tiers switching reference validate accepted blob verifier paths wasi protocol policy assembler report""".split()


class ScoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bugs = plant.read_table(TABLE)

    def test_each_row_is_planted(self):
        with tempfile.TemporaryDirectory() as out:
            plant.plant(self.bugs, ROOT, out)
            for number, bug in enumerate(self.bugs, 1):
                switch = re.compile(rf"planted::on\({number}\)")
                found = 0
                for file in {file for file, _, _ in bug.places}:
                    with open(os.path.join(out, file), encoding="utf-8") as copy:
                        found += len(switch.findall(copy.read()))
                self.assertEqual(found, len(bug.places), bug.name)

    def test_each_row_says_where_it_belongs(self):
        for bug in self.bugs:
            self.assertEqual(sorted(bug.values), ["area", "target", "text"], bug.name)
            self.assertIn(bug.values["area"], AREAS, bug.name)
            self.assertIn(bug.values["target"], TARGETS, bug.name)
            self.assertTrue(bug.places, bug.name)

    def test_no_area_is_left_out(self):
        counts = collections.Counter(bug.values["area"] for bug in self.bugs)
        for area, least in AREAS.items():
            self.assertGreaterEqual(counts[area], least, area)

    def test_no_table_is_planted(self):
        for file in plant.files_of(self.bugs):
            self.assertIn(os.path.splitext(file)[1], (".h", ".cc"))


if __name__ == "__main__":
    unittest.main()
