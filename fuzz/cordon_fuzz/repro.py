# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz repro ID`: runs it again, writes all that helps to understand it into findings/ID/repro/, and prints
one line that shows it. With the shipped binary if that shows it: a script for `cordon wast` of what the interpreter
does, or a verdict of `cordon validate`; each line is tried before it is printed."""
import json
import os
import shlex
import shutil

from . import errors, text
from .check import Checker
from .findings import Findings
from .folder import write_whole
from .modules import output_of, wat_of
from .shipped import Shipped
from .targets import find_all


class Repro:
    def __init__(self, finding, target, checker, options):
        self.finding, self.target, self.checker, self.options = finding, target, checker, options
        self.shipped = Shipped(options, target)
        self.wrote = []

    def file(self, name):
        return self.finding.file("repro", name)

    def write(self, name, data):
        write_whole(self.file(name), data)
        self.wrote.append(name)

    def run(self):
        """{"fails": bool, "lines": [...], "files": [...], "report": text}."""
        shutil.rmtree(self.file(""), ignore_errors=True)
        os.makedirs(self.file(""))
        with open(self.finding.smallest(), "rb") as file:
            data = file.read()
        self.write("input", data)
        module = self.checker.scratch("module.wasm")
        report = self.checker.input(self.target, data, module)
        self.write("log.txt", self.checker.last_log.encode(errors="replace"))
        lines = [line for line in self.module_lines(module) if line]
        lines.append(shlex.join([self.target.program, self.file("input")]))
        return {"finding": self.finding["id"], "fails": report is not None, "report": report.text if report else "",
                "lines": lines, "files": [self.file(name) for name in self.wrote]}

    def module_lines(self, made):
        """Writes what is known of the module, and gives lines that show the finding with it, the best first."""
        least = self.finding.file("module.wasm")
        module = least if os.path.exists(least) else made
        if not os.path.exists(module):
            return
        with open(module, "rb") as file:
            self.write("module.wasm", file.read())
        wat = wat_of(module)
        if wat is not None:
            self.write("module.wat", wat.encode())
        if self.shipped.cordon:
            code = output_of([self.shipped.cordon, "objdump", self.file("module.wasm")])
            if code:
                self.write("code.txt", code.encode())
            line = self.shipped.line(self.file("module.wasm"), self.file("script.json"))
            if os.path.exists(self.file("script.json")):
                self.wrote.append("script.json")
            yield line and shlex.join(line)
            yield self.validate_line()
        program = self.target.module_program()
        if program and self.checker.module(program, self.file("module.wasm")):
            yield shlex.join([program, self.file("module.wasm")])

    def validate_line(self):
        """Where the finding is what is accepted: what Cordon says, for the reader to compare."""
        if self.finding["target"] not in ("validate",) and self.finding["what"] != "refused":
            return None
        return shlex.join([self.shipped.cordon, "validate", self.file("module.wasm")])


def repro(options, folder):
    finding = Findings(folder.must_exist()).get(options.id)
    target = find_all(options.build, options.sources).get(finding["target"])
    if target is None:
        raise errors.Stop(errors.LACKING, f"the target {finding['target']} is not built in {options.build}")
    with Checker(folder) as checker:
        result = Repro(finding, target, checker, options).run()
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        print(f"{finding['id']}: " + (text.printable(result["report"]) if result["fails"] else "does not fail any more"))
        for path in result["files"]:
            print(f"  wrote {path}")
        print(result["lines"][0])
    return errors.BUGS if result["fails"] else errors.CLEAN
