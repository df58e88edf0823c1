#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts the bugs of a table (bugs.def has its format) into a copy of the sources.

    plant.py TABLE --files             the sources that the table changes, a line each
    plant.py TABLE SOURCE_DIR OUT_DIR  writes them, changed, below OUT_DIR, and OUT_DIR/planted_bugs.inc,
                                       a BUG(number, name, harm, rules, text) for each row with harm and rules

In the copy each bug stands behind `cordon::planted::on(number)` (tests/planted/switch.h), so that all of
them are one build; a row's number is its place in the table, from 1. A row whose `before` does not match
exactly once is an error. Its `area` and `target` (tests/score/bugs.def) are for whoever reads the table.
"""
import os
import re
import sys
from dataclasses import dataclass, field

KEYS = ("bug", "area", "target", "harm", "rules", "text", "file", "before", "after")
SWITCH = '#include "tests/planted/switch.h"\n'


class TableError(Exception):
    """The table, or what it says of a source, is wrong; the message says which row."""


@dataclass
class Change:
    """Replaces source[start:end) by `after` while the bug `number` is on."""

    start: int
    end: int
    number: int
    after: str


@dataclass
class Bug:
    name: str
    values: dict = field(default_factory=dict)
    places: list = field(default_factory=list)  # (file, before, after)


def read_lines(path):
    """(key, value) of each entry; lines that begin with spaces are a part of the one before."""
    entries = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line[0].isspace():
                entries[-1][1] += " " + line.strip()
                continue
            key, _, value = line.strip().partition(" ")
            if key not in KEYS:
                raise TableError(f"{path}:{number}: no such key: {key}")
            entries.append([key, value.strip()])
    return entries


def read_table(path):
    bugs, file, before = [], None, None
    for key, value in read_lines(path):
        if key == "bug":
            bugs.append(Bug(value))
            file = None
        elif key == "file":
            file = value
        elif key == "before":
            before = value
        elif key == "after":
            bugs[-1].places.append((file, before, value))
        else:
            bugs[-1].values[key] = value
    names = [bug.name for bug in bugs]
    if len(set(names)) != len(names):
        raise TableError(f"{path}: a name stands twice")
    return bugs


def files_of(bugs):
    return sorted({file for bug in bugs for file, _, _ in bug.places})


def pattern_of(text):
    """Matches `text` with any spaces between its tokens."""
    tokens = re.findall(r"\w+|[^\w\s]", text)
    return r"\s*".join(re.escape(token) for token in tokens)


def locate(source, bug, number, file, before, after):
    parts = re.split("[«»]", before)
    if len(parts) != 3:
        raise TableError(f"{bug.name}: `before` has no « and »")
    pattern = r"\s*".join(f"({pattern_of(part)})" for part in parts)
    found = list(re.finditer(pattern, source))
    if len(found) != 1:
        raise TableError(f"{bug.name}: found {len(found)} times in {file}: {before}")
    return Change(found[0].start(2), found[0].end(2), number, after)


def render(source, start, end, changes):
    """source[start:end) with `changes`, which lie in it and are equal, nested or disjoint."""
    changes = sorted(changes, key=lambda change: (change.start, -change.end))
    out, at = "", start
    while changes:
        first = changes[0]
        same = [c for c in changes if (c.start, c.end) == (first.start, first.end)]
        inside = [c for c in changes if c not in same and c.start < first.end]
        if any(c.end > first.end for c in inside):
            raise TableError(f"bug {first.number} overlaps another")
        changes = [c for c in changes if c not in same and c not in inside]
        out += source[at : first.start] + switch(source, first, same, inside)
        at = first.end
    return out + source[at:end]


def switch(source, first, same, inside):
    text = render(source, first.start, first.end, inside)
    end = text.rstrip()
    is_statement = not end or end.endswith(";") or (end.endswith("}") and ";" in end)
    for change in same:
        on = f"::cordon::planted::on({change.number})"
        if not text:
            text = f" if ({on}) {{ {change.after} }}"
        elif is_statement:
            text = f"if ({on}) {{ {change.after} }} else {{ {text} }}"
        else:
            text = f"({on} ? ({change.after}) : ({text}))"
    return text


def write_beside(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.rename(path + ".new", path)


def remove_others(out_dir, files):
    """What an older table changed would hide the present source."""
    for directory, _, names in os.walk(out_dir):
        for path in (os.path.join(directory, name) for name in names):
            if os.path.relpath(path, out_dir) not in files:
                os.remove(path)


def plant(bugs, source_dir, out_dir):
    remove_others(out_dir, files_of(bugs))
    for file in files_of(bugs):
        with open(os.path.join(source_dir, file), encoding="utf-8") as opened:
            source = opened.read()
        changes = [
            locate(source, bug, number, file, before, after)
            for number, bug in enumerate(bugs, 1)
            for place, before, after in bug.places
            if place == file
        ]
        write_beside(os.path.join(out_dir, file), SWITCH + render(source, 0, len(source), changes))
    rows = [
        f'BUG({number}, {bug.name}, {bug.values["harm"]}, "{bug.values["rules"]}", '
        f'"{bug.values["text"]}")\n'
        for number, bug in enumerate(bugs, 1)
        if "harm" in bug.values
    ]
    write_beside(os.path.join(out_dir, "planted_bugs.inc"), "".join(rows))


def main(arguments):
    try:
        bugs = read_table(arguments[0])
        if arguments[1:] == ["--files"]:
            print("\n".join(files_of(bugs)))
        else:
            plant(bugs, *arguments[1:])
    except TableError as error:
        sys.exit(f"plant.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
