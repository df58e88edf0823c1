# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tools say of a module: its text, its instructions. All of them are optional."""
import os
import re
import shutil
import subprocess

LONGEST = 60  # seconds for a tool


def output_of(command, **more):
    """What a tool writes to standard output, or None if it is not there or fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST, check=False, **more)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def wat_of(path):
    """The module as text, or None where no tool can write it."""
    path = os.path.abspath(path)  # no tool takes it for an option
    for tool in (["wasm2wat", "--enable-all", "--no-check", path], ["wasm-tools", "print", path]):
        if shutil.which(tool[0]):
            said = output_of(tool)
            if said is not None:
                return said
    return None


def opcodes_of(path):
    """The instructions in its bodies, each once, in their order, without those that every body has."""
    wat = wat_of(path)
    if wat is None:
        return []
    common = {"end", "block", "loop", "if", "else", "drop", "local.get", "local.set", "i32.const", "return"}
    bodies = wat[wat.find("(func "):] if "(func " in wat else ""
    words = re.findall(r"^\s+((?:[if](?:32|64)|v128|memory|table|ref|local|global|data|elem)\.[\w.]+|[a-z_]+)\b", bodies,
                       re.MULTILINE)
    return list(dict.fromkeys(word for word in words if word not in common))
