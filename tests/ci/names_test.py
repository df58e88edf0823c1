# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/names.py on repositories that name what is there and what is not."""
import unittest

from support import RepositoryTest


class NamesTest(RepositoryTest):
    script = "names.py"

    def setUp(self):
        super().setUp()
        self.write("core/wasm/op.h", "// Beside decode_op.cc.\n")
        self.write("core/wasm/decode_op.cc", "")
        self.write("docs/page.md", "See `core/wasm/op.h`, wasm/op.h, [op](../core/wasm/op.h), core/wasm and core/.\n")

    def test_what_is_there_may_be_named_in_each_way(self):
        self.assert_accepts()

    def test_paths_from_the_root(self):
        self.write("docs/page.md", "One line.\nSee core/wasm/ops.h.\n")
        self.assert_refuses("docs/page.md:3", "core/wasm/ops.h")

    def test_folders(self):
        self.write("docs/page.md", "In `core/wams`.\n")
        self.assert_refuses("there is no core/wams")

    def test_ends_of_paths(self):
        for name in ("ops.h", "base/op.h", "decode_op.h"):
            with self.subTest(name):
                self.write("docs/page.md", f"See `{name}`.\n")
                self.assert_refuses(f"there is no {name}")

    def test_comments_of_sources_and_scripts(self):
        for path, comment in (("core/wasm/a.cc", "int x;  // as gone.h has it\n"), ("ci/a", "#!/bin/sh\n# gone.h\n"),
                              ("tests/CMakeLists.txt", "# gone.h\n"), ("core/wasm/a.def", "// gone.h\n")):
            with self.subTest(path):
                self.write(path, comment, spdx=False)
                self.assert_refuses(path, "there is no gone.h")
                self.write(path, "")

    def test_code_is_not_looked_at(self):
        self.write("core/wasm/a.cc", '#include "gone.h"\nconst char* path = "core/gone";\n')
        self.assert_accepts()

    def test_stars_and_capitals_stand_for_names(self):
        self.write("docs/page.md", "`core/wasm/decode_*.cc`, core/wasm/NAME.h, files that end in _op.cc.\n")
        self.assert_accepts()
        self.write("docs/page.md", "`core/wasm/encode_*.cc`\n")
        self.assert_refuses("encode_*.cc")
        self.write("docs/page.md", "core/NAME.h\n")
        self.assert_refuses("core/NAME.h")

    def test_paths_of_others_and_of_the_build_are_none_of_ours(self):
        self.write("docs/page.md", "/usr/include/gone.h <gone.h> build/release/tests/gone linux/audit.h ~/gone.h\n")
        self.assert_accepts()


if __name__ == "__main__":
    unittest.main()
