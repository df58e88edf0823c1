# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shipped: whether a finding shows in the program that people have. cordon-fuzz-script writes what the interpreter
does with a module as a script; `cordon wast` passes it by the interpreter, and by the JIT it does not where the
finding is a difference of the two."""
import os
import subprocess

from .folder import write_whole
from .modules import output_of


def cordon_of(options):
    """The one that `cordon fuzz` was called by, or that of the release build; None if there is none."""
    for path in (os.environ.get("CORDON_PROGRAM"), os.path.join(options.release, "sandbox/cordon")):
        if path and os.access(path, os.X_OK):
            return path
    return None


def tool_of(options, target, name):
    """A program of fuzz/campaign, of the release build or of the one with sanitizers; None if there is none."""
    for folder in (os.path.join(options.release, "fuzz"), os.path.dirname(target.program)):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return None


def status_of(command):
    """Its exit status; None if it does not end."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=60, check=False).returncode
    except (OSError, subprocess.TimeoutExpired):
        return None


class Shipped:
    def __init__(self, options, target):
        self.cordon = cordon_of(options)
        self.script_tool = tool_of(options, target, "cordon-fuzz-script")

    def line(self, module, script):
        """The command that fails, after the script for the module beside it was written into the file `script`; None
        if none does."""
        if not self.cordon or not self.script_tool:
            return None
        text = output_of([self.script_tool, module, os.path.basename(module)])
        if not text:
            return None
        write_whole(script, text.encode())
        passes, fails = ([self.cordon, "wast", f"--engine={engine}", script] for engine in ("interp", "jit"))
        return fails if status_of(passes) == 0 and status_of(fails) not in (0, None) else None
