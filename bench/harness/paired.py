# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Two builds measured in turn: the figures of each row, their medians, and the ratio within each round."""
import re
import statistics


class Pair:
    """What one row showed in each round, before and after: times or sizes, in `unit`."""

    def __init__(self, unit):
        self.unit, self.before, self.after = unit, [], []

    def ratios(self):
        return [b / a for a, b in zip(self.before, self.after)]

    def ratio(self):
        """Median of the ratios within the rounds; None if a round lacks one of its two."""
        if len(self.before) != len(self.after) or not self.before or min(self.before) <= 0:
            return None
        return statistics.median(self.ratios())

    def ratio_of_fastest(self):
        """The least after by the least before: where the machine is busy, the steadier of the two ratios."""
        return None if self.ratio() is None else min(self.after) / min(self.before)

    def as_json(self):
        return {"unit": self.unit, "before": self.before, "after": self.after, "ratio": self.ratio(),
                "ratio_of_fastest": self.ratio_of_fastest()}


class Pairs:
    """The rows of one suite, in the order in which they were first seen."""

    def __init__(self):
        self.rows = {}

    def add(self, side, figures):
        """`side` is "before" or "after"; `figures` yields (row, unit, value)."""
        for name, unit, value in figures:
            getattr(self.rows.setdefault(name, Pair(unit)), side).append(value)


def alternate(rounds, measure):
    """Calls measure("before") and measure("after") once a round, each of them first in every other round, and
    collects the figures that they yield."""
    pairs = Pairs()
    for count in range(rounds):
        sides = ("before", "after") if count % 2 == 0 else ("after", "before")
        for side in sides:
            pairs.add(side, measure(side))
    return pairs


def spread(values):
    """Half the distance between the quartiles as a part of the median: what half of the rounds stay within."""
    if len(values) < 2:
        return None
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / middle


def call_figures(text):
    """(row, unit, ns) of what cordon-call-figures prints, for each of its two engines."""
    for line in text.splitlines():
        found = re.fullmatch(r" *([\d.]+) +([\d.]+)  (.+)", line)
        if found:
            for engine, value in (("jit", found[1]), ("interp", found[2])):
                yield f"{engine}: {found[3]}", "ns", float(value)


def compile_figures(text):
    """(row, unit, value) of what cordon-compile-figures prints: the median of its lines, the first of which, when
    there are several, pays for fresh memory and is left out."""
    lines = [line for line in text.splitlines() if line.startswith("validate ")]
    columns = {}
    for line in lines[1:] or lines:
        for name, value in re.findall(r"(\w+) ([\d.]+) ms", line):
            columns.setdefault((name, "ms"), []).append(float(value))
        for value in re.findall(r"code (\d+) bytes", line):
            columns.setdefault(("code", "bytes"), []).append(float(value))
    for (name, unit), values in columns.items():
        yield name, unit, statistics.median(values)


def number(value):
    digits = 3 if value < 1 else 2 if value < 100 else 1 if value < 10000 else 0
    return f"{value:.{digits}f}"


def markdown(title, pairs):
    """A row a figure; a row that one of the builds lacks shows what the other has."""
    lines = [f"| {title} | before | after | after / before | half of the rounds within | fastest / fastest |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name, pair in pairs.rows.items():
        cells = [f"{number(statistics.median(side))} {pair.unit}" if side else "-"
                 for side in (pair.before, pair.after)]
        ratio = pair.ratio()
        around = None if ratio is None else spread(pair.ratios())
        cells.append("-" if ratio is None else f"{ratio:.3f}")
        cells.append("-" if around is None else f"± {100 * around:.1f} %")
        cells.append("-" if ratio is None else f"{pair.ratio_of_fastest():.3f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
