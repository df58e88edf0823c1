# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/english.py on comments and pages that cost a reader time, and on code, which it leaves alone."""
import unittest

from support import RepositoryTest


class EnglishTest(RepositoryTest):
    script = "english.py"

    def test_plain_sentences(self):
        self.write("core/a.h", "// The slots of a call.\nint x;  // bytes of one\n")
        self.write("docs/a.md", "One of them cannot.\n")
        self.assert_accepts()

    def test_fragments_and_old_words(self):
        for comment in ("// Of a call.", "int x;  // Of `y`.", "// Slots. Of a call.", "// It can not.", "// Foretold."):
            with self.subTest(comment):
                self.write("core/a.cc", f"int a;\n{comment}\n")
                self.assert_refuses("core/a.cc:3")

    def test_turns_of_phrase(self):
        for comment in ("The byte behind it.", "Whoever calls it.", "A row stands for a call.", "It stood at the end.",
                        "The guest asks for it.", "The worker is told.", "It tells the caller.", "All but for one.",
                        "Kept for want of room.", "A zero in the place of an index.", "In one's own process."):
            with self.subTest(comment):
                self.write("core/a.h", f"// {comment}\n")
                self.assert_refuses("core/a.h:2")

    def test_what_is_quoted_is_no_sentence_of_ours(self):
        self.write("core/a.h", '// The text "the byte behind it" and `stands_for`.\n')
        self.write("docs/score.md", "| `bug` | bytes behind the last field |\n")
        self.assert_accepts()

    def test_pages_of_the_root(self):
        self.write("README.md", "For whoever reads.\n")
        self.assert_refuses("README.md:2")

    def test_pages(self):
        self.write("docs/a.md", "Of the first.\n")
        self.assert_refuses("docs/a.md:2")

    def test_code_is_the_compilers(self):
        self.write("core/a.cc", 'const char* text = "we can not";\n')
        self.assert_accepts()


if __name__ == "__main__":
    unittest.main()
