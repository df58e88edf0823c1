# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/layers.py on repositories that break one rule each."""
import unittest

from support import RepositoryTest

TABLE = "# a comment\ncore/base: - | tl-expected\ncore/wasm: core/base\nsandbox/policy: core/base\n"
PAGE = "".join(f"| `{folder}` | what it is | `first.h` |\n" for folder in ("core/base", "core/wasm", "sandbox/policy"))


class LayersTest(RepositoryTest):
    script = "layers.py"

    def setUp(self):
        super().setUp()
        self.write("ci/layers.txt", TABLE, spdx=False)
        self.write("docs/architecture.md", PAGE, spdx=False)
        self.write("core/base/bytes.h", "int bytes();\n")
        self.write("core/wasm/cursor.cc", '#include "core/base/bytes.h"\n#include <vector>\n')

    def test_accepts_what_the_table_allows(self):
        self.assert_accepts()

    def test_refuses_an_include_upward(self):
        self.write("core/base/bytes.cc", '#include "core/wasm/cursor.h"\n')
        self.assert_refuses("core/base/bytes.cc:2", "must not include core/wasm")

    def test_refuses_an_include_that_odd_spaces_hide(self):
        self.write("core/base/bytes.cc", '  #  include   "core/wasm/cursor.h"\n')
        self.assert_refuses("core/base must not include core/wasm")

    def test_refuses_an_include_in_a_table(self):
        self.write("core/base/rows.def", '#include "sandbox/policy/policy.h"\n')
        self.assert_refuses("core/base/rows.def:2")

    def test_refuses_an_include_by_relative_path(self):
        self.write("core/wasm/decode.cc", '#include "../base/bytes.h"\n')
        self.assert_refuses("core/wasm/decode.cc:2", "in no folder")

    def test_refuses_a_folder_without_a_row(self):
        self.write("core/jit/compile.cc", "int compile();\n")
        self.assert_refuses("core/jit/compile.cc", "no row")

    def test_refuses_a_missing_licence_line(self):
        self.write("core/wasm/print.cc", "int print();\n", spdx=False)
        self.assert_refuses("core/wasm/print.cc:1", "SPDX")

    def test_refuses_a_licence_line_that_is_not_the_first(self):
        self.write("core/wasm/print.cc", "\n// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n", spdx=False)
        self.assert_refuses("core/wasm/print.cc:1")

    def test_refuses_a_cycle_in_the_table(self):
        self.write("ci/layers.txt", "core/base: core/wasm\ncore/wasm: core/base\n", spdx=False)
        self.assert_refuses("core/base reaches itself")

    def test_refuses_a_name_without_a_row(self):
        self.write("ci/layers.txt", TABLE + "core/interp: core/runtime\n", spdx=False)
        self.assert_refuses("core/interp allows core/runtime, which has no row")

    def test_refuses_a_folder_that_the_page_does_not_tell_of(self):
        self.write("docs/architecture.md", PAGE.replace("core/wasm", "core/was"), spdx=False)
        self.assert_refuses("no line for core/wasm", "core/was has no row")

    def test_refuses_two_rows_for_a_folder(self):
        self.write("ci/layers.txt", TABLE + "core/wasm: -\n", spdx=False)
        self.assert_refuses("second row")

    def test_refuses_a_checker_that_reaches_the_checked_by_a_third_folder(self):
        self.write("ci/layers.txt", TABLE + "core/asm: core/base\ncore/abi: core/asm\ncore/verify: core/abi\n",
                   spdx=False)
        self.assert_refuses("core/verify reaches core/asm")

    def test_refuses_a_compiler_inside_the_run_worker(self):
        self.write("ci/layers.txt", TABLE + "core/jit: core/base\ncore/jit/baseline: core/jit\n"
                   "sandbox/run_worker: core/jit/baseline\n", spdx=False)
        self.assert_refuses("sandbox/run_worker reaches core/jit")

    def test_refuses_a_machine_in_what_knows_none(self):
        self.write("ci/layers.txt", TABLE + "core/verify: core/base\n", spdx=False)
        self.write("docs/architecture.md", PAGE + "| `core/verify` | what it is | `first.h` |\n", spdx=False)
        self.write("core/verify/x64/reader.cc", '#include "core/verify/x64/decode.h"\n#include "core/verify/pass.h"\n')
        self.assert_accepts()
        self.write("core/verify/pass.cc", '#include "core/verify/x64/decode.h"\n')
        self.assert_refuses("core/verify/pass.cc:2", "core/verify knows no machine")

    def test_accepts_the_door_in_tests_and_closed_where_it_is_declared(self):
        self.write("ci/layers.txt", TABLE + "core/verify: core/base\n", spdx=False)
        self.write("docs/architecture.md", PAGE + "| `core/verify` | what it is | `first.h` |\n", spdx=False)
        self.write("core/verify/verified_code.h", "#ifdef CORDON_UNCHECKED_CODE\nfriend struct UncheckedCode;\n#endif\n")
        self.write("tests/kit/unchecked_code.h", "struct UncheckedCode {};\n")
        self.assert_accepts()

    def test_refuses_the_door_where_it_is_declared_open(self):
        self.write("ci/layers.txt", TABLE + "core/verify: core/base\n", spdx=False)
        self.write("docs/architecture.md", PAGE + "| `core/verify` | what it is | `first.h` |\n", spdx=False)
        self.write("core/verify/verified_code.h", "friend struct UncheckedCode;\n")
        self.assert_refuses("core/verify/verified_code.h:2", "only tests may name UncheckedCode")

    def test_refuses_the_door_outside_of_tests(self):
        for path, text in (("core/wasm/print.cc", "struct UncheckedCode {};\n"),
                           ("fuzz/targets/door.cc", "#define CORDON_UNCHECKED_CODE\n"),
                           ("sandbox/policy/door.cc", '#include "tests/kit/unchecked_code.h"\n'),
                           ("bench/CMakeLists.txt", "target_link_libraries(bench cordon_unchecked_code)\n")):
            self.write(path, text)
            self.assert_refuses(path, "only tests may name")
            self.remove(path)

    def test_refuses_a_verifier_that_is_too_large_to_be_trusted(self):
        self.write("ci/layers.txt", TABLE + "core/verify: core/base\n", spdx=False)
        self.write("docs/architecture.md", PAGE + "| `core/verify` | what it is | `first.h` |\n", spdx=False)
        self.write("core/verify/rules.def", "// a rule\n" * 500)
        self.write("core/verify/pass.cc", "int line;\n" * 1000)
        self.write("core/verify/x64/decode.cc", "int line;\n" * 1088)
        self.assert_accepts()
        self.write("core/verify/x64/decode.cc", "int line;\n" * 1089)
        self.assert_refuses("core/verify: 2091 lines")

    def test_refuses_an_empty_repository(self):
        self.write("ci/layers.txt", "", spdx=False)
        for path in ("core/base/bytes.h", "core/wasm/cursor.cc"):
            self.remove(path)
        self.assert_refuses("no source file found")

    def remove(self, path):
        import os
        os.remove(os.path.join(self.root, path))


if __name__ == "__main__":
    unittest.main()
