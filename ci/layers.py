#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that no folder includes what ci/layers.txt does not allow it.

CMake links one library a folder from the same file, so a wrong link fails there; this catches headers,
which link nothing. It also checks that the table has no cycle and names only folders it has a row for,
that what makes machine code never meets what checks or runs it, that docs/architecture.md has a line for each
folder, that each source file begins with the SPDX line, that the verifier is no larger than what may be trusted, and
that nothing but tests names the door for code that the verifier has not seen. usage: ci/layers.py [ROOT]
"""
import os
import re
import sys

SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
SOURCES = (".h", ".cc", ".c", ".def", ".py", ".mjs", ".cmake", ".rs", ".wat")
CHECKED = ("core", "sandbox", "tests", "fuzz", "bench", "examples", "ci", "cmake")
# Paths that must not exist even by way of a third folder, whatever the table says: the checker shares
# nothing with the checked, what runs code is not linked with what makes it, and no worker with what shows it.
APART = (("core/verify", "core/asm"), ("core/verify", "core/jit"),
         ("core/asm", "core/verify"), ("core/jit", "core/verify"),
         ("core/engine", "core/jit"), ("core/engine", "core/asm"),
         ("sandbox/run_worker", "core/jit"), ("sandbox/run_worker", "core/asm"),
         ("sandbox/run_worker", "core/gdb"), ("sandbox/compile_worker", "core/gdb"),
         ("sandbox/compile_worker", "core/runtime"), ("sandbox/compile_worker", "core/engine"),
         ("sandbox/trace_worker", "core/runtime"), ("sandbox/trace_worker", "core/jit"))
# Folders whose own files know no machine: files that do are below them, one folder a machine.
MACHINE_FREE = ("core/verify",)
MACHINE = re.compile(r"/(x64|arm64)/")
# Lines of source that a folder may have: what is trusted is small enough to be read. Tables do not count: a row is
# read by itself, and a test holds each against a second opinion.
MOST_LINES = {"core/verify": 2090}
# [W3] Only the verifier makes a VerifiedCode. The door for tests is closed by the preprocessor where it is declared.
DOOR = re.compile(r"UncheckedCode|unchecked_code", re.IGNORECASE)
DOOR_DECLARED = "core/verify/verified_code.h"
DOOR_CLOSED = re.compile(r"^#ifdef CORDON_UNCHECKED_CODE\n(?:(?!#).*\n)*#endif\n", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def read_layers(path):
    """The table: folder -> folders it may include. Errors name the line."""
    layers, errors = {}, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            match = re.fullmatch(r"([\w/]+):([^|]*)(\|.*)?", line)
            if not match:
                errors.append(f"{path}:{number}: not of the form 'folder: folders | libraries'")
                continue
            folder, allowed = match[1], [name for name in match[2].split() if name != "-"]
            if folder in layers:
                errors.append(f"{path}:{number}: {folder} has a second row")
            layers[folder] = allowed
    for folder, allowed in layers.items():
        errors += [f"{path}: {folder} allows {name}, which has no row"
                   for name in allowed if name not in layers]
    return layers, errors


def reachable(layers, start):
    """Every folder that start reaches through the table, itself only when there is a cycle."""
    seen, stack = set(), list(layers.get(start, []))
    while stack:
        folder = stack.pop()
        if folder not in seen:
            seen.add(folder)
            stack += layers.get(folder, [])
    return seen


def check_table(layers):
    errors = []
    for folder in layers:
        reached = reachable(layers, folder)
        if folder in reached:
            errors.append(f"ci/layers.txt: {folder} reaches itself")
        errors += [f"ci/layers.txt: {folder} reaches {other}; these two must never meet"
                   for above, below in APART if is_in(folder, above)
                   for other in sorted(reached) if is_in(other, below)]
    return errors


def check_page(layers, path):
    """Each folder has its line in docs/architecture.md, and each line its folder."""
    with open(path, encoding="utf-8") as file:
        named = re.findall(r"^\| `((?:core|sandbox)/[\w/]+)` \|", file.read(), re.MULTILINE)
    return ([f"docs/architecture.md: no line for {folder}" for folder in layers if folder not in named] +
            [f"docs/architecture.md: {name} has no row in ci/layers.txt" for name in named if name not in layers])


def is_in(path, folder):
    return path == folder or path.startswith(folder + "/")


def folder_of(layers, path):
    """The row that owns a file: the longest folder above it."""
    owners = [folder for folder in layers if path.startswith(folder + "/")]
    return max(owners, key=len, default=None)


def check_includes(layers, path, text):
    """A file of core/ or sandbox/ includes its own folder and what its row allows, by full path."""
    errors = []
    own = folder_of(layers, path)
    product = path.startswith(("core/", "sandbox/"))
    if product and own is None:
        return [f"{path}: lies in a folder that ci/layers.txt has no row for"]
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target, owner = match[1], folder_of(layers, match[1])
        if product and owner is None:
            errors.append(f"{path}:{number}: \"{target}\" is in no folder of ci/layers.txt")
        elif product and owner != own and owner not in layers[own]:
            errors.append(f"{path}:{number}: {own} must not include {owner} (\"{target}\")")
        elif own in MACHINE_FREE and MACHINE.search(target) and not MACHINE.search(path):
            errors.append(f"{path}:{number}: {own} knows no machine (\"{target}\")")
    return errors


def check_lines(counts):
    """`counts`: path -> lines of source."""
    errors = []
    for folder, most in MOST_LINES.items():
        lines = sum(count for path, count in counts.items() if is_in(path, folder) and not path.endswith(".def"))
        if lines > most:
            errors.append(f"{folder}: {lines} lines, and at most {most} may be trusted")
    return errors


def check_spdx(path, text):
    """The first line carries the licence; after a '#!' line it is the second."""
    lines = text.split("\n", 2)
    line = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    return [] if SPDX in line else [f"{path}:1: the first line must be the SPDX line"]


def check_door(path, text):
    """Product, fuzzers and benchmarks do not name the door; its declaration is compiled for tests alone."""
    if path.startswith("tests/") or path == "ci/layers.py":
        return []
    if path == DOOR_DECLARED:
        text = DOOR_CLOSED.sub(lambda match: "\n" * match[0].count("\n"), text)
    return [f"{path}:{number}: only tests may name {match[0]}"
            for number, line in enumerate(text.splitlines(), 1) if (match := DOOR.search(line))]


def sources(root):
    yield from (name for name in ("CMakeLists.txt",) if os.path.exists(os.path.join(root, name)))
    for top in CHECKED:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            for name in sorted(names):
                path = os.path.join(directory, name)
                if name.endswith(SOURCES) or name == "CMakeLists.txt" or is_script(path):
                    yield os.path.relpath(path, root)


def is_script(path):
    if "." in os.path.basename(path) or not os.access(path, os.X_OK):
        return False
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    layers, errors = read_layers(os.path.join(root, "ci/layers.txt"))
    errors += check_table(layers) + check_page(layers, os.path.join(root, "docs/architecture.md"))
    counts = {}
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        errors += check_spdx(path, text) + check_door(path, text)
        if path.endswith((".h", ".cc", ".def")):
            errors += check_includes(layers, path, text)
        counts[path] = text.count("\n")
    errors += check_lines(counts)
    if not counts:
        errors.append(f"{root}: no source file found")
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return 1
    print(f"layers: {len(counts)} files, {len(layers)} folders, no include out of its layer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
