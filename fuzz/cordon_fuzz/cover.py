# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz cover`: runs the corpora through the build of the preset coverage, lets llvm-cov write its pages, and
writes one page of its own: charts of the campaign over time, instruction by engine, and what was never reached.
Without that build it is the charts."""
import glob
import html
import json
import os
import shutil
import subprocess

from . import errors, text
from .charts import chart
from .folder import read_json, write_whole
from .reach import ENGINES, Reach
from .targets import ROOT, choose
from .worker import die_with_parent, environment

HOW_TO_BUILD = "cmake --preset coverage && cmake --build --preset coverage --target fuzz-replays"
LONGEST = 3600
MOST_FAILING = 20  # inputs of a target, after which it is given up
STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222;background:#fff}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:currentColor}.title{font-weight:600;font-size:14px}
table{border-collapse:collapse;margin:1em 0}td,th{padding:2px 12px 2px 0;text-align:right}td:first-child,th:first-child{text-align:left}
.never{color:#b00020;font-weight:600}@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}.never{color:#ff7a85}}"""


def tool(name):
    """LLVM's tool, with the version that builds Cordon or without."""
    for path in (name + "-19", name):
        if shutil.which(path):
            return path
    raise errors.Stop(errors.LACKING, f"{name}-19 is not there (the package llvm-19)")


