# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A repository of a few files in a temporary directory, and the scripts of ci/ run on it."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPDX = "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"


class RepositoryTest(unittest.TestCase):
    script = None  # of ci/, named by each test class

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.root = self.directory.name

    def write(self, path, text, spdx=True):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write((SPDX if spdx else "") + text)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def run_script(self, *arguments):
        command = [sys.executable, "-B", os.path.join(ROOT, "ci", self.script), *arguments, self.root]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def assert_accepts(self, *arguments):
        done = self.run_script(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def assert_refuses(self, *words):
        done = self.run_script()
        self.assertEqual(done.returncode, 1, done.stdout)
        for word in words:
            self.assertIn(word, done.stderr)
