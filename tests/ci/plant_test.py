# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tests/planted/plant.py: what a row of its table makes of a source, and the rows that it must refuse."""
import os
import subprocess
import sys
import tempfile
import unittest

from support import ROOT

PLANT = os.path.join(ROOT, "tests/planted/plant.py")
ROW = "bug {0}\nharm Everywhere\nrules some_rule\ntext it is wrong\nfile a.cc\nbefore {1}\nafter {2}\n"
ON = "::cordon::planted::on"


class PlantTest(unittest.TestCase):
    def plant(self, source, *rows):
        with tempfile.TemporaryDirectory() as directory:
            table = os.path.join(directory, "bugs.def")
            for name, text in (("bugs.def", "".join(ROW.format(*row) for row in rows)), ("a.cc", source)):
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
            out = os.path.join(directory, "out")
            done = subprocess.run(
                [sys.executable, PLANT, table, directory, out], capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                return done.stderr
            with open(os.path.join(out, "a.cc"), encoding="utf-8") as file:
                return file.read().partition("\n")[2]

    def test_an_expression_becomes_a_choice(self):
        self.assertEqual(self.plant("f(a +\n  b);", ("x", "f(«a + b»)", "a")), f"f(({ON}(1) ? (a) : (a +\n  b)));")

    def test_an_initializer_in_braces_is_an_expression(self):
        self.assertIn(f"({ON}(1) ? (0) : (int{{a}}))", self.plant("f(int{a});", ("x", "f(«int{a}»)", "0")))

    def test_statements_become_branches_and_may_become_nothing(self):
        self.assertEqual(self.plant("f(); g();", ("x", "«f(); g();»", "")), f"if ({ON}(1)) {{  }} else {{ f(); g(); }}")

    def test_where_nothing_is_replaced_something_is_added(self):
        self.assertEqual(self.plant("{ g(); }", ("x", "{«» g();", "f();")), f"{{  if ({ON}(1)) {{ f(); }}g(); }}")

    def test_bugs_may_share_a_place_and_lie_within_each_other(self):
        text = self.plant("f(a);", ("x", "f(«a»)", "b"), ("y", "f(«a»)", "c"), ("z", "«f(a);»", ""))
        self.assertEqual(
            text, f"if ({ON}(3)) {{  }} else {{ f(({ON}(2) ? (c) : (({ON}(1) ? (b) : (a))))); }}"
        )

    def test_only_a_row_with_harm_and_rules_is_listed_for_the_verifier(self):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in (
                ("bugs.def", "bug x\narea a\ntarget t\ntext wrong\nfile a.cc\nbefore «f»();\nafter g\n"
                 + ROW.format("y", "«h»();", "i")),
                ("a.cc", "f(); h();"),
            ):
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
            table = os.path.join(directory, "bugs.def")
            subprocess.run([sys.executable, PLANT, table, directory, directory + "/out"], check=True)
            with open(directory + "/out/planted_bugs.inc", encoding="utf-8") as file:
                self.assertEqual(file.read(), 'BUG(2, y, Everywhere, "some_rule", "it is wrong")\n')

    def test_what_does_not_match_once_is_refused_by_name(self):
        self.assertIn("lost: found 0 times in a.cc", self.plant("f(a);", ("lost", "g(«a»)", "b")))
        self.assertIn("torn: found 2 times in a.cc", self.plant("f(a); f(a);", ("torn", "f(«a»)", "b")))
        self.assertIn("bare: `before` has no", self.plant("f(a);", ("bare", "f(a)", "b")))
        self.assertIn("stands twice", self.plant("f(a);", ("x", "«f(a);»", ""), ("x", "«f(a);»", "")))
        self.assertIn("overlaps", self.plant("f(a);", ("x", "«f(a»", "b"), ("y", "«a);»", "")))


if __name__ == "__main__":
    unittest.main()
