# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs `cordon fuzz` in a folder of the test's own, over the target of tiny.cc."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PROGRAM = os.path.join(ROOT, "fuzz/cordon-fuzz")
BUILD = os.environ.get("CORDON_TINY_BUILD", "")  # where fuzz-tiny lies


class CampaignTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.top = os.path.realpath(temporary.name)
        self.sources = os.path.join(self.top, "sources")
        os.mkdir(self.sources)
        for name in ("tiny.cc", "tiny.options"):
            os.symlink(os.path.join(HERE, name), os.path.join(self.sources, name))
        self.folder = os.path.join(self.top, "campaign $(touch owned)")
        os.environ.pop("TINY_WORDS", None)

    def seed(self, *inputs):
        """First inputs of the target, whose words alone end it."""
        os.environ["TINY_WORDS"] = " ".join(data[:4].replace(b"\0", b"0").decode() for data in inputs)
        folder = os.path.join(self.sources, "tiny.seeds")
        os.makedirs(folder, exist_ok=True)
        for number, data in enumerate(inputs):
            with open(os.path.join(folder, str(number)), "wb") as file:
                file.write(data)

    def command(self, *words):
        return [sys.executable, "-B", PROGRAM, *words, "--dir", self.folder, "--build", BUILD, "--sources", self.sources]

    def environment(self, **more):
        return {**os.environ, **more}

    def begin(self, *words, **more):
        """Starts a campaign in a process of its own."""
        process = subprocess.Popen(self.command("start", *words), cwd=self.top, env=self.environment(**more), text=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def fuzz(self, *words, status=0, **more):
        """What the command writes; it must end with this status."""
        done = subprocess.run(self.command(*words), cwd=self.top, env=self.environment(**more), text=True, timeout=400,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status in (0, 1, 4) else done.stderr

    def file(self, *parts):
        return os.path.join(self.folder, *parts)

    def status(self):
        try:
            with open(self.file("status.json"), encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return {}

    def findings(self):
        return {finding["what"]: finding for finding in self.status()["findings"]}

    def until(self, holds, seconds=120):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end, f"waited in vain; {self.status()}")
            time.sleep(0.05)

    def write(self, *parts, data):
        os.makedirs(os.path.dirname(self.file(*parts)), exist_ok=True)
        with open(self.file(*parts), "wb") as file:
            file.write(data)

    def found(self, *inputs):
        """A campaign that has found these, by what each is."""
        self.seed(*inputs)
        process = self.begin("--time", "60", "--jobs", "1")
        self.until(lambda: len(self.status().get("findings", ())) >= len(inputs))
        process.terminate()
        process.wait()
        return self.findings()
