#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the public declarations of core/ and sandbox/ that carry no contract.

A declaration is a function, method, class, struct or enum in a header, at namespace scope or in a public section. It
has a contract if a comment stands right above it, above the group of lines without a blank line that it belongs to, or
after it on one of its lines. Not counted: forward declarations, deleted and defaulted members, friends, full
specialisations and their members, overrides, and accessors of one line whose body is { return member_; }.

usage: ci/contracts.py [--most PERCENT] [--list] [ROOT]
  --most  fails if more than this share has no contract
  --list  prints each such declaration instead of the files with most of them
"""
import argparse
import collections
import os
import re
import sys

TOPS = ("core", "sandbox")
FILES_SHOWN = 20

# What is blanked out before the code is read, in this order of preference at each place: strings, characters, comments.
STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
PREFIX = re.compile(r"^(?:template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>\s*|requires\s*\(?[^()]*\)?\s+(?=\w)|"
                    r"\[\[[^\]]*\]\]\s*|extern\s+\"\s*\"\s*|[A-Z][A-Z_0-9]+\s+(?=[\w:]+\s))+")
TYPE = re.compile(r"(class|struct|union|enum)\b")
NAMED_TYPE = re.compile(r"(?:class|struct|union|enum(?: class)?)\s+(?:[A-Z][A-Z_]+\s+)?(\w[\w:]*)")
NOT_COUNTED = re.compile(r"((?:using|typedef|friend|static_assert)\b|extern template|template\s*<\s*>)")
FUNCTION = re.compile(r"[^=(\[]*?(?:\boperator\s*(?:\(\)|[^\s\w(]+|[\w:<>]+[&* ]*)|~?\b[\w:]+)\s*\(")
ACCESSOR = re.compile(r"\s*return \w+_;\s*")
MACRO_CALL = re.compile(r"\s*[A-Z][A-Z_0-9]+\([^;{}]*\)\s*$")
INITIALISER = re.compile(r"\)[^{]*[^:]:[^:]")
BODY_MAY_FOLLOW = ("const", "noexcept", "override", "final", "mutable")

Declaration = collections.namedtuple("Declaration", "first last text")


def blank(match):
    """Keeps lines where they are, and a string's quotes."""
    text = match[0]
    kept = re.sub(r"[^\n]", " ", text)
    return '"' + kept[1:-1] + '"' if text[0] == '"' else kept


