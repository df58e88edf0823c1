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

    def test_pages(self):
        self.write("docs/a.md", "Of the first.\n")
        self.assert_refuses("docs/a.md:2")

    def test_code_is_the_compilers(self):
        self.write("core/a.cc", 'const char* text = "we can not";\n')
        self.assert_accepts()


if __name__ == "__main__":
    unittest.main()
