# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the inputs reached, from llvm-cov's tracefile: which instruction was executed by which engine, by the handler
or the emitter that has its name; which handlers at all, of which many stand for several instructions at once; which
methods of the macro assembler; and which of the verifier's rules ever refused something."""
import os
import re

# Functions that have an instruction's name, in mangled names.
ENGINES = {"interpreter": re.compile(r"interp2on(\d+)(\w+)"), "baseline": re.compile(r"baseline8Compiler(\d+)(\w+)")}
# All functions of a part, in mangled names.
PARTS = {"handlers": ENGINES["interpreter"], "macro assembler": re.compile(r"masm14MacroAssembler(\d+)(\w+)")}
OP_ROW = re.compile(r'^[A-Z0-9_]+\(0x[0-9a-f\x27]+, (\w+), "([^"]+)"', re.MULTILINE)


class Reach:
    def __init__(self, lcov):
        self.functions = {}  # mangled name -> calls
        self.lines = {}      # (file, line) -> count
        self.files = {}      # file -> (lines reached, lines)
        file, hit, whole = "", 0, 0
        for line in lcov.splitlines():
            word, _, rest = line.partition(":")
            if word == "SF":
                file, hit, whole = rest, 0, 0
            elif word == "FNDA":
                count, _, name = rest.partition(",")
                self.functions[name] = max(self.functions.get(name, 0), int(count))
            elif word == "DA":
                number, count = rest.split(",")[:2]
                self.lines[file, int(number)] = int(count)
                hit, whole = hit + (int(count) > 0), whole + 1
            elif word == "end_of_record":
                self.files[file] = (hit, whole)

    def of_engine(self, engine):
        """{instruction's identifier: calls}."""
        return self.named(ENGINES[engine])

    def parts(self):
        """{part: [(name, calls)]}, of what the build has."""
        return {part: sorted(self.named(pattern).items()) for part, pattern in PARTS.items()}

    def named(self, pattern):
        """{name: calls} of the functions that it matches, overloads and instances together."""
        found = {}
        for name, count in self.functions.items():
            match = pattern.search(name)
            if match:
                ident = match[2][:int(match[1])]
                found[ident] = max(found.get(ident, 0), count)
        return found

    def opcodes(self, root):
        """[(spelling, {engine: calls or None where it has no function of that name})], in the table's order."""
        engines = {engine: self.of_engine(engine) for engine in ENGINES}
        return [(spelling, {engine: calls.get(ident) for engine, calls in engines.items()})
                for ident, spelling in instructions(root)]

    def rules(self, root):
        """[(rule, times that a line which names it was executed, or None if it is named in tables alone)]."""
        used = {}
        top = os.path.join(root, "core/verify")
        for directory, _, names in os.walk(top):
            for path in (os.path.join(directory, name) for name in names if name.endswith((".cc", ".h"))):
                with open(path, encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        for rule in re.findall(r"\brule::(\w+)", line):
                            count = self.lines.get((path, number))
                            if count is not None:
                                used[rule] = max(used.get(rule, 0), count)
        with open(os.path.join(top, "rules.def"), encoding="utf-8") as file:
            return [(rule, used.get(rule)) for rule in re.findall(r"^RULE\((\w+),", file.read(), re.MULTILINE)]


def instructions(root):
    """[(identifier, the spec's spelling)] of the tables."""
    folder, found = os.path.join(root, "core/wasm/opcodes"), {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found.update(OP_ROW.findall(file.read()))
    return list(found.items())