class Header:
    """One header: its code with comments blanked out, and what each line is."""

    def __init__(self, text):
        self.code = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), STRING_OR_COMMENT.sub(blank, text))
        self.lines = text.split("\n")
        self.commented = [self.has_comment(line) for line in self.lines]
        self.blocks = {}           # last line of a scope or body of several lines -> its first
        self.scope_starts = set()  # lines after which a new group begins
        self.found = []
        self.declared = set()      # functions declared so far without a body, without spaces and defaults
        self.read_scope(0, None)

    @staticmethod
    def has_comment(line):
        return any(match[0].startswith(("//", "/*")) for match in STRING_OR_COMMENT.finditer(line))

    def line_of(self, position):
        return self.code.count("\n", 0, position)

    def end_of_braces(self, position):
        """Where the brace that opens at `position` is closed."""
        depth = 0
        for at in range(position, len(self.code)):
            depth += {"{": 1, "}": -1}.get(self.code[at], 0)
            if depth == 0:
                return at
        return len(self.code) - 1

    def read_scope(self, position, name):
        """Reads a namespace (no name) or a class from after its brace; returns where it is closed."""
        start, parens = position, 0
        public = name is None or name[0] != "class"
        while position < len(self.code):
            char = self.code[position]
            statement = self.code[start:position]
            parens += {"(": 1, ")": -1}.get(char, 0)
            if parens == 0 and char == ":" and re.fullmatch(r"\s*(public|private|protected)\s*", statement):
                public = statement.strip() == "public"
                self.scope_starts.add(self.line_of(position))
                start = position + 1
            elif parens == 0 and char == "\n" and MACRO_CALL.match(statement):
                start = position + 1
            elif parens == 0 and char == ";":
                self.declare(start, position, public, name)
                start = position + 1
            elif parens == 0 and char == "{":
                position, start = self.read_braces(start, position, public, name)
            elif char == "}" and parens == 0:
                return position
            position += 1
        return position

    def read_braces(self, start, position, public, name):
        """What a brace opens: a scope, a body or a value. Returns its end and where the next statement begins."""
        statement = self.code[start:position].strip()
        plain = PREFIX.sub("", statement)
        if plain.startswith(("namespace", "inline namespace", 'extern "')) or plain == "":
            self.scope_starts.add(self.line_of(position))
            end = self.read_scope(position + 1, None)
            return end, end + 1
        end = self.close(position)
        kind = TYPE.match(plain)
        if kind and "=" not in plain and "(" not in plain.split(":")[0]:
            named = NAMED_TYPE.match(plain)
            counted = public and not NOT_COUNTED.match(statement)
            if counted and named:
                self.declare_at(start, position, plain)
            if counted and kind[1] != "enum":
                if self.line_of(end) > self.line_of(position):
                    self.scope_starts.add(self.line_of(position))
                self.read_scope(position + 1, (kind[1], named[1] if named else ""))
            return end, end + 1
        last_word = re.search(r"(\w*)\s*$", statement)[1]
        if INITIALISER.search(plain) and last_word and last_word not in BODY_MAY_FOLLOW:
            return end, start  # a member's initialiser in braces: the body comes later
        if not FUNCTION.match(plain):
            return end, start  # a variable's value: its statement goes on to the semicolon
        self.declare(start, position, public, name, self.code[position + 1:end])
        return end, end + 1

    def close(self, position):
        """Where the brace at `position` is closed; notes its lines, which no later declaration looks into."""
        end = self.end_of_braces(position)
        if self.line_of(end) > self.line_of(position):
            self.blocks[self.line_of(end)] = self.line_of(position)
        return end

    def declare(self, start, end, public, name, body=None):
        statement = self.code[start:end].strip()
        plain = PREFIX.sub("", statement)
        if not public or NOT_COUNTED.match(statement) or NOT_COUNTED.match(plain) or not FUNCTION.match(plain):
            return
        head = plain.split("(")[0].strip()
        if re.search(r"::~?(\w+|operator\b.*)$", head):
            return  # a member defined outside of its class, which has the declaration
        is_constructor = name is not None and head.split()[-1].lstrip("~") == name[1].split("::")[-1]
        if not is_constructor and "operator" not in head and len(re.findall(r"[\w:>&*]+", head)) < 2:
            return
        after = plain[plain.rfind(")"):]
        if re.search(r"=\s*(default|delete)$", plain) or re.search(r"\b(override|final)\b", after):
            return
        if body is not None and ACCESSOR.fullmatch(body):
            return
        signature = (name, re.sub(r"=[^,)]*|\s", "", plain))
        if body is not None and signature in self.declared:
            return  # the definition of what is declared above
        self.declared.add(signature)
        self.declare_at(start, end, plain)

    def declare_at(self, start, end, text):
        start += len(self.code[start:end]) - len(self.code[start:end].lstrip())
        self.found.append(Declaration(self.line_of(start), self.line_of(end), " ".join(text.split())))

    def has_contract(self, declaration):
        if any(self.commented[declaration.first:declaration.last + 1]):
            return True
        line = declaration.first - 1
        while line >= 0:
            text = self.lines[line].strip()
            if text.startswith(("//", "/*")):
                return True
            if line in self.blocks:
                inside = self.lines[self.blocks[line]:line]
                line = self.blocks[line]
                if not all(text.strip() for text in inside):
                    return False
            elif not text or text.startswith("#") or line in self.scope_starts:
                return False
            line -= 1
        return False


def headers(root):
    for top in TOPS:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            yield from (os.path.join(directory, name) for name in sorted(names) if name.endswith(".h"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=float, default=100, metavar="PERCENT")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("root", nargs="?", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options = parser.parse_args()
    files, counted, missing = 0, 0, []
    for path in headers(options.root):
        with open(path, encoding="utf-8") as file:
            header = Header(file.read())
        files += 1
        counted += len(header.found)
        missing += [(os.path.relpath(path, options.root), declaration)
                    for declaration in header.found if not header.has_contract(declaration)]
    share = 100 * len(missing) / max(counted, 1)
    if options.list:
        for path, declaration in missing:
            print(f"{path}:{declaration.first + 1}: {declaration.text[:90]}")
    else:
        for path, count in collections.Counter(path for path, _ in missing).most_common(FILES_SHOWN):
            print(f"{count:4} {path}")
    print(f"contracts: {files} headers, {counted} declarations, {len(missing)} without a contract ({share:.1f} %)")
    if share > options.most:
        print(f"contracts: {share:.1f} % have none, at most {options.most:g} % is allowed; --list shows them",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
