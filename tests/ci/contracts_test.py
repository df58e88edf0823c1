# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/contracts.py on headers whose declarations have contracts and have none."""
import re
import unittest

from support import RepositoryTest

PATH = "core/wasm/op.h"


class ContractsTest(RepositoryTest):
    script = "contracts.py"

    def counts(self, text, path=PATH):
        """(declarations, those without a contract) of a header."""
        self.write(path, "\n" + text)
        done = self.run_script("--list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = re.search(r"(\d+) declarations, (\d+) without", done.stdout)
        return int(found[1]), int(found[2])

    def assert_missing(self, count, text):
        self.assertEqual(self.counts(text)[1], count, text)

    def test_what_is_counted(self):
        for text in ("int f();", "inline int f() {\n  return 1;\n}", "const char* f(const char* text, int size);",
                     "constexpr bool f(int (*g)(int)) { return g != nullptr; }",
                     "template <class T>\nT f(T a, int b = g());",
                     "class C {\n  int x_;\n};", "struct S {};", "enum class E { A };",
                     "namespace n {\nint f();\n}", 'extern "C" {\nvoid f();\n}'):
            with self.subTest(text):
                self.assertEqual(self.counts(text), (1, 1))

    def test_what_is_not_counted(self):
        for text in ("class C;", "using A = int;", "typedef int (*F)(int);", "int x = 1;", "extern int x;",
                     "inline constexpr int kX[] = {1, 2};", "auto text = \"int f();\";", "// int f();",
                     "#define F(x) int x();\n", "static_assert(sizeof(int) == 4);",
                     "template <>\nstruct S<int> {\n  int f();\n};",
                     "int C::f() { return 1; }"):
            with self.subTest(text):
                self.assertEqual(self.counts(text), (0, 0))

    def test_members(self):
        head = "// A class.\nclass C : public B {\n public:\n"
        for count, text in ((1, "  C();"), (1, "  ~C();"), (1, "  C(C&& c) noexcept : x_{c.x_} {}"),
                            (1, "  int f() const;"), (1, "  bool operator==(int x) const;"),
                            (1, "  int size() const { return x_ + 1; }"), (0, "  int x() const { return x_; }"),
                            (0, "  C() = default;"), (0, "  C(const C&) = delete;"), (0, "  friend int f(C c);"),
                            (0, "  int f() override;"), (0, "  int f() final { return 1; }"),
                            (0, " private:\n  int f();"), (1, " private:\n  int f();\n public:\n  int g();")):
            with self.subTest(text):
                self.assert_missing(count, head + text + "\n\n private:\n  void h();\n  int x_ = 0;\n};\n")

    def test_members_of_a_class_are_private_and_of_a_struct_public(self):
        self.assert_missing(0, "// A class.\nclass C {\n  int f();\n};\n")
        self.assert_missing(1, "// A struct.\nstruct S {\n  int f();\n};\n")

    def test_where_a_contract_stands(self):
        for count, text in ((0, "// Says it.\nint f();\n"), (0, "// Says it.\ntemplate <class T>\nT f();\n"),
                            (0, "int f();  // says it\n"), (0, "int f(int a,  // says it\n      int b);\n"),
                            (1, "// Says it.\n\nint f();\n"), (1, "int f();\n// Says it.\n"),
                            (0, "// Both.\nint f();\nint g();\n"), (1, "// One.\nint f();\n\nint g();\n")):
            with self.subTest(text):
                self.assert_missing(count, text)

    def test_a_group_goes_on_after_a_body_but_not_out_of_a_class(self):
        self.assert_missing(0, "// Both.\nint f() {\n  return 1;\n}\nint g();\n")
        self.assert_missing(1, "int f();  // one\nint g();\n")
        self.assert_missing(2, "int f() {\n  // Why.\n  return 1;\n}\nint g();\n")
        self.assert_missing(1, "// A struct.\nstruct S {\n  int f();\n};\n")
        self.assert_missing(0, "// Two structs.\nstruct S {\n  int x;\n};\nstruct T {};\n")

    def test_a_definition_after_its_declaration_counts_once(self):
        self.assertEqual(self.counts("// Says it.\nint f(int x = 1);\n\nint f(int x) {\n  return x;\n}\n"), (1, 0))

    def test_only_headers_of_the_product(self):
        self.write("core/wasm/op.cc", "int f();\n")
        self.write("tests/kit/world.h", "int f();\n")
        self.assertEqual(self.counts("// Says it.\nint f();\n"), (1, 0))

    def test_the_bound(self):
        self.write(PATH, "\n// Says it.\nint f();\n\nint g();\n")
        self.assert_accepts("--most", "50")
        done = self.run_script("--most", "49")
        self.assertEqual(done.returncode, 1)
        self.assertIn("50.0 %", done.stderr)
        self.assertIn(f"   1 {PATH}", done.stdout)


if __name__ == "__main__":
    unittest.main()
