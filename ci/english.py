#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks comments and pages for turns of phrase that cost a reader time: the list is PHRASES.

usage: ci/english.py [ROOT]
"""
import os
import re
import sys

TOPS = ("core", "sandbox", "tests", "fuzz", "bench", "examples", "docs", "include")
SOURCES = (".h", ".cc", ".def", ".c")
# What is looked for, and what to write instead.
PHRASES = (
    (re.compile(r"(?:^|\. )Of [a-z`]"), "a sentence begins with what it documents, not with a bare \"Of\""),
    (re.compile(r"\bcan not\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bforet(?:old|ell)", re.IGNORECASE), "predicted, predicts"),
    (re.compile(r"\bkeep in sync\b", re.IGNORECASE), "one fact has one place: generate or assert the other"),
)
COMMENT = re.compile(r"//+ ?(.*)")


def texts(path):
    """(line number, text) of what is written for people."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if path.endswith(".md"):
                yield number, line.rstrip("\n")
            elif found := COMMENT.search(line):
                yield number, found[1]


def files(root):
    for top in TOPS:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(SOURCES) or name.endswith(".md"):
                    yield os.path.join(directory, name)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = 0
    for path in files(root):
        for number, text in texts(path):
            for phrase, instead in PHRASES:
                if phrase.search(text):
                    print(f"{os.path.relpath(path, root)}:{number}: \"{text.strip()[:60]}\": {instead}", file=sys.stderr)
                    found += 1
    print(f"english: {found} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
