#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that each invariant is where docs/invariants.md says: in the page, at a check, in a test.

A section '## [X1] ...' of the page names an invariant. Its tag must occur in a comment of a source or table
of core/ or sandbox/ (a header alone only promises), and in one of tests/. A section with a line
'Not yet: waits for PART.' is the other way round: its tag must not stand in the code, and PART must not
exist. The places are written as a table into SECURITY.md, which is checked too.

usage: ci/invariants.py [--write] [ROOT]     --write brings the table in SECURITY.md up to date
"""
import os
import re
import sys

TAG = re.compile(r"\[([A-Z][0-9]+)\]")
SECTION = re.compile(r"^## \[([A-Z][0-9]+)\] (.+)$")
NOT_YET = re.compile(r"^Not yet: waits for ([\w/.]+)\.$")
BEGIN = "<!-- places: written by ci/invariants.py --write -->"
END = "<!-- end of places -->"


def read_page(path):
    """tag -> (title, what it waits for or None)"""
    sections, errors, tag = {}, [], None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            section, waits = SECTION.match(line.rstrip()), NOT_YET.match(line.rstrip())
            if section:
                tag = section[1]
                if tag in sections:
                    errors.append(f"{path}:{number}: [{tag}] has a second section")
                sections[tag] = (section[2], None)
            elif waits and tag:
                sections[tag] = (sections[tag][0], waits[1])
            elif line.startswith("Not yet"):
                errors.append(f"{path}:{number}: not of the form 'Not yet: waits for PART.'")
    return sections, errors


def tags_in(text):
    """The tags in the comments of a C++ source (or a script, by '#')."""
    found = set()
    for line in text.splitlines():
        comment = re.search(r"//.*|^\s*#.*|/\*.*|^\s*\*.*", line)
        if comment:
            found |= set(TAG.findall(comment[0]))
    return found


def places(root, tops, endings):
    """tag -> sorted files whose comments carry it"""
    found = {}
    for top in tops:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            # tests/ci tests this script, with tags of its own.
            folders[:] = sorted(f for f in folders if f not in ("ci", "__pycache__"))
            for name in sorted(names):
                if name.endswith(endings):
                    path = os.path.join(directory, name)
                    with open(path, encoding="utf-8", errors="replace") as file:
                        for tag in tags_in(file.read()):
                            found.setdefault(tag, []).append(os.path.relpath(path, root))
    return found


def check(root, sections, code, promises, tests):
    errors = []
    for tag, (title, waits) in sections.items():
        if waits:
            if os.path.exists(os.path.join(root, waits)):
                errors.append(f"[{tag}] waits for {waits}, which exists: build it or drop the line")
            if tag in code:
                errors.append(f"[{tag}] is called missing, but stands in {code[tag][0]}")
            continue
        if tag not in code:
            errors.append(f"[{tag}] {title}: no check in core/ or sandbox/ carries the tag")
        if tag not in tests:
            errors.append(f"[{tag}] {title}: no test carries the tag")
    for found in (code, promises, tests):
        errors += [f"{found[tag][0]}: [{tag}] is not in docs/invariants.md"
                   for tag in found if tag not in sections]
    return errors


def table(sections, code, tests):
    rows = ["| tag | what holds | checked in | attacked in |", "| --- | --- | --- | --- |"]
    for tag, (title, waits) in sections.items():
        if waits:
            rows.append(f"| {tag} | {title} | not built yet ({waits}) | |")
        else:
            rows.append(f"| {tag} | {title} | {cell(code.get(tag))} | {cell(tests.get(tag))} |")
    return "\n".join(rows)


def cell(paths):
    return "<br>".join(f"`{path}`" for path in paths or [])


def update(path, rows, write):
    """Errors when the table in SECURITY.md is not the one of today; with write it becomes so."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        return [f"{path}: the lines '{BEGIN}' and '{END}' must stand there once"]
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    wanted = f"{head}{BEGIN}\n{rows}\n{END}{tail}"
    if wanted == text:
        return []
    if not write:
        return [f"{path}: the table of places is out of date; run ci/invariants.py --write"]
    with open(path, "w", encoding="utf-8") as file:
        file.write(wanted)
    return []


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    root = arguments[0] if arguments else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sections, errors = read_page(os.path.join(root, "docs/invariants.md"))
    if not sections:
        errors.append("docs/invariants.md: no section '## [X1] ...'")
    code = places(root, ("core", "sandbox"), (".cc", ".def"))
    promises = places(root, ("core", "sandbox"), (".h",))
    tests = places(root, ("tests",), (".cc", ".def", ".h", ".py"))
    errors += check(root, sections, code, promises, tests)
    errors += update(os.path.join(root, "SECURITY.md"), table(sections, code, tests),
                     "--write" in sys.argv[1:])
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return 1
    waiting = sum(1 for _, waits in sections.values() if waits)
    print(f"invariants: {len(sections) - waiting} checked and tested, {waiting} wait for their part")
    return 0


if __name__ == "__main__":
    sys.exit(main())
