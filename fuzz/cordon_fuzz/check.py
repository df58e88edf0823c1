# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checker: runs one input of a target, or one module, and says how it dies (log.Report), if it does. Nothing of an
input is ever a word of a command: it is in a file whose name the campaign chooses."""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from .log import Report, frames_of, report_of
from .text import printable
from .worker import Worker, die_with_parent, environment

RUN_TIMEOUT = 25  # seconds of one input, for targets whose options say nothing
MEMORY = 2048     # MiB
ADDRESSES = 64 << 40  # bytes; sanitizers reserve terabytes


class Checker:
    """A context: its scratch folder goes with it."""

    def __init__(self, folder):
        self.path = tempfile.mkdtemp(prefix="check-", dir=folder.directory("scratch"))
        self.last_log = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def scratch(self, name):
        return os.path.join(self.path, name)

    def input(self, target, data, module=None):
        """How the target dies of these bytes; None if it does not. `module`: the file for its module."""
        with open(self.scratch("input"), "wb") as file:
            file.write(data)
        options = {"timeout": RUN_TIMEOUT, "rss_limit_mb": MEMORY, **target.options()}
        given = [f"-{key}={options[key]}" for key in ("timeout", "rss_limit_mb")]
        worker = Worker(target, self.scratch("run"), [*given, "-artifact_prefix=./", self.scratch("input")], data, module)
        until = time.monotonic() + 3 * float(options["timeout"])
        try:
            while not worker.poll():
                if time.monotonic() > until:
                    worker.signal(signal.SIGKILL)
                    worker.process.wait()
                    return Report("timeout", "it does not end")
                time.sleep(0.005)
            self.last_log = worker.log()
            return worker.report()
        finally:
            worker.remove_rest()
            worker.process.wait()

    def module(self, program, path):
        """How the program that takes modules fails with this file; None if it does not."""
        process = subprocess.Popen([program, path], cwd=self.path, env=environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                   preexec_fn=limited)
        try:
            said, _ = process.communicate(timeout=RUN_TIMEOUT)
        except subprocess.TimeoutExpired:
            return Report("timeout", "it does not end")
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.communicate()
        self.last_log = said.decode(errors="replace").replace(path + ": ", "")
        return of_module(self.last_log, process.returncode)


def limited():
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def of_module(said, status):
    """The programs end with 1 after they said what they found, a line."""
    if status != 1 or re.search(r"ERROR: \w+Sanitizer|CHECK failed|runtime error", said):
        report = report_of(said, status)
        if report and report.what == "death" and status == -signal.SIGSEGV:
            return Report("signal", report.text, frames_of(said.splitlines()))
        return report
    line = next((line for line in said.splitlines() if line.strip()), "")
    return Report("refused" if line.startswith("refused") else "difference", printable(line, 300))
