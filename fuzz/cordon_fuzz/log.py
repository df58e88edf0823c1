# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a child of libFuzzer writes: its figures while it runs, and what it says when it dies. A dead child's words
make a Report: the class (bug, timeout, memory or leak), what kind, a line of text, frames, and of the verifier's
texts the rule."""
import functools
import os
import re
from dataclasses import dataclass, field

from .targets import ROOT
from .text import printable

STATUS = re.compile(r"^#(\d+)\s+[A-Z]\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
NEW = re.compile(r"^#\d+\s+(?:NEW|NEW_FUNC)\s")
# A function, and where it is: a source's place, or a file's.
FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ in (.+?)(?: \(/[^)]*\)(?: \(BuildId: \w+\))?| [^\s()]+)$")
SANITIZER = re.compile(r"ERROR: (?:Address|Memory|Thread)Sanitizer: ([\w-]+)")
UNDEFINED = re.compile(r"^\S+:\d+:\d+: runtime error: (.*)")
CHECK = re.compile(r"^(\S+?):\d+: CHECK failed: (.*)")
LIBFUZZER = re.compile(r"ERROR: libFuzzer: (.*)")
# Frames that every death has: of sanitizers, of libFuzzer and of the C library.
COMMON = re.compile(r"^(?:__|_start|main$|abort|raise|gsignal|pthread_|std::|operator |fuzzer::|LLVMFuzzer|cordon::check_failed"
                    r"|cordon::fuzz::begin_run|mem(?:cpy|set|move|cmp)$|str\w+$|malloc|free$|calloc|realloc)")
NOISE = re.compile(r"^(?:#\d+|INFO:|==\d+==|Running:|Executed |artifact_prefix|Test unit written|stat::|MS:|SUMMARY:|NOTE:|"
                   r"\s+#\d+ |0x[0-9a-f]+,|Base64:|written to |Seed: |.*: Running \d+ inputs|Done \d+ runs|WARNING:)")
CLASSES = {"timeout": "timeout", "memory": "memory", "killed": "memory", "leak": "leak"}


@dataclass
class Report:
    what: str                # "difference", "check", "heap-buffer-overflow", "timeout" ...
    text: str = ""           # one line for people
    frames: list = field(default_factory=list)
    rule: str = ""

    def kind(self):
        return CLASSES.get(self.what, "bug")

    def key(self):
        """Equal for findings that fail in the same way. Numbers vary from input to input."""
        where = "/".join(self.frames) if self.what not in ("difference", "refused") else ""
        return "|".join((self.kind(), self.what, self.rule or without_numbers(self.text), where))

    def shape(self):
        """What stays while an input is made smaller: of a difference where it is, but not the values."""
        if self.what in ("difference", "refused"):
            return self.what, ": ".join(without_numbers(self.text).split(": ")[:2])
        return self.what, self.rule, tuple(self.frames[:1])


def without_numbers(text):
    """Names of exports hold numbers too; the type of a value stays, as in i32:N."""
    return re.sub(r"(\b[if](?:32|64)(?=[:.]))|0x[0-9a-fA-F]+|\d+", lambda match: match[1] or "N", text)


def short(function):
    """A function without its arguments, its template's arguments and what it returns."""
    function = function.replace("(anonymous namespace)::", "").replace(" const", "")
    for pattern in (r"\([^()]*\)", r"<[^<>]*>"):
        while re.search(pattern, function):
            function = re.sub(pattern, "", function)
    words = function.split()
    return words[-1] if words else function


def frames_of(lines):
    """The innermost three frames that are ours, of the first stack."""
    found, inside = [], False
    for line in lines:
        match = FRAME.match(line)
        if not match:
            if inside and found:
                break
            continue
        inside = True
        name = short(match[1])
        if not COMMON.match(name) and not found[2:]:
            found.append(printable(name, 120))
    return found


@functools.lru_cache(None)
def rules():
    """[(what a rule's text begins with, its name)], the longest first."""
    try:
        with open(os.path.join(ROOT, "core/verify/rules.def"), encoding="utf-8") as file:
            rows = re.findall(r'^RULE\((\w+), "\w+", "([^"{]+)', file.read(), re.MULTILINE)
    except OSError:
        return ()
    return tuple(sorted(((text, name) for name, text in rows), key=lambda row: -len(row[0])))


def rule_in(text):
    return next((name for start, name in rules() if start in text), "")


def said_before(lines, end):
    """The target's own last words in front of lines[end]: the oracle's finding."""
    for line in reversed(lines[:end]):
        if line.strip() and not NOISE.match(line):
            return line.strip()
        if STATUS.match(line):
            break
    return ""


def why(line, lines, number):
    """(what, text) if this line says why the process died, else None."""
    match = CHECK.match(line)
    if match:
        return "check", f"{match[1]}: CHECK failed: {match[2]}"
    match = SANITIZER.search(line)
    if match:
        return match[1].lower(), line.split("Sanitizer: ", 1)[1].split(" on ", 1)[0].split(" (pc", 1)[0]
    match = UNDEFINED.match(line)
    if match:
        return "undefined-behaviour", match[1]
    if "ERROR: LeakSanitizer" in line:
        return "leak", "memory is leaked"
    match = LIBFUZZER.search(line)
    if match:
        return of_libfuzzer(match[1], said_before(lines, number))
    return None


def of_libfuzzer(words, said):
    if words.startswith("timeout"):
        return "timeout", words
    if words.startswith("out-of-memory"):
        return "memory", "more memory than -rss_limit_mb"
    if words.startswith("fuzz target exited"):
        return "exit", said or "the target ended its process"
    if said:
        return ("refused" if "refused" in said.split(":")[0] else "difference"), said
    return "signal", words


def report_of(text, status):
    """The Report of a child that ended with this status, as subprocess has it; None if it ended well."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = why(line, lines, number)
        if found:
            what, said = found[0], printable(found[1], 300)
            return Report(what, said, frames_of(lines[number:]), rule_in(said))
    if status == 0:
        return None
    if status == -9:
        return Report("killed", "killed by a signal that nothing in the process sends: memory was short, or a person did it")
    said = printable(said_before(lines, len(lines)), 300)
    ended = f"signal {-status}" if status < 0 else f"exit status {status}"
    return Report("death", f"ended with {ended}" + (f": {said}" if said else ""), frames_of(lines))
