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
        for script in ("install", "quickstart", "test", "format", "tidy", "fetch-python", "fetch-spec", "fetch-wasmparser", "package", "package-test"):
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

    def copy_of_fetch_spec(self, directory, cargo):
        """A repository with ci/fetch-spec alone, and how to run it where `cargo` is a script of these lines."""
        shutil.copytree(os.path.join(ROOT, "ci/spec-scripts"), os.path.join(directory, "ci/spec-scripts"),
                        ignore=shutil.ignore_patterns("target"))
        shutil.copy(os.path.join(ROOT, "ci/fetch-spec"), os.path.join(directory, "ci/fetch-spec"))
        os.makedirs(os.path.join(directory, "bin"))
        with open(os.path.join(directory, "bin/cargo"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + cargo)
        os.chmod(os.path.join(directory, "bin/cargo"), 0o755)
        path = os.path.join(directory, "bin") + ":" + os.environ["PATH"]
        return lambda: subprocess.run([os.path.join(directory, "ci/fetch-spec")], capture_output=True, text=True,
                                      env={**os.environ, "PATH": path}, timeout=60)

    def test_fetch_spec_leaves_nothing_of_a_suite_that_was_not_made(self):
        with tempfile.TemporaryDirectory() as directory:
            fetch = self.copy_of_fetch_spec(directory, "exit 101\n")
            done = fetch()
            self.assertEqual(done.returncode, 1)
            self.assertIn("takes Rust", done.stderr)
            # A converter that stops in the middle.
            with open(os.path.join(directory, "bin/cargo"), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\nmkdir -p $1/release\n"
                           "printf '#!/bin/sh\\nmkdir $1/2.0; exit 1\\n' >$1/release/spec-scripts\n"
                           "chmod +x $1/release/spec-scripts\n")
            self.assertEqual(fetch().returncode, 1)
            self.assertEqual(os.listdir(os.path.join(directory, "build")), [])

    def test_fetch_spec_makes_the_suite_once_and_again_for_other_sources(self):
        with tempfile.TemporaryDirectory() as directory:
            fetch = self.copy_of_fetch_spec(
                directory, "while [ $# -gt 1 ]; do shift; done\nmkdir -p $1/release\n"
                "echo called >>\"$(dirname \"$0\")/calls\"\n"
                "printf '#!/bin/sh\\nmkdir $1/2.0\\n' >$1/release/spec-scripts\nchmod +x $1/release/spec-scripts\n")
            calls = os.path.join(directory, "bin/calls")
            for change, expected in (("", 1), ("", 1), ("# newer\n", 2)):
                with open(os.path.join(directory, "ci/spec-scripts/Cargo.lock"), "a", encoding="utf-8") as lock:
                    lock.write(change)
                done = fetch()
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(os.path.isdir(os.path.join(directory, "build/spec/2.0")))
                with open(calls, encoding="utf-8") as file:
                    self.assertEqual(len(file.readlines()), expected)


if __name__ == "__main__":
    unittest.main()
