# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz minimize`: makes what was found smaller as long as it fails in the same way (log.Report.shape). Where
the target makes a module, and a program takes modules, it is the module that shrinks, by cordon-fuzz-reduce:
sections, functions, blocks, instructions. Else it is the input's bytes."""
import json
import os
import shutil
import subprocess
import time

from . import errors, text
from .check import Checker
from .findings import Findings
from .folder import write_whole
from .modules import opcodes_of
from .shipped import Shipped, tool_of
from .targets import find_all


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Minimizer:
    def __init__(self, finding, target, checker, options):
        self.finding, self.target, self.checker, self.options = finding, target, checker, options
        self.until = time.monotonic() + options.seconds
        self.tried = 0
        self.shipped = Shipped(options, target)
        self.shows = False

    def over(self):
        return time.monotonic() > self.until

    def shape_of_input(self, data, module=None):
        report = self.checker.input(self.target, data, module)
        self.tried += 1
        return report.shape() if report else None

    # Modules.

    def programs(self):
        """Those that take this target's modules: the build without sanitizers is many times as fast."""
        own = self.target.module_program()
        if own is None:
            return
        for path in (os.path.join(self.options.release, "fuzz", os.path.basename(own)), own):
            if os.access(path, os.X_OK):
                yield path

    def reduce_module(self, module):
        """The smallest module, or None if no program fails with `module` as the target did."""
        tool = tool_of(self.options, self.target, "cordon-fuzz-reduce")
        if tool is None:
            return None
        for program in self.programs():
            report = self.checker.module(program, module)
            if report:
                return self.ask(tool, program, module, report.shape())
        return None

    def ask(self, tool, program, module, shape):
        """The conversation with cordon-fuzz-reduce (fuzz/campaign/reduce_main.cc)."""
        candidate = self.checker.scratch("candidate.wasm")
        with subprocess.Popen([tool, module, candidate], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reducer:
            for line in reducer.stdout:
                if line.startswith("done"):
                    break
                self.tried += 1
                report = None if self.over() else self.checker.module(program, candidate)
                good = report and report.shape() == shape and self.still_shows(candidate)
                answer = "stop" if self.over() else "yes" if good else "no"
                reducer.stdin.write(answer + "\n")
                reducer.stdin.flush()
            reducer.stdin.close()
            if reducer.wait() != 0:
                raise errors.Stop(errors.LACKING, f"{tool} ended with status {reducer.returncode}")
        return read(candidate)

    def still_shows(self, candidate):
        """Once the finding shows in the shipped program, it shall go on to do so. It often does when imports are
        gone."""
        shows = self.shipped.line(candidate, self.checker.scratch("script.json")) is not None
        keeps = shows or not self.shows
        self.shows = shows or self.shows
        return keeps

    # Bytes.

    def reduce_bytes(self, data, shape):
        """Leaves out ever smaller windows, then zeroes bytes."""
        window = max(len(data) // 2, 1)
        while window and not self.over():
            at, changed = 0, False
            while at < len(data) and not self.over():
                less = data[:at] + data[at + window:]
                if self.shape_of_input(less) == shape:
                    data, changed = less, True
                else:
                    at += window
            window = window if changed and window == 1 else window // 2
        for at in range(len(data)):
            if data[at] and not self.over():
                zeroed = data[:at] + b"\0" + data[at + 1:]
                if self.shape_of_input(zeroed) == shape:
                    data = zeroed
        return data

    def run(self):
        """What was made: {"input": bytes, "module": bytes or None}, sizes."""
        data = read(self.finding.smallest())
        module = self.checker.scratch("module.wasm")
        shape = self.shape_of_input(data, module)
        if shape is None:
            raise errors.Stop(errors.LACKING, f"{self.finding['id']} does not fail any more in {self.options.build}; "
                                              "`cordon fuzz triage --check` marks what is gone")
        result = {"finding": self.finding["id"], "before": len(data)}
        if os.path.exists(module):
            result["module_before"] = os.path.getsize(module)
            least = self.reduce_module(module)
            if least is not None:
                write_whole(self.finding.file("module.wasm"), least)
                opcodes = opcodes_of(self.finding.file("module.wasm"))
                self.finding.save(opcodes=opcodes, module=len(least))
                return {**result, "module": len(least), "opcodes": opcodes, "file": self.finding.file("module.wasm")}
        least = self.reduce_bytes(data, shape)
        write_whole(self.finding.file("minimized"), least)
        if os.path.exists(module) and self.shape_of_input(least, module) == shape:
            shutil.copyfile(module, self.finding.file("module.wasm"))
        return {**result, "after": len(least), "file": self.finding.file("minimized")}


def minimize(options, folder):
    findings = Findings(folder.must_exist())
    built = find_all(options.build, options.sources)
    chosen = [findings.get(name) for name in options.ids] or [f for f in findings.all() if f.is_open()]
    results = []
    with Checker(folder) as checker:
        for finding in chosen:
            if finding["target"] not in built:
                raise errors.Stop(errors.LACKING, f"the target {finding['target']} is not built in {options.build}")
            minimizer = Minimizer(finding, built[finding["target"]], checker, options)
            result = minimizer.run()
            result.update(tried=minimizer.tried, in_time=not minimizer.over())
            results.append(result)
            if not options.json:
                print(line_of(result))
    if options.json:
        print(json.dumps(results, indent=1))
    return errors.CLEAN


def line_of(result):
    if "module" in result:
        what = f"module of {result['module_before']} bytes, now {result['module']}: {' '.join(result['opcodes'])}"
    else:
        what = f"input of {result['before']} bytes, now {result['after']}"
    late = "" if result["in_time"] else "; its time was over, and --time gives it more"
    return text.printable(f"{result['finding']}: {what} ({result['tried']} tried{late})") + f"\n  {result['file']}"
