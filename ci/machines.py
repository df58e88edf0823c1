#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that no file of the product outside of a machine's own folders names a register or a byte of a machine.

A machine's folder is any that is called like it (core/asm/x64). Elsewhere none of its words may stand, in code or
comment (WORDS), and no file of such a folder may be included but by a header or table that picks one when Cordon is built, by
an #if on the machine. usage: ci/machines.py [ROOT]
"""
import os
import re
import sys

TOPS = ("core", "include", "sandbox", "examples")
SOURCES = (".h", ".cc", ".c", ".def")
# By machine: its registers, instructions by the names that nothing else has, features, bytes, and what the system or a
# library calls them. Names of whole machines are no words of theirs: a comment may say where it differs.
WORDS = {
    "x64": (r"[re](?:[abcd]x|[sd]i|[sbi]p)", r"r(?:[89]|1[0-5])[dwb]?", r"[xyz]mm(?:\d|[12]\d|3[01])?",
            r"ud2", r"int3", r"lea", r"jmp", r"jcc", r"setcc", r"cmovcc", r"movzx", r"movsxd?", r"rel32", r"[il]zcnt",
            r"tzcnt", r"bs[fr]", r"imul", r"idiv", r"cdq", r"cqo", r"(?i:cpuid|mxcsr|avx\d*|sse\d?|bmi[12]|modrm)", r"REX",
            r"VEX", r"0x[cC][cC]", r"0x0[fF], ?0x0[bB]", r"0f 0b", r"gregs", r"REG_R\w+", r"_mm_\w+", r"EM_X86_64",
            r"(?i:zydis)\w*"),
    "arm64": (r"[xw](?:\d|[12]\d|30)", r"[xw]zr", r"udf", r"movk", r"movz", r"movn", r"cbn?z", r"tbn?z", r"adrp?", r"blr?",
              r"ldp", r"stp", r"(?i:fpcr|fpsr)", r"EM_AARCH64"),
}
PATTERNS = {machine: re.compile(r"(?<![\w$\\])(?:" + "|".join(words) + r")(?!\w)") for machine, words in WORDS.items()}
MACHINE_FOLDER = re.compile(r"(?:^|/)(%s)/" % "|".join(WORDS))
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
PICKS = re.compile(r"^\s*#\s*(?:el)?if .*(?:CORDON_MACHINE_|__x86_64__|__aarch64__)", re.MULTILINE)


def machine_of(path):
    """The machine whose folder a file is in, or None."""
    match = MACHINE_FOLDER.search(path)
    return match[1] if match else None


def check(path, text):
    own, picks, errors = machine_of(path), path.endswith((".h", ".def")) and PICKS.search(text), []
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        target = machine_of(include[1]) if include else None
        if target and target != own and not picks:
            errors.append(f"{path}:{number}: a file of {target} is included where no machine is picked")
        if include:
            continue
        errors += [f"{path}:{number}: \"{match[0]}\" is of {machine}"
                   for machine, pattern in PATTERNS.items() if machine != own
                   for match in pattern.finditer(line)]
    return errors


def sources(root):
    for top in TOPS:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(directory, name), root)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    errors, count, machines = [], 0, set()
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            errors += check(path, file.read())
        count += 1
        machines.add(machine_of(path))
    machines.discard(None)
    if not machines:
        errors.append(f"{root}: no folder of a machine found")
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return 1
    print(f"machines: {count} files; {', '.join(sorted(machines))} stay in their folders")
    return 0


if __name__ == "__main__":
    sys.exit(main())
