# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The shell scripts of ci/: what they say to a wrong argument, and that they change nothing where nothing is missing."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support import ROOT


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, **more)


class ScriptsTest(unittest.TestCase):
    def test_help_succeeds_and_a_wrong_option_is_a_usage_error(self):
        for script in ("install", "quickstart", "test", "format", "tidy", "fetch-python", "package", "package-test"):
            with self.subTest(script):
                done = run(f"ci/{script}", "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"ci/{script}", done.stdout)
                self.assertEqual(run(f"ci/{script}", "--no-such-option").returncode, 2)

    def test_a_preset_that_does_not_exist_is_named(self):
        done = run("ci/test", "no-such-preset")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no-such-preset", done.stderr)

    def test_the_presets_of_the_help_exist(self):
        with open(os.path.join(ROOT, "CMakePresets.json"), encoding="utf-8") as file:
            presets = file.read()
        listed = re.search(r"PRESET\s+(.*)$", run("ci/test", "-h").stdout, re.MULTILINE)[1]
        for name in re.sub(r"\(.*?\)", "", listed).replace(" ", "").split(","):
            self.assertIn(f'{{"name": "{name}", "configurePreset"', presets)

    def test_install_without_apt_names_what_is_missing(self):
        with tempfile.TemporaryDirectory() as directory:
            for tool in ("bash", "env", "id"):
                os.symlink(shutil.which(tool), os.path.join(directory, tool))
            done = run("ci/install", env={"PATH": directory})
            self.assertEqual(done.returncode, 1)
            self.assertIn("clang-19", done.stderr)
            self.assertIn("no apt-get", done.stderr)

    def test_install_without_rights_says_so(self):
        with tempfile.TemporaryDirectory() as directory:
            for tool in ("bash", "env"):
                os.symlink(shutil.which(tool), os.path.join(directory, tool))
            for tool, does in (("id", "echo 1000"), ("apt-get", "exit 9")):
                path = os.path.join(directory, tool)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"#!{shutil.which('sh')}\n{does}\n")
                os.chmod(path, 0o755)
            done = run("ci/install", env={"PATH": directory})
            self.assertEqual(done.returncode, 1)
            self.assertIn("run as root", done.stderr)

    def test_fetch_python_keeps_no_file_with_another_checksum(self):
        with tempfile.TemporaryDirectory() as directory:
            os.makedirs(os.path.join(directory, "ci"))
            os.makedirs(os.path.join(directory, "bin"))
            shutil.copy(os.path.join(ROOT, "ci/fetch-python"), os.path.join(directory, "ci/fetch-python"))
            # An npm that packs something else.
            npm = os.path.join(directory, "bin/npm")
            with open(npm, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\ncd \"$4\" && mkdir -p package/dist && echo evil >package/dist/python.wasm &&"
                           " tar -czf p.tgz package\n")
            os.chmod(npm, 0o755)
            path = os.path.join(directory, "bin") + ":" + os.environ["PATH"]
            done = subprocess.run([os.path.join(directory, "ci/fetch-python")], capture_output=True, text=True,
                                  env={**os.environ, "PATH": path}, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is not the one with SHA-256", done.stderr)
            self.assertFalse(os.path.exists(os.path.join(directory, "build/guests/python.wasm")))


if __name__ == "__main__":
    unittest.main()
