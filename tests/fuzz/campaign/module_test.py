# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`minimize`, `repro` and `regress` of a finding that is a module: a program takes modules, and cordon-fuzz-reduce
shrinks them."""
import json
import os
import shutil
import subprocess
import unittest

from support import BUILD, CampaignTest

TOOLS = os.environ.get("CORDON_TOOLS", "")  # where cordon-fuzz-reduce and cordon-fuzz-script lie
# Fails as the target does: of a module that holds the byte of i32.sub.
PROGRAM = """#!/usr/bin/env python3
import sys
with open(sys.argv[1], "rb") as file:
    found = 0x6b in file.read()
print(sys.argv[1] + ": " + ("jit: call 1, f1 result 0: i32:0x7 and i32:0x1" if found else "agrees"))
sys.exit(1 if found else 0)
"""


def section(number, content):
    return bytes([number, len(content)]) + content


def module(body):
    """A function of two i32 that gives one, exported as "f", and a memory and a custom section that nothing needs."""
    code = bytes([0]) + body + bytes([0x0b])
    return (b"\0asm\1\0\0\0" + section(1, b"\1\x60\2\x7f\x7f\1\x7f") + section(3, b"\1\0") + section(5, b"\1\0\1") +
            section(7, b"\1\1f\0\0") + section(10, b"\1" + bytes([len(code)]) + code) + section(0, b"\4name"))


SUBTRACTS = module(b"\x01" * 6 + b"\x20\0\x20\1\x6b\x20\0\x6a\x20\1\x6a")  # nops, local.get, i32.sub, i32.add


class ModuleTest(CampaignTest):
    def setUp(self):
        super().setUp()
        self.build = os.path.join(self.top, "build")
        os.makedirs(os.path.join(self.build, "release"))
        os.symlink(os.path.join(BUILD, "fuzz-tiny"), os.path.join(self.build, "fuzz-tiny"))
        with open(os.path.join(self.build, "cordon-fuzz-tiny"), "w", encoding="utf-8") as file:
            file.write(PROGRAM)
        os.chmod(os.path.join(self.build, "cordon-fuzz-tiny"), 0o755)
        os.symlink(TOOLS, os.path.join(self.build, "release/fuzz"))
        os.remove(os.path.join(self.sources, "tiny.options"))
        with open(os.path.join(self.sources, "tiny.options"), "w", encoding="utf-8") as file:
            file.write("[libfuzzer]\nmax_len = 128\n[cordon]\nmodules = cordon-fuzz-tiny\n")

    def command(self, *words):
        words = super().command(*words)
        words[words.index("--build") + 1] = self.build
        return words + ["--release", os.path.join(self.build, "release")]

    def test_it_shrinks_as_a_module_and_becomes_a_regression_test(self):
        identity = self.found(SUBTRACTS)["difference"]["id"]
        result = json.loads(self.fuzz("minimize", identity, "--json"))[0]
        self.assertEqual(result["module_before"], len(SUBTRACTS))
        self.assertLess(result["module"], 45)
        with open(result["file"], "rb") as file:
            least = file.read()
        self.assertIn(0x6b, least)
        if shutil.which("wasm2wat"):
            self.assertIn("i32.sub", result["opcodes"])
            self.assertNotIn("i32.add", result["opcodes"])
        into = os.path.join(self.top, "regress")
        made = json.loads(self.fuzz("regress", "add", identity, "--into", into, "--json"))
        self.assertTrue(made["module"])
        self.assertRegex(os.path.basename(made["file"]), r"^[0-9a-f]{16}\.wasm$")

    def test_repro_writes_the_text_and_the_code_of_the_module(self):
        identity = self.found(SUBTRACTS)["difference"]["id"]
        result = json.loads(self.fuzz("repro", identity, "--json", status=1))
        names = {os.path.basename(path) for path in result["files"]}
        self.assertLessEqual({"module.wasm", "input", "log.txt", "code.txt", "script.json"}, names)
        with open(self.file("findings", identity, "repro/code.txt"), encoding="utf-8") as file:
            self.assertIn("i32.sub", file.read())
        # The shipped program is right about this module, so no line of it is offered.
        self.assertEqual(os.path.basename(result["lines"][0].split()[0]), "cordon-fuzz-tiny")
        for line in result["lines"]:
            self.assertNotEqual(subprocess.run(line, shell=True, capture_output=True, check=False, cwd=self.top).returncode, 0)
        self.assertNotIn("owned", os.listdir(self.top))


if __name__ == "__main__":
    unittest.main()
