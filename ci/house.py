#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the size and the layering of the product, core/ and sandbox/, against bounds: one line a figure.

usage: ci/house.py [--list] [ROOT]
  --list  also prints, under each figure, the places it was read from

The figures and how each is counted:
  touches      files outside of tests/ that name the instruction i32.rotl, and files of tests/vectors that do
  functions    lines from the first line of a definition to its closing brace; a lambda belongs to its function
  files        lines of .h and .cc files; tables (.def) have no bound
  includes     includes that ci/layers.txt does not allow
  classes      data members, and names of methods, that a class declares itself (overloads are one name); a struct of data
               alone is a record and has no bound, and rows that a table expands into methods are not counted. LARGE lists
               the classes beyond the bound, with the size that they must not exceed
  machine      what ci/machines.py finds: words of a machine outside of its folders
  slots        a factor 8 in the folders that handle slots, outside of core/abi/slot.h and of the machines' folders
  contracts    share of public declarations that ci/contracts.py finds without a contract
"""
import argparse
import collections
import os
import re
import statistics
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import contracts  # noqa: E402
import layers  # noqa: E402
import machines  # noqa: E402

TOPS = ("core", "sandbox")
SHOWN = 5  # places under a figure

INSTRUCTION = re.compile(r"\b(?:i32[._]|prefix##_)rotl\b(?!\(0)")
INSTRUCTION_FOLDERS = ("core", "sandbox", "fuzz", "tests/vectors")
SLOT_FOLDERS = ("core/abi", "core/engine", "core/interp", "core/jit", "core/runtime", "core/verify")
SLOT_FILE = "core/abi/slot.h"
EIGHT = re.compile(r"(?<![\w.])8u? \*|\* 8u?(?![\w.])")
DATA_MEMBER = re.compile(r"[\w:<>,*&\s\[\]()]*[\w>*&\]]\s+[*&]*\w+\s*(?:\[[^\]]*\]\s*)*(?::\s*\w+\s*)?(?:=|\{|,|$)", re.DOTALL)
NO_MEMBER = re.compile(r"(?:using|typedef|friend|static|template|static_assert|constexpr|inline|enum|return|public|class \w+$|struct \w+$)\b")

# Classes beyond the bound: fields and names of methods that each may have at most. One that is within the bound leaves
# the list.
MOST_FIELDS, MOST_METHODS = 15, 40
LARGE = {
    "core/jit/baseline/compiler.h:Compiler": (15, 57),
    "core/jit/code/compile.cc:ModuleCompiler": (16, 9),
    "core/jit/masm/x64/masm.h:MacroAssembler": (1, 70),  # the words of core/jit/masm/concept.h
    "core/jit/masm/x64/vectors.h:Vectors": (4, 62),  # the same for vectors
    "core/jit/masm/bookkeeping.h:Bookkeeping": (16, 35),  # a list for each table of a blob
    "core/runtime/execution.h:Execution": (19, 4),
    "core/runtime/func.h:Func": (19, 4),
    "core/runtime/instance.h:Instance": (18, 3),
    "core/verify/pass.h:Pass": (22, 50),
    "core/wasm/module.h:Module": (29, 4),  # a list for each section
    "core/wasm/validate_func.h:FuncValidator": (25, 54),
    "sandbox/supervisor/report.h:RunReport": (34, 1),  # a field for each of docs/report.md
}

# A place: path, line, what is there, its number.
Place = collections.namedtuple("Place", "path line text number")
Figure = collections.namedtuple("Figure", "name value most unit places")


class Source(contracts.Header):
    """One .h or .cc file: its functions with their lengths, its classes with their members."""

    def __init__(self, text):
        self.functions = []  # Place without a path: (line, head, lines)
        self.members = collections.defaultdict(lambda: [0, set()])  # (kind, class) -> fields, names of methods
        super().__init__(text)

    def declare(self, start, end, public, name, body=None):
        statement = self.code[start:end].strip()
        plain = contracts.PREFIX.sub("", statement)
        is_function = contracts.FUNCTION.match(plain) and not contracts.NOT_COUNTED.match(plain)
        if body is not None and is_function:
            first = self.line_of(start + len(self.code[start:end]) - len(self.code[start:end].lstrip()))
            last = self.line_of(end + len(body) + 1)
            self.functions.append((first + 1, " ".join(plain.split("(")[0].split()), last - first + 1))
        if name is None or not plain:
            return
        if is_function:
            if not re.search(r"=\s*(?:default|delete)$", plain):
                self.members[name][1].add(plain.split("(")[0].split()[-1])
        elif not NO_MEMBER.match(plain) and DATA_MEMBER.match(plain):
            declared = re.sub(r"<(?:[^<>]|<[^<>]*>)*>|\{[^{}]*\}|\[[^\]]*\]", "", plain)
            self.members[name][0] += 1 + declared.split("=")[0].count(",") if "=" not in declared else \
                1 + len(re.findall(r",\s*[*&]?\w+\s*(?==|,|$)", declared))


def sources(root):
    """(path, text) of each file of the product."""
    for top in TOPS:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(directory, name)
                if name.endswith((".h", ".cc")):
                    with open(path, encoding="utf-8") as file:
                        yield os.path.relpath(path, root), file.read()


def touches(root):
    places = []
    for top in INSTRUCTION_FOLDERS:
        for directory, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(directory, name)
                if name.endswith((".h", ".cc", ".def")):
                    with open(path, encoding="utf-8") as file:
                        places += [Place(os.path.relpath(path, root), number, line.strip(), 1)
                                   for number, line in enumerate(file, 1)
                                   if INSTRUCTION.search(line.split("//")[0])][:1]
    return Figure("touches of i32.rotl", len(places), 4, "files", places)


def slots(files):
    places = []
    for path, source in files.items():
        if not path.startswith(SLOT_FOLDERS) or path == SLOT_FILE or machines.machine_of(path):
            continue
        places += [Place(path, number, line.strip(), 1)
                   for number, line in enumerate(source.code.split("\n"), 1) if EIGHT.search(line)]
    return Figure("factors 8 outside of slot.h", len(places), 0, "lines", places)


def upward(root, texts):
    table, errors = layers.read_layers(os.path.join(root, "ci/layers.txt"))
    errors += [error for path, text in texts.items() for error in layers.check_includes(table, path, text)]
    return Figure("includes out of their layer", len(errors), 0, "", [Place(error, 0, "", 1) for error in errors])


def machine_words(root):
    errors = []
    for path in machines.sources(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            errors += machines.check(path, file.read())
    return Figure("words of a machine above its folders", len(errors), 0, "", [Place(error, 0, "", 1) for error in errors])


def without_contract(root):
    found = {}
    for path in contracts.headers(root):
        with open(path, encoding="utf-8") as file:
            found[os.path.relpath(path, root)] = contracts.Header(file.read())
    missing = [Place(path, declaration.first + 1, declaration.text, 1) for path, header in found.items()
               for declaration in header.found if not header.has_contract(declaration)]
    counted = sum(len(header.found) for header in found.values())
    return Figure("public declarations without a contract", round(100 * len(missing) / max(counted, 1), 1), 10, "%", missing)


def classes(files):
    """Fields and methods of each class; a record, a struct without methods, has no bound."""
    fields, methods, errors = [], [], []
    for path, source in files.items():
        for (kind, name), (data, functions) in source.members.items():
            if kind != "class" and not functions:
                continue
            size = (data, len(functions))
            listed = LARGE.get(f"{path}:{name}")
            if listed is None:
                fields.append(Place(path, 0, name, size[0]))
                methods.append(Place(path, 0, name, size[1]))
            elif size[0] > listed[0] or size[1] > listed[1] or size[0] <= MOST_FIELDS and size[1] <= MOST_METHODS:
                errors.append(Place(path, 0, f"{name} has {size[0]} fields and {size[1]} methods, and LARGE of "
                                    f"ci/house.py says {listed[0]} and {listed[1]}", 1))
    return fields, methods, errors


def percentile(numbers, share):
    numbers = sorted(numbers)
    return numbers[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else 0


def largest(name, places, most, unit):
    places = sorted(places, key=lambda place: -place.number)
    return Figure(name, places[0].number if places else 0, most, unit, places[:SHOWN])


def figures(root):
    texts = dict(sources(root))
    files = {path: Source(text) for path, text in texts.items()}
    functions = [Place(path, line, head, lines) for path, source in files.items()
                 for line, head, lines in source.functions]
    sizes = [Place(path, 1, "", text.count("\n")) for path, text in texts.items()]
    fields, methods, unlisted = classes(files)
    yield touches(root)
    yield Figure(f"95th percentile of {len(functions)} functions", percentile([f.number for f in functions], 0.95), 40, "lines", [])
    yield largest("longest function", functions, 60, "lines")
    yield Figure(f"median of {len(sizes)} files", int(statistics.median([size.number for size in sizes] or [0])), 300, "lines", [])
    yield largest("largest file", sizes, 600, "lines")
    yield upward(root, texts)
    yield largest("fields of the largest class that LARGE does not list", fields, MOST_FIELDS, "")
    yield largest("methods of the largest class that LARGE does not list", methods, MOST_METHODS, "")
    yield Figure("classes of LARGE that have grown or are small now", len(unlisted), 0, "", unlisted)
    yield machine_words(root)
    yield slots(files)
    yield without_contract(root)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("root", nargs="?", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options = parser.parse_args()
    broken = 0
    for figure in figures(options.root):
        print(f"{figure.value:6g} {figure.unit:5} of at most {figure.most:3g}  {figure.name}")
        over = figure.value > figure.most
        broken += over
        if over:
            print(f"house: {figure.name}: {figure.value:g}, at most {figure.most:g} are allowed", file=sys.stderr)
        for place in figure.places if options.list or over else ():
            print(f"           {place.number:4} {place.path}:{place.line}: {place.text[:80]}", file=sys.stderr if over else sys.stdout)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
