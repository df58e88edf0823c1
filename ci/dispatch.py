#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks in the machine code that the interpreter is threaded: each handler of opcodes.def jumps to the next by an
indirect jump of its own, and the hot ones make no stack frame. Compilers merge such jumps into one (LLVM issue
106846) or spill around them, and then every test still passes, only slower.

usage: ci/dispatch.py LIBRARY     the interpreter's library of a release build"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROW = re.compile(r"^(?:CONTROL|FIXED|PURE|LOAD|STORE|OP)\((0x[0-9a-f']+), (\w+),")
FUNCTION = re.compile(r"^[0-9a-f]+ <(?:void )?cordon::interp::on::(?:\(anonymous namespace\)::)?(\w+)<(\d)u?>\(")
ANY_FUNCTION = re.compile(r"^[0-9a-f]+ <.*>:$")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\s+(.*\S)\s*$")
STATES = ("0", "1", "2", "3")  # how many operands are in registers, see core/interp/handler.h
PREFIXED = 0x100
# What is slow anyway goes to one shared function, which then jumps on.
HAND_OVER = {"unreachable", "memory_grow", "table_get", "table_set"}
# Where eleven registers are not enough, and where it does not matter; nor does it with all operands in memory,
# a state that a handler of two operands is seldom met in, nor where a function returns with more operands than results.
MAY_HAVE_FRAME = HAND_OVER | {"call", "call_indirect", "br_table", "ref_func", ("return_", "3")}


def opcodes(table):
    """The identifiers of the instructions of one byte, from the text of a family of opcodes.def."""
    rows = (ROW.match(line) for line in table.splitlines())
    return [row[2] for row in rows if row and int(row[1].replace("'", ""), 16) < PREFIXED]


def handlers(disassembly):
    """(identifier, state) -> its instructions"""
    found, current = {}, None
    for line in disassembly.splitlines():
        if ANY_FUNCTION.match(line):
            name = FUNCTION.match(line)
            current = found.setdefault((name[1], name[2]), []) if name else None
        elif current is not None and INSTRUCTION.match(line):
            current.append(INSTRUCTION.match(line)[1])
    return found


def indirect_jumps(code):
    return sum(1 for instruction in code if re.match(r"jmpq?\s+\*", instruction))


def has_frame(code):
    return any(re.match(r"push|sub\w*\s+\$.*, %rsp$", instruction) for instruction in code)


def may_have_frame(name, state):
    return name in MAY_HAVE_FRAME or (name, state) in MAY_HAVE_FRAME


def check(names, found):
    errors = []
    for name in names:
        for state in STATES:
            code = found.get((name, state))
            if code is None:
                errors.append(f"{name}<{state}>: no such handler")
                continue
            if indirect_jumps(code) == 0 and name not in HAND_OVER:
                errors.append(f"{name}<{state}>: no indirect jump of its own; were they merged?")
            if state != "0" and has_frame(code) and not may_have_frame(name, state):
                errors.append(f"{name}<{state}>: makes a stack frame")
    return errors


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    with open(os.path.join(ROOT, "core/wasm/opcodes/core.def"), encoding="utf-8") as file:
        names = opcodes(file.read())
    done = subprocess.run(["llvm-objdump-19", "-d", "-C", "--no-show-raw-insn", sys.argv[1]],
                          capture_output=True, text=True)
    if done.returncode != 0 or not names:
        print(f"ci/dispatch.py: cannot read {sys.argv[1]} or opcodes.def\n{done.stderr}", file=sys.stderr)
        return 2
    found = handlers(done.stdout)
    errors = check(names, found)
    for error in errors:
        print(error, file=sys.stderr)
    jumps = sum(indirect_jumps(code) for code in found.values())
    print(f"dispatch: {len(names)} instructions, {len(found)} handlers, {jumps} indirect jumps, "
          f"{len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