def run(command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=LONGEST, preexec_fn=die_with_parent, **more)
    if done.returncode != 0:
        last = text.printable(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
        raise errors.Stop(errors.LACKING, f"{os.path.basename(command[0])} ended with status {done.returncode}: {last}")
    return done.stdout.decode(errors="replace")


class Coverage:
    """Of the programs replay-TARGET of one build."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.programs = {}
        for name in choose(options.targets, options.build, options.sources):
            for place in ("fuzz", "."):
                path = os.path.join(options.coverage, place, "replay-" + name)
                if os.access(path, os.X_OK):
                    self.programs[name] = path

    def replay(self):
        """Runs every corpus: (a folder of profiles, {target: inputs that end the program}). Those are left out the
        next time, since a process that dies writes no profile."""
        profiles = self.folder.file("cover", "profiles")
        shutil.rmtree(profiles, ignore_errors=True)
        os.makedirs(profiles)
        failed = {}
        for name, program in self.programs.items():
            bad = []
            while len(bad) <= MOST_FAILING:
                last = self.run_corpus(name, program, bad, os.path.join(profiles, name + ".profraw"))
                if last is None:
                    break
                bad.append(last)
            if bad:
                failed[name] = [text.printable(path) for path in bad]
        return profiles, failed

    def run_corpus(self, name, program, bad, profile):
        """The input that ended the program; None if all ran."""
        values = {**environment(), "LLVM_PROFILE_FILE": profile}
        command = [program, *(f"--skip={path}" for path in bad), self.folder.file("corpus", name)]
        done = subprocess.run(command, cwd=self.folder.directory("scratch"), env=values, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST, check=False,
                              preexec_fn=die_with_parent)
        if done.returncode == 0:
            return None
        corpus = self.folder.file("corpus", name) + "/"
        said = done.stderr.decode(errors="replace").splitlines()
        return next((line for line in reversed(said) if line.startswith(corpus)), corpus)

    def collect(self):
        """(Reach, targets that did not get to the end)."""
        profiles, failed = self.replay()
        raw = [path for path in glob.glob(os.path.join(glob.escape(profiles), "*.profraw")) if os.path.getsize(path)]
        if not raw:
            raise errors.Stop(errors.LACKING, f"no program wrote a profile; is {self.options.coverage} the preset coverage?")
        data = os.path.join(profiles, "all.profdata")
        run([tool("llvm-profdata"), "merge", "-sparse", "-o", data, *raw])
        programs = list(self.programs.values())
        objects = [programs[0]] + [word for path in programs[1:] for word in ("-object", path)]
        common = [f"-instr-profile={data}", "-ignore-filename-regex=/(tests|fuzz|usr)/"]
        run([tool("llvm-cov"), "show", *objects, *common, "-format=html", "-show-branches=count",
             "-output-dir=" + self.folder.file("cover", "html")])
        return Reach(run([tool("llvm-cov"), "export", *objects, *common, "-format=lcov"])), failed


def history(folder):
    """{target: {key: [(seconds, value)]}} and findings over time. Pauses between sessions do not count."""
    series, findings, before, now = {}, [], None, 0.0
    try:
        with open(folder.file("history.jsonl"), encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.endswith("}\n")]
    except (OSError, ValueError):
        rows = []
    for row in rows:
        if before is not None:
            now += min(max(row["time"] - before, 0.0), 30.0)
        before = row["time"]
        findings.append((now, row["findings"]))
        for name, values in row["targets"].items():
            for key, value in values.items():
                series.setdefault(key, {}).setdefault(name, []).append((now, value))
    return series, {"findings": findings}


def opcode_table(rows):
    head = "".join(f"<th>{engine}</th>" for engine in ENGINES)
    body = "".join(f"<tr><td>{html.escape(name)}</td>{''.join(map(cell, calls.values()))}</tr>" for name, calls in rows)
    return f"<table><tr><th>instruction</th>{head}</tr>{body}</table>"


def cell(count):
    if count is None:
        return "<td>-</td>"
    return f"<td>{text.count(count)}</td>" if count else '<td class="never">never</td>'


def never(rows):
    names = [html.escape(name) for name, count in rows if count == 0]
    return f'<p class="never">{" ".join(names)}</p>' if names else "<p>none</p>"


def page(folder, reach, failed, note):
    """The page's bytes."""
    series, findings = history(folder)
    out = ["<!doctype html><meta charset=utf-8><title>cordon fuzz: coverage</title>", f"<style>{STYLE}</style>",
           "<h1>What the campaign reached</h1>"]
    status = read_json(folder.file("status.json"), {}) or {}
    out.append(f"<p>{text.count(status.get('runs', 0))} runs in {text.clock(status.get('elapsed', 0))}.</p>")
    for key, title in (("cover", "Edges, as libFuzzer counts them"), ("rate", "Runs a second"), ("corpus", "Inputs in the corpus")):
        out.append(chart(title, series.get(key, {})))
    out.append(chart("Findings", findings, step=True))
    out += [f"<p>{html.escape(note)}</p>"] if note else []
    out += [f"<p class=never>{html.escape(name)}: {len(bad)} inputs end it and are not counted: {html.escape(' '.join(bad))}</p>"
            for name, bad in failed.items()]
    if reach:
        opcodes, rules = reach.opcodes(ROOT), reach.rules(ROOT)
        out.append('<p><a href="html/index.html">Lines, by llvm-cov</a></p><h2>Never reached</h2>')
        for engine in ENGINES:
            out.append(f"<h3>{engine}</h3>" + never([(name, calls[engine]) for name, calls in opcodes]))
        for part, rows in {**reach.parts(), "rules of the verifier": rules}.items():
            out.append(f"<h3>{html.escape(part)}</h3>" + never(rows))
        out.append("<h2>Instruction by engine</h2><p>How often its handler or emitter was called.</p>" + opcode_table(opcodes))
    return "\n".join(out).encode()


def summary(reach, path, failed):
    if not reach:
        return {"page": path}
    opcodes, rules = reach.opcodes(ROOT), reach.rules(ROOT)
    hit, whole = (sum(column) for column in zip(*reach.files.values())) if reach.files else (0, 0)
    return {"page": path, "lines": whole, "reached": hit, "failed": failed, "never": {
        **{engine: [name for name, calls in opcodes if calls[engine] == 0] for engine in ENGINES},
        **{part: [name for name, calls in rows if calls == 0] for part, rows in reach.parts().items()},
        "rules": [rule for rule, count in rules if count == 0]}}


def cover(options, folder):
    coverage = Coverage(options, folder.must_exist())
    folder.directory("cover")
    reach, failed = None, {}
    note = "" if coverage.programs else f"Lines, instructions and rules need a build that counts: {HOW_TO_BUILD}"
    if coverage.programs:
        reach, failed = coverage.collect()
    path = folder.file("cover", "index.html")
    write_whole(path, page(folder, reach, failed, note))
    facts = summary(reach, path, failed)
    if options.json:
        print(json.dumps(facts, indent=1))
        return errors.CLEAN
    if reach:
        print(f"{facts['reached']} of {facts['lines']} lines, {100 * facts['reached'] / max(facts['lines'], 1):.1f} %")
        for name, missing in facts["never"].items():
            print(f"{name}: {len(missing)} never reached{': ' + ' '.join(missing[:12]) if missing else ''}")
    for name, bad in failed.items():
        print(f"{name}: {len(bad)} inputs end it and are not counted: {' '.join(bad[:3])}")
    print(note or path)
    if note:
        print(path)
    return errors.CLEAN
