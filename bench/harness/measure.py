# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times processes: every engine runs every workload once a round, so that a change of the machine's mood
during the run meets all alike, and a ratio is taken within its round."""
import json
import math
import os
import resource
import statistics
import subprocess
import tempfile
import time

from . import workloads

OK, MISSING, WRONG = "ok", "cannot run it", "wrong result"


def children_cpu():
    """Processor seconds of all processes that ended, in microseconds' steps; os.times() counts in ticks."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_once(command, timeout):
    """(wall seconds, CPU seconds, stdout, what went wrong or None)"""
    before, start = children_cpu(), time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return timeout, None, "", f"over {timeout:g} s"
    wall, cpu = time.perf_counter() - start, children_cpu() - before
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return wall, cpu, done.stdout, f"exit {done.returncode}: {lines[-1][:80] if lines else ''}"
    return wall, cpu, done.stdout, None


def validation_times(cordon, path):
    """(decode, validate) in milliseconds, as one `cordon validate` reports them; one core."""
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, "report.json")
        done = subprocess.run([cordon, "validate", "--report", report, path], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {path}: {done.stderr.strip()}")
        with open(report, encoding="utf-8") as file:
            found = json.load(file)
    return found["decode_ms"], found["validate_ms"]


class Row:
    """What one engine did with one workload."""

    def __init__(self):
        self.walls, self.cpus, self.state, self.why = [], [], OK, ""

    def as_json(self):
        return {"state": self.state, "why": self.why, "wall_s": self.walls, "cpu_s": self.cpus}


def measure(engines, builder, names, options, progress):
    """(engine name, workload) -> Row, hello included. Stops asking an engine for a workload that failed."""
    rows = {(engine.name, name): Row() for engine in engines for name in [*names, workloads.HELLO]}
    for count in range(options.rounds):
        for name in [workloads.HELLO, *names]:
            expected = None
            # Native goes first in each round: its result is what the others must print.
            others = engines[1:]
            shift = count % len(others) if others else 0
            for engine in [engines[0], *others[shift:], *others[:shift]]:
                row = rows[engine.name, name]
                if row.state != OK:
                    continue
                progress(f"round {count + 1}/{options.rounds}  {name:<10} {engine.name}")
                expected = time_one(engine, builder, name, options, row, expected)
    return rows


def time_one(engine, builder, name, options, row, expected):
    command = engine.command(builder, name, options.scale)
    if command is None:
        row.state, row.why = MISSING, "needs WASI"
        return expected
    wall, cpu, output, wrong = run_once(command, options.timeout)
    if wrong:
        row.state, row.why = MISSING, wrong
        return expected
    checksum = engine.checksum(output)
    if expected is not None and checksum != expected:
        row.state, row.why = WRONG, f"printed {checksum[:40]!r}, native code {expected[:40]!r}"
        return expected
    row.walls.append(wall)
    row.cpus.append(cpu)
    return expected if expected is not None else checksum


def start_cost(rows, engine):
    walls = rows[engine, workloads.HELLO].walls
    return statistics.median(walls) if walls else None


def ratio(rows, engine, native, name, net):
    """Median over the rounds of this engine's time by native time of the same round; None where it has none.
    With net, each time is less what hello takes in the same engine."""
    row, base = rows[engine, name], rows[native, name]
    if row.state != OK or not row.walls or not base.walls:
        return None
    mine = (start_cost(rows, engine) or 0) if net else 0
    theirs = (start_cost(rows, native) or 0) if net else 0
    # A time that hello's noise swallows whole would make the ratio negative or endless.
    return statistics.median(max(a - mine, 1e-4) / max(b - theirs, 1e-4) for a, b in zip(row.walls, base.walls))


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None
