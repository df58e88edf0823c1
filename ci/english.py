#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks comments and pages for turns of phrase that cost a reader time. PHRASES lists them with what to write instead.

usage: ci/english.py [ROOT]
"""
import os
import re
import sys

PAGES = ("README.md", "SECURITY.md", "CONTRIBUTING.md")
TOPS = ("core", "sandbox", "tests", "fuzz", "bench", "examples", "docs", "include")
SOURCES = (".h", ".cc", ".def", ".c")
# A turn of phrase, and what to write instead.
PHRASES = (
    (re.compile(r"(?:^|\. )Of [a-z`]"), "a sentence begins with what it documents, not with a bare \"Of\""),
    (re.compile(r"\bcan not\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bforet(?:old|ell)", re.IGNORECASE), "predicted, predicts"),
    (re.compile(r"\bkeep in sync\b", re.IGNORECASE), "one fact has one place: generate or assert the other"),
    (re.compile(r"\bbehind\b", re.IGNORECASE), "after; beneath; hidden by"),
    (re.compile(r"\b(?:whoever|somebody|anybody)\b", re.IGNORECASE), "the caller, an attacker, another process: name it"),
    (re.compile(r"\b(?:stands?|stood) (?:at|in|on|for|there|here|above|below|before|after|between|beside)\b", re.IGNORECASE),
     "is at, is in, represents"),
    (re.compile(r"\b(?:asks|(?:is|are) asked)\b", re.IGNORECASE), "requests, calls, checks, requires"),
    (re.compile(r"\b(?:tells|(?:is|are) told|hears)\b", re.IGNORECASE), "reports, returns, is notified"),
    (re.compile(r"\bbut for\b", re.IGNORECASE), "except"),
    (re.compile(r"\bfor want of\b", re.IGNORECASE), "for lack of"),
    (re.compile(r"\bin the place of\b", re.IGNORECASE), "instead of"),
    (re.compile(r"\b(?:of|in) one's own\b", re.IGNORECASE), "the embedder's, the caller's: name it"),
)
COMMENT = re.compile(r"//+ ?(.*)")
# What is quoted, and code, is not a sentence of ours. The table of this page is made from tests/score/bugs.def.
QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`")
TABLES = ("docs/score.md",)


def texts(path):
    """(line number, text) of what is written for people."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if path.endswith(".md"):
                yield number, line.rstrip("\n")
            elif found := COMMENT.search(line):
                yield number, found[1]


def files(root):
    yield from (path for name in PAGES if os.path.exists(path := os.path.join(root, name)))
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
        if os.path.relpath(path, root) in TABLES:
            continue
        for number, text in texts(path):
            for phrase, instead in PHRASES:
                if phrase.search(text) and phrase.search(QUOTED.sub("``", text)):
                    print(f"{os.path.relpath(path, root)}:{number}: \"{text.strip()[:60]}\": {instead}", file=sys.stderr)
                    found += 1
    print(f"english: {found} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
