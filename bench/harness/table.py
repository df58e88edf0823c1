# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as a table for a terminal or a README, and as JSON."""
import json
import os
import platform
import statistics

from . import measure, workloads


def machine():
    """What the figures depend on: processor, cores, kernel."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0]}


class Results:
    """Everything one run of the harness found, ready to be shown."""

    def __init__(self, engines, names, rows, options):
        self.engines, self.names, self.rows, self.options = engines, names, rows, options
        self.machine = machine()
        self.native = engines[0].name

    def ratio(self, engine, name):
        return measure.ratio(self.rows, engine.name, self.native, name, self.options.net)

    def ratios(self, engine):
        """workload -> ratio to native, without those it could not run"""
        found = {name: self.ratio(engine, name) for name in self.names}
        return {name: value for name, value in found.items() if value is not None}

    def mean(self, engine):
        return measure.geometric_mean(list(self.ratios(engine).values()))

    def wrong(self):
        return [(engine.name, name) for engine in self.engines for name in self.names
                if self.rows[engine.name, name].state == measure.WRONG]


def number(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def markdown(results):
    """A row a workload, a column an engine; notes below say what a mark means."""
    engines, notes = results.engines, []
    lines = ["| workload | native, s | " + " | ".join(e.name for e in engines[1:]) + " |",
             "| --- |" + " ---: |" * len(engines)]
    for name in results.names:
        walls = results.rows[results.native, name].walls
        cells = [f"{statistics.median(walls):.3f}" if walls else "-"]
        for engine in engines[1:]:
            row = results.rows[engine.name, name]
            cells.append(number(results.ratio(engine, name)) if row.state == measure.OK else mark(row))
            if row.state != measure.OK:
                notes.append(f"{engine.name}, {name}: {row.state} ({row.why})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("| **geometric mean** | | " + " | ".join(mean_cell(results, e) for e in engines[1:]) + " |")
    starts = [measure.start_cost(results.rows, e.name) for e in engines]
    lines.append("| start (hello), ms | " + " | ".join(number(s * 1000 if s else None) for s in starts) + " |")
    return "\n".join([*lines, "", *footer(results), *notes])


def mark(row):
    return "WRONG" if row.state == measure.WRONG else "can't"


def mean_cell(results, engine):
    """The geometric mean; one over fewer workloads says over how many, for it compares with no other."""
    have, mean = results.ratios(engine), results.mean(engine)
    if mean is None:
        return "-"
    short = "" if len(have) == len(results.names) else f" ({len(have)} of {len(results.names)})"
    return f"**{number(mean)}**{short}"


def footer(results):
    m, options = results.machine, results.options
    what = "start cost subtracted" if options.net else "whole process, start included"
    yield f"Time by native time (clang -O2), {what}; median of {options.rounds} rounds, scale {options.scale:g}."
    yield f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}."
    for engine in results.engines:
        yield f"{engine.name}: {engine.version}" + (f" ({engine.note})" if engine.note else "")


def as_json(results):
    engines = []
    for engine in results.engines:
        engines.append({
            "name": engine.name, "version": engine.version, "note": engine.note,
            "start_s": measure.start_cost(results.rows, engine.name),
            "geometric_mean": results.mean(engine), "ratios": results.ratios(engine),
            "runs": {n: results.rows[engine.name, n].as_json() for n in [*results.names, workloads.HELLO]},
        })
    options = results.options
    return json.dumps({"machine": results.machine, "rounds": options.rounds, "scale": options.scale,
                       "net": options.net, "engines": engines}, indent=1) + "\n"
