#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the files and folders which pages and comments name are there.

A name is a path from the root, as core/wasm/op.h or tests/escape, or the end of one that has a source's
ending, as handler.h or x64/trampolines.cc, or a path from the folder of the file that names it. "*" and a word
in capitals (NAME.wat) stand for anything but a slash. What stands in code is the compiler's affair, and files of other
projects are listed below.

usage: ci/names.py [ROOT]
"""
import fnmatch
import os
import re
import sys

TOPS = ("core", "sandbox", "tests", "fuzz", "bench", "examples", "ci", "cmake", "docs")
ENDINGS = (".h", ".cc", ".def", ".py", ".cmake", ".wat", ".rs", ".md")
SKIPPED = ("build", ".git", ".cache", "__pycache__")
# Files of systems and other projects, and what the build makes: a pattern each.
FOREIGN = ("linux/*.h", "wasi/api.h", "legacy.rs", "UIDS-GIDS.md", "filters.cc")
# tests/ci makes repositories of its own, and names their files.
MADE_UP = ("tests/ci/",)

NAME = re.compile(r"(?<![\w./<$}*~-])[\w*][\w.*/-]*")
CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]+(?![A-Za-z])")
HASH_COMMENT = re.compile(r"(?:^|\s)#(?!!)(.*)")
SLASH_COMMENT = re.compile(r"//(.*)")


def tree(root):
    """Every file and folder, as paths from the root."""
    found = set()
    for directory, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED and not name.startswith("build-")]
        found |= {os.path.relpath(os.path.join(directory, name), root) for name in folders + names}
    return found


def comments_of(path, text):
    """(line number, text) of what is written for people."""
    if path.endswith(".md"):
        yield from enumerate(text.splitlines(), 1)
        return
    comment = SLASH_COMMENT if path.endswith((".h", ".cc", ".def", ".c", ".rs")) else HASH_COMMENT
    for number, line in enumerate(text.splitlines(), 1):
        found = comment.search(line)
        if found:
            yield number, found[1]


class Names:
    """The names that a tree has."""

    def __init__(self, paths):
        self.paths = paths
        self.ends = set()
        for path in paths:
            parts = path.split("/")
            self.ends |= {"/".join(parts[start:]) for start in range(len(parts))}

    def has(self, name, beside):
        if name in self.ends or os.path.normpath(os.path.join(beside, name)) in self.paths:
            return True
        # "_inl.h" is an ending of names.
        pattern = CAPITALS.sub("*", "*" + name if name.startswith("_") else name)
        if "*" not in pattern:
            return False
        shape = re.compile("[^/]*".join(map(re.escape, pattern.split("*"))))
        return any(shape.fullmatch(end) for end in self.ends)


def is_name(word):
    """Whether this can only be meant as a file or folder of the tree."""
    if any(fnmatch.fnmatch(word, pattern) for pattern in FOREIGN):
        return False
    return word.split("/")[0] in TOPS and "/" in word or word.endswith(ENDINGS)


def missing(path, text, names):
    for number, line in comments_of(path, text):
        for found in NAME.finditer(line):
            word = found[0].rstrip("./-")
            if is_name(word) and not names.has(word, os.path.dirname(path)):
                yield f"{path}:{number}: there is no {word}"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = tree(root)
    names = Names(paths)
    errors, files = [], 0
    for path in sorted(paths):
        full = os.path.join(root, path)
        if not os.path.isfile(full) or path.startswith(MADE_UP):
            continue
        try:
            with open(full, encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            continue
        files += 1
        errors += missing(path, text, names)
    for error in errors:
        print(error, file=sys.stderr)
    print(f"names: {files} files, {len(errors)} names of nothing")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
