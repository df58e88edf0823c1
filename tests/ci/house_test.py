# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/house.py on a small repository that is within every bound, and beyond one at a time."""
import unittest

from support import RepositoryTest

HEADER = "core/wasm/op.h"
SOURCE = "core/wasm/op.cc"


def function(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


def class_of(fields=0, methods=0, kind="class"):
    return (f"// A class.\n{kind} C {{\n public:\n" + "".join(f"  int m{i}();  // does it\n" for i in range(methods)) +
            "".join(f"  int f{i}_ = 0;\n" for i in range(fields)) + "};\n")


class HouseTest(RepositoryTest):
    script = "house.py"

    def setUp(self):
        super().setUp()
        self.write("ci/layers.txt", "core/base: -\ncore/wasm: core/base\ncore/jit: core/wasm\n", spdx=False)
        self.write("core/base/check.h", "// Nothing.\n")

    def assert_found(self, figure):
        self.assert_refuses(f"house: {figure}")

    def test_within_the_bounds(self):
        self.write(SOURCE, function(60) + function(20) * 24)
        self.write(HEADER, class_of(fields=15, methods=40))
        self.assert_accepts()

    def test_a_long_function(self):
        self.write(SOURCE, function(61))
        self.assert_found("longest function: 61")

    def test_a_long_method_in_a_namespace(self):
        self.write(HEADER, "namespace n {\n// A class.\nclass C {\n" + function(61) + "};\n}\n")
        self.assert_found("longest function: 61")

    def test_many_functions_of_50_lines(self):
        self.write(SOURCE, function(50) * 4)
        self.assert_found("95th percentile of 4 functions: 50")

    def test_a_long_file(self):
        self.write(SOURCE, "\n" * 600)
        self.assert_found("largest file: 601")

    def test_fields(self):
        self.write(HEADER, class_of(fields=16))
        self.assert_found("fields of the largest class that LARGE does not list: 16")

    def test_fields_of_one_statement(self):
        self.write(HEADER, class_of(fields=13).replace("};\n", "  std::map<int, int> a_, b_ = {1, 2}, c_;\n};\n"))
        self.assert_found("fields of the largest class that LARGE does not list: 16")

    def test_methods(self):
        self.write(HEADER, class_of(methods=41))
        self.assert_found("methods of the largest class that LARGE does not list: 41")

    def test_overloads_are_one_method(self):
        self.write(HEADER, class_of(methods=40).replace("};\n", "  int m1(int x) { return x + 1; }  // does it\n};\n"))
        self.assert_accepts()

    def test_a_record_has_no_bound(self):
        self.write(HEADER, class_of(fields=30, kind="struct"))
        self.assert_accepts()
        self.write(HEADER, class_of(fields=30, methods=1, kind="struct"))
        self.assert_found("fields of the largest class")

    def test_constants_and_types_are_no_fields(self):
        self.write(HEADER, class_of(fields=15).replace(
            "};\n", "  static constexpr int kX = 1;\n  using A = int;\n  friend class D;\n};\n"))
        self.assert_accepts()

    def test_a_listed_class(self):
        listed = "core/verify/pass.h"
        self.write("ci/layers.txt", "core/base: -\ncore/verify: core/base\n", spdx=False)
        for fields, accepted in ((22, True), (20, True), (23, False), (3, False)):
            with self.subTest(fields):
                self.write(listed, class_of(fields=fields, methods=2).replace("class C", "class Pass"))
                if accepted:
                    self.assert_accepts()
                else:
                    self.assert_found("classes of LARGE that have grown or are small now: 1")

    def test_a_factor_eight(self):
        for text, found in (("8 * n", True), ("n * 8u", True), ("18 * n", False), ("n * 80", False), ("8.0 * n", False)):
            with self.subTest(text):
                self.write("core/jit/frame.cc", f"int f(int n) {{ return {text}; }}\n")
                if found:
                    self.assert_found("factors 8 outside of slot.h: 1")
                else:
                    self.assert_accepts()

    def test_an_include_out_of_its_layer(self):
        self.write("core/base/check.cc", '#include "core/wasm/op.h"\n')
        self.assert_found("includes out of their layer: 1")

    def test_a_word_of_a_machine(self):
        self.write(SOURCE, "int rax;\n")
        self.assert_found("words of a machine above its folders: 1")

    def test_touches(self):
        for i in range(5):
            self.write(f"core/wasm/file{i}.cc", "void i32_rotl();\n")
        self.assert_found("touches of i32.rotl: 5")

    def test_contracts(self):
        self.write(HEADER, "int f();\n\nint g();\n")
        self.assert_found("public declarations without a contract: 50")


if __name__ == "__main__":
    unittest.main()
