#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs that people stumbled over, each run by `cordon` and held against what it should say.

They are looked for in $CORDON_CASES_DIR or ../shared/cases beside the checkout; without them the test is
skipped, with CI=true it fails. An input whose compiler is not there is skipped and counted.

usage: cases_test.py CORDON
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "wasi"))
import cases_test as programs  # noqa: E402

BOTH = ("--engine=jit", "--engine=interp")
# file, what is given before it and after it, exit status, and what standard output and error together hold. Where the
# status is a tuple, the second is that of a Cordon that has the proposal: the call in it never ends.
CASES = (
    ("c_t.wat", [], [], 0, r"^$"),
    ("c_emptyname.wat", ["--invoke", ""], [], 0, r"^3\n$"),
    ("c_dev.c", ["--dir", "/dev"], ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/full", "/dev/mem"], 0,
     r"^/dev/null ok\n/dev/zero ok\n/dev/urandom ok\n/dev/full ok\n/dev/mem (?!ok)"),
    ("c_rec.c", [], ["20000"], 0, r"^-?\d+\n$"),
    ("c_mem.c", ["--max-memory", "64M", "--at-max-memory=fail"], [], 0, r"^malloc gave up at \d+ MiB\n$"),
    ("c_mem.c", ["--max-memory", "64M"], [], 137, r"memory limit exceeded.*--max-memory"),
    ("c_p.rs", [], [], 134, r"::go\n(?:.*\n)*?.*at .*c_p\.rs:1:\d+"),
    ("f_at.wat", [], [], 1, r"uses threads \(atomic instructions\) at offset .*rebuild without -pthread"),
    ("f_gc.wat", [], [], 1, r"uses garbage collection"),
    ("f_mm.wat", [], [], 1, r"uses multiple memories"),
    ("f_tc.wat", ["--timeout", "1s"], [], (1, 124), r"does not compile tail-call|the time limit of 1 s passed"),
    ("f_th.wat", [], [], 1, r"uses threads \(shared memory\)"),
    ("f_co.wat", [], [], 1, r"component"),
    ("f_fr.wat", [], [], 1, r"uses typed function references"),
    ("f_wa.wat", [], [], 1, r"uses wide arithmetic"),
    ("v18_if_result_noelse.wasm", [], [], 1, r"an if without else cannot turn \[\] into \[i32\]"),
    ("v58_tailcall.wasm", [], [], 1, r"does not compile tail-call|no export is called"),
    ("v60_gc_struct.wasm", [], [], 1, r"uses garbage collection"),
)
# What `wasm-tools parse` makes of texts that wabt cannot read; it is no package of Debian's.
ASSEMBLED = {
    "f_co.wat": "0061736d 0d000100",
    "f_fr.wat": "0061736d 01000000 0109 02 6001647000 600000 0303 02 00 01 070a 01 065f7374617274 00 01 0a07 02 02000b 02000b",
    "f_wa.wat": "0061736d 01000000 0104 01 600000 0302 01 00 070a 01 065f7374617274 00 00"
                "0a10 01 0e00 4201 4201 4201 4201 fc13 1a 1a 0b",
}


def make(source, directory):
    """The module of a case, or None where nothing here can make it."""
    name, kind = os.path.splitext(os.path.basename(source))
    module = os.path.join(directory, name + ".wasm")
    if kind == ".wasm":
        return source
    if kind == ".wat":
        tools = ((["wat2wasm", "--enable-all", source, "-o", module]), (["wasm-tools", "parse", source, "-o", module]))
        made = any(shutil.which(tool[0]) and subprocess.run(tool, capture_output=True, check=False).returncode == 0
                   for tool in tools)
        if made:
            return module
        if os.path.basename(source) not in ASSEMBLED:
            return None
        with open(module, "wb") as file:
            file.write(bytes.fromhex(ASSEMBLED[os.path.basename(source)]))
        return module
    command = programs.compiler_of(source, module)
    if not command:
        return None
    more = ["-Wl,-z,stack-size=4194304"] if kind == ".c" else ["-g"] if kind == ".rs" else []
    subprocess.run(command[0] + more, check=True, env={**os.environ, **command[1]})
    return module


def fault_of(cordon, module, engine, before, after, status, pattern):
    done = subprocess.run([cordon, "run", engine, *before, module, *after], capture_output=True, text=True,
                          errors="backslashreplace", check=False, stdin=subprocess.DEVNULL)
    said = done.stdout + done.stderr
    if done.returncode in (status if isinstance(status, tuple) else (status,)) and re.search(pattern, said):
        return None
    return f"{os.path.basename(module)} {engine}: status {done.returncode} instead of {status}, or not /{pattern}/:\n{said}"


def fault_of_many(cordon, cases, module):
    """Of a script that starts many runs at once and prints how many of them failed."""
    done = subprocess.run(["bash", os.path.join(cases, "p01_parallel.sh"), cordon, module, "16"], capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)
    return None if done.stdout.strip() == "0" else f"p01_parallel.sh: {done.stdout.strip()} of 200 runs failed"


def main():
    cordon = os.path.abspath(sys.argv[1])
    cases = os.environ.get("CORDON_CASES_DIR", os.path.join(ROOT, "..", "shared", "cases"))
    if not os.path.isdir(cases):
        print(f"{len(CASES)} inputs skipped: no $CORDON_CASES_DIR, nor {cases}")
        return 1 if os.environ.get("CI") == "true" else programs.SKIPPED
    faults, skipped = [], []
    with tempfile.TemporaryDirectory(prefix="cordon-cases-") as directory:
        for name, before, after, status, pattern in CASES:
            module = make(os.path.join(cases, name), directory)
            if module is None:
                skipped.append(name)
                continue
            faults += filter(None, (fault_of(cordon, module, engine, before, after, status, pattern) for engine in BOTH))
            if name == "c_t.wat":
                faults += filter(None, [fault_of_many(cordon, cases, module)])
    print("\n".join(faults))
    print(f"{len(CASES) - len(skipped)} inputs in 2 engines, {len(faults)} faults; "
          f"skipped, as nothing here makes them: {', '.join(skipped) or 'none'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
