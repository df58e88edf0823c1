# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Worker: one child process of a target, from its start until its words and its last input are read. It dies with this
process, has a process group of its own, and writes into a folder of its own."""
import ctypes
import os
import re
import shutil
import signal
import subprocess
import time

from .log import NEW, STATUS, report_of
from .record import Record

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
ARTIFACT = re.compile(r"^(crash|leak|timeout|oom)-[0-9a-f]+$")
MOST_LOG = 16 << 20    # bytes that are kept of what a child writes
MOST_READ = 1 << 20
INTERRUPTED = 72       # libFuzzer's status after SIGTERM


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment(record=None, module=None):
    """What a target runs in: names of files for fuzz/campaign/record.h, and a symbolizer for its stacks."""
    values = dict(os.environ)
    for variable, path in (("CORDON_FUZZ_RECORD", record), ("CORDON_FUZZ_MODULE", module)):
        values.pop(variable, None)
        if path:
            values[variable] = path
    tool = shutil.which("llvm-symbolizer") or shutil.which("llvm-symbolizer-19")
    if tool:
        values.setdefault("ASAN_SYMBOLIZER_PATH", tool)
        values.setdefault("UBSAN_SYMBOLIZER_PATH", tool)
    values.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    return values


class Worker:
    """`arguments` are those after the program; `replayed` is the input if it is one run of a known one, and `module`
    names the file that the target writes its module to."""

    def __init__(self, target, path, arguments, replayed=None, module=None):
        self.target, self.path, self.replayed = target, path, replayed
        os.makedirs(path, exist_ok=True)
        self.clean()
        self.record = Record(os.path.join(path, "record"))
        self.record.clear()
        self.started, self.ended = time.monotonic(), None
        self.figures = {}      # cover, features, corpus: the last ones seen
        self.news = 0          # inputs that reached something new
        self.stopped = False   # by us, so its end is no finding
        self._read = self._told = 0
        self._moved = (0, self.started)
        if os.path.exists(self.log_path()):
            os.remove(self.log_path())
        with open(self.log_path(), "ab") as log:  # appends, so that truncating it leaves no hole
            self.process = subprocess.Popen(
                [target.program, *arguments], cwd=path, env=environment(self.record.path, module), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent)
        with open(os.path.join(path, "pid"), "w", encoding="utf-8") as file:
            file.write(f"{self.process.pid}\n")

    def log_path(self):
        return os.path.join(self.path, "log")

    def clean(self):
        """What an earlier child of this folder left."""
        for name in os.listdir(self.path):
            if name.endswith(".wasm") or ARTIFACT.match(name) or name.startswith("slow-unit-"):
                os.remove(os.path.join(self.path, name))

    def runs(self):
        """Runs that were begun; for a program that records nothing, those that it has reported."""
        return max(self.record.runs(), self._told)

    def seconds(self):
        return (self.ended or time.monotonic()) - self.started

    def poll(self):
        """Reads what was written since; whether the child has ended."""
        over = self.process.poll() is not None
        if over and self.ended is None:
            self.ended = time.monotonic()
        self._read_log()
        return over

    def _read_log(self):
        with open(self.log_path(), "rb") as log:
            log.seek(self._read)
            data = log.read(MOST_READ)
        whole = data.rfind(b"\n") + 1
        if whole == 0 and len(data) == MOST_READ:
            whole = len(data)
        self._read += whole
        for line in data[:whole].decode(errors="replace").splitlines():
            match = STATUS.match(line)
            if match:
                runs, *figures = map(int, match.groups())
                self.figures = dict(zip(("cover", "features", "corpus"), figures))
                self._told = max(self._told, runs)
            if NEW.match(line):
                self.news += 1
        if self._read > MOST_LOG and self.process.poll() is None:
            os.truncate(self.log_path(), 0)
            self._read = 0

    def stuck_for(self):
        """Seconds since the last run was begun."""
        runs, now = self.runs(), time.monotonic()
        if runs != self._moved[0]:
            self._moved = (runs, now)
        return now - self._moved[1]

    def signal(self, number):
        """To the child and all that it has started. Its end is no finding then."""
        self.stopped = True
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def log(self):
        with open(self.log_path(), "rb") as file:
            data = file.read()
        return data[-MOST_READ:].decode(errors="replace")

    def artifact(self):
        """The input that libFuzzer wrote, or the one that was recorded; None if there is none."""
        for name in sorted(os.listdir(self.path)):
            if ARTIFACT.match(name):
                with open(os.path.join(self.path, name), "rb") as file:
                    return file.read()
        return self.replayed if self.replayed is not None else self.record.interrupted_input()

    def report(self):
        """Why it died (log.Report), or None if it ended well or was stopped."""
        status = self.process.returncode
        if self.stopped or status == INTERRUPTED:
            return None
        return report_of(self.log(), status)

    def remove_rest(self):
        """Whatever the child started and left: its process group."""
        self.signal(signal.SIGKILL)
