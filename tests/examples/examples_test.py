# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples, each compiled by the command in its own first lines, run as these lines say.
usage: examples_test.py SOURCE_DIR CORDON EXAMPLE_EMBED"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE, CORDON, EMBED = sys.argv[1:4]


def compile_example(name, directory):
    with open(os.path.join(SOURCE, "examples", name + ".c"), encoding="utf-8") as file:
        command = re.search(r"^//\s+(clang-19 .*) -o (\S+)$", file.read(), re.MULTILINE)
    target = os.path.join(directory, command[2])
    subprocess.run([*command[1].split(), "-Wall", "-Wextra", "-Werror", "-o", target], cwd=SOURCE, check=True)
    return target


class ExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.modules = {n: compile_example(n, cls.directory.name) for n in ("hello", "notes", "plugin")}

    def run_program(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def cordon(self, *arguments):
        return self.run_program(CORDON, *arguments)

    def embed(self, *arguments):
        return self.run_program(EMBED, self.modules["plugin"], *arguments)

    def test_hello_greets_and_sees_no_file(self):
        done = self.cordon(self.modules["hello"], "world")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Hello, world!", done.stdout)
        self.assertEqual(len(done.stdout.splitlines()), 5)
        self.assertNotRegex(done.stdout, r" open$")

    def test_notes_writes_where_rw_was_granted_and_reads_elsewhere(self):
        with tempfile.TemporaryDirectory() as data:
            added = self.cordon("--dir", f"{data}::/data::rw", self.modules["notes"], "add", "buy milk")
            self.assertEqual(added.returncode, 0, added.stderr)
            listed = self.cordon("--dir", f"{data}::/data", self.modules["notes"], "list")
            self.assertEqual(listed.stdout, "  1  buy milk\n")
            refused = self.cordon("--dir", f"{data}::/data", self.modules["notes"], "add", "no")
            self.assertEqual(refused.returncode, 1)
            with open(os.path.join(data, "notes.txt"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "buy milk\n")

    def test_embed_calls_the_plugin(self):
        done = self.embed("longest", "100")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^plugin: the plugin counts\nfuel used: \d+\n118\n$")

    def test_embed_holds_a_plugin_that_never_ends(self):
        done = self.embed("longest", "4294967295")
        self.assertEqual(done.returncode, 134)
        self.assertIn("fuel", done.stderr)

    def test_embed_holds_a_plugin_that_lies_about_an_address(self):
        done = self.embed("lie")
        self.assertEqual(done.returncode, 134)
        self.assertIn("out of bounds memory access", done.stderr)
        self.assertNotIn("plugin:", done.stdout)

    def test_embed_says_what_is_wrong(self):
        self.assertIn("nothing", self.embed("nothing").stderr)
        self.assertEqual(self.run_program(EMBED, "/nonexistent.wasm", "f").returncode, 1)
        self.assertEqual(self.embed("longest", "many").returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
