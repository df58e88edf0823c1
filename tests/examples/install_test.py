# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What cmake --install puts somewhere runs from there, and from a copy of it elsewhere.
usage: install_test.py SOURCE_DIR BUILD_DIR CMAKE"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, CMAKE = sys.argv[1:4]


class InstallTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        # An ordinary user in a jail must be able to reach the worker's program.
        os.chmod(self.directory, 0o755)
        self.prefix = os.path.join(self.directory, "prefix")
        subprocess.run([CMAKE, "--install", BUILD, "--prefix", self.prefix], check=True, capture_output=True)
        self.hello = os.path.join(self.directory, "hello.wasm")
        subprocess.run(["clang-19", "--target=wasm32-wasi", "-O2", "bench/workloads/hello.c", "-o", self.hello],
                       cwd=SOURCE, check=True)

    def run_hello(self, prefix):
        return subprocess.run([os.path.join(prefix, "bin/cordon"), self.hello], capture_output=True, text=True,
                              timeout=60)

    def test_runs_from_its_prefix(self):
        done = self.run_hello(self.prefix)
        self.assertEqual((done.returncode, done.stdout), (0, "hello\n"), done.stderr)

    def test_runs_from_elsewhere(self):
        moved = os.path.join(self.directory, "moved")
        shutil.move(self.prefix, moved)
        done = self.run_hello(moved)
        self.assertEqual((done.returncode, done.stdout), (0, "hello\n"), done.stderr)

    def test_installs_nothing_but_the_product(self):
        found = {os.path.relpath(os.path.join(where, name), self.prefix)
                 for where, _, names in os.walk(self.prefix) for name in names}
        programs = {path for path in found if not path.startswith(("share/doc/", "share/man/man1/cordon"))}
        self.assertIn("share/man/man1/cordon-run.1", found)
        self.assertEqual(programs, {"bin/cordon", "share/bash-completion/completions/cordon",
                                    "share/zsh/site-functions/_cordon",
                                    "share/fish/vendor_completions.d/cordon.fish", "libexec/cordon/cordon-run-worker",
                                    "libexec/cordon/cordon-compile-worker",
                                    "libexec/cordon/cordon-path-broker", "libexec/cordon/cordon-trace-worker"})
        self.assertIn("LICENSE", {os.path.basename(path) for path in found})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
