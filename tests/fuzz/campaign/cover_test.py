# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz cover`: the page with and without a build that counts, and what is read from llvm-cov's tracefile."""
import json
import os
import sys
import unittest
import xml.dom.minidom

from support import BUILD, ROOT, CampaignTest

sys.path.insert(0, os.path.join(ROOT, "fuzz"))
from cordon_fuzz import charts  # noqa: E402
from cordon_fuzz.reach import Reach, instructions  # noqa: E402

TRACE = """SF:/x/core/interp/numeric.cc
FN:3,_ZN6cordon6interp2on7i32_addILj0EEEvPv
FNDA:7,_ZN6cordon6interp2on7i32_addILj0EEEvPv
FNDA:0,_ZN6cordon6interp2on7i32_addILj1EEEvPv
FNDA:0,_ZN6cordon6interp2on7i32_subILj0EEEvPv
FNDA:2,_ZN6cordon3jit8baseline8Compiler7i32_addERKNS_4wasm9immediate4NoneE
FNDA:0,_ZN6cordon3jit4masm14MacroAssembler3negENS1_4SizeENS1_3RegE
FNDA:4,_ZN6cordon3jit4masm14MacroAssembler3subENS1_4SizeENS1_3RegE
DA:3,7
DA:4,0
end_of_record
"""


class CoverTest(CampaignTest):
    def page(self):
        with open(self.file("cover/index.html"), encoding="utf-8") as file:
            return file.read()

    def test_without_a_build_that_counts_there_are_charts_and_a_hint(self):
        self.fuzz("start", "--time", "2s", "--jobs", "1", TINY_SILENT="1")
        said = self.fuzz("cover", "--coverage", self.top)
        self.assertIn("cmake --preset coverage", said)
        self.assertEqual(self.page().count("<svg"), 4)

    def test_the_corpus_is_run_and_counted(self):
        self.fuzz("start", "--time", "2s", "--jobs", "1", TINY_SILENT="1")
        facts = json.loads(self.fuzz("cover", "--coverage", BUILD, "--json"))
        self.assertEqual(facts["failed"], {})
        self.assertIn("i32.add", str(instructions(ROOT)))
        self.assertTrue(os.path.exists(self.file("cover/html/index.html")))
        self.assertIn("Never reached", self.page())

    def test_an_input_that_ends_the_program_is_told_and_left_out(self):
        self.fuzz("start", "--time", "2s", "--jobs", "1", TINY_SILENT="1")
        self.write("corpus/tiny", "zz", data=b"EXIT")
        facts = json.loads(self.fuzz("cover", "--coverage", BUILD, "--json"))
        self.assertEqual(facts["failed"], {"tiny": [self.file("corpus/tiny/zz")]})

    def test_reach_is_by_instruction_and_engine(self):
        reach = Reach(TRACE)
        self.assertEqual(reach.of_engine("interpreter"), {"i32_add": 7, "i32_sub": 0})
        self.assertEqual(reach.of_engine("baseline"), {"i32_add": 2})
        self.assertEqual(reach.files["/x/core/interp/numeric.cc"], (1, 2))
        rows = dict(reach.opcodes(ROOT))
        self.assertEqual(rows["i32.add"], {"interpreter": 7, "baseline": 2})
        self.assertEqual(rows["i32.sub"], {"interpreter": 0, "baseline": None})

    def test_handlers_and_methods_that_were_never_called_are_told(self):
        self.assertEqual(Reach(TRACE).parts(), {"handlers": [("i32_add", 7), ("i32_sub", 0)],
                                                "macro assembler": [("neg", 0), ("sub", 4)]})

    def test_a_rule_is_reached_where_a_line_that_names_it_was(self):
        with open(os.path.join(ROOT, "core/verify/verify.cc"), encoding="utf-8") as file:
            number, line = next((n, text) for n, text in enumerate(file, 1) if "rule::" in text)
        rule = line.partition("rule::")[2].split(",")[0].split(")")[0].strip()
        path = os.path.join(ROOT, "core/verify/verify.cc")
        for count in (0, 3):
            trace = f"SF:{path}\nDA:{number},{count}\nend_of_record\n"
            self.assertEqual(dict(Reach(trace).rules(ROOT))[rule], count)

    def test_charts_are_well_formed_whatever_is_in_them(self):
        for series in ({}, {"a<b>&": [(0, 0)]}, {"x": [(0, 1), (1e5, 1e9)], "y": [(3, 0.5)]}):
            xml.dom.minidom.parseString(charts.chart("<title>", series).replace("<svg ", '<svg xmlns="x" '))


if __name__ == "__main__":
    unittest.main()
