# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/invariants.py on repositories where one of the three places is missing."""
import unittest

from support import RepositoryTest

PAGE = """# Invariants

## [P1] Every message is hostile

Text.

## [E1] Emission is checked

Not yet: waits for core/asm.
"""
SECURITY = ("Before.\n<!-- places: written by ci/invariants.py --write -->\n"
            "<!-- end of places -->\nAfter.\n")


class InvariantsTest(RepositoryTest):
    script = "invariants.py"

    def setUp(self):
        super().setUp()
        self.write("docs/invariants.md", PAGE, spdx=False)
        self.write("SECURITY.md", SECURITY, spdx=False)
        self.write("sandbox/protocol/codec.cc", "// [P1] the length first\nint codec();\n")
        self.write("tests/sandbox/protocol/codec_test.cc", "TEST(Codec, X) {}  // [P1]\n")
        self.run_script("--write")

    def test_accepts_a_tag_in_all_three_places(self):
        self.assert_accepts()
        self.assertIn("| P1 | Every message is hostile | `sandbox/protocol/codec.cc` |", self.read("SECURITY.md"))
        self.assertTrue(self.read("SECURITY.md").startswith("Before.\n"))
        self.assertTrue(self.read("SECURITY.md").endswith("\nAfter.\n"))

    def test_refuses_a_tag_without_a_check(self):
        self.write("sandbox/protocol/codec.cc", "int codec();\n")
        self.assert_refuses("[P1]", "no check")

    def test_a_promise_in_a_header_is_no_check(self):
        self.write("sandbox/protocol/codec.cc", "int codec();\n")
        self.write("sandbox/protocol/codec.h", "// [P1] holds\n")
        self.assert_refuses("[P1]", "no check")

    def test_an_array_index_is_no_tag(self):
        self.write("sandbox/protocol/codec.cc", "int codec() { return table[P1]; }\n")
        self.assert_refuses("[P1]", "no check")

    def test_refuses_a_tag_without_a_test(self):
        self.write("tests/sandbox/protocol/codec_test.cc", "TEST(Codec, X) {}\n")
        self.assert_refuses("[P1]", "no test")

    def test_refuses_a_tag_that_the_page_does_not_know(self):
        self.write("core/wasm/cursor.cc", "// [Q7] bounds\n")
        self.assert_refuses("core/wasm/cursor.cc: [Q7] is not in docs/invariants.md")

    def test_refuses_a_tag_that_only_a_test_knows(self):
        self.write("tests/core/x_test.cc", "// [Q8]\n")
        self.assert_refuses("[Q8] is not in docs/invariants.md")

    def test_refuses_a_missing_part_that_has_appeared(self):
        self.write("core/base/x.cc", "// [E1] checked here\n")
        self.assert_refuses("[E1] is called missing, but stands in core/base/x.cc")

    def test_refuses_to_wait_for_what_exists(self):
        self.write("core/asm/buffer.cc", "int buffer();\n")
        self.assert_refuses("[E1] waits for core/asm, which exists")

    def test_refuses_a_marker_in_other_words(self):
        self.write("docs/invariants.md", PAGE.replace("waits for core/asm.", "soon"), spdx=False)
        self.assert_refuses("not of the form")

    def test_refuses_a_table_that_is_out_of_date(self):
        self.write("sandbox/supervisor/session.cc", "// [P1] the order\n")
        self.assert_refuses("SECURITY.md", "out of date")
        self.assert_accepts("--write")
        self.assert_accepts()

    def test_refuses_a_page_without_invariants(self):
        self.write("docs/invariants.md", "# nothing\n", spdx=False)
        self.assert_refuses("no section")


if __name__ == "__main__":
    unittest.main()
