# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as an SVG that reads without the table: one line an engine on a logarithmic axis of slowdown
against native code, a dot a workload, a bar at the geometric mean with its figure, the extremes named."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM = 960, 150, 90, 118, 58, 104
INK, SOFT, GRID, OURS, THEIRS = "#1f2328", "#656d76", "#d8dee4", "#0a58ca", "#8c6d31"
FONT = "font-family=\"system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif\""
STEPS = (1, 2, 5)


class Axis:
    """Slowdown to x; both ends fall on a tick."""

    def __init__(self, low, high):
        self.ticks = [s * 10.0 ** e for e in range(-2, 5) for s in STEPS]
        below = [t for t in self.ticks if t <= low] or self.ticks[:1]
        above = [t for t in self.ticks if t >= high] or self.ticks[-1:]
        self.low, self.high = below[-1], max(above[0], below[-1] * 10)
        self.ticks = [t for t in self.ticks if self.low <= t <= self.high]

    def x(self, value):
        span = math.log(self.high / self.low)
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / self.low) / span


def text(x, y, content, size=13, color=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(content)}</text>')


def line(x1, y1, x2, y2, color, width=1.0):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
            f'stroke-width="{width}"/>')


def times(value):
    return f"{value:.2g}×" if value < 1 else f"{value:.1f}×" if value < 10 else f"{value:.0f}×"


def svg(results):
    """The whole document; engines from the fastest to the slowest, those without a result left to a note."""
    shown = [e for e in results.engines[1:] if results.ratios(e)]
    shown.sort(key=results.mean)
    missing = [e.name for e in results.engines[1:] if not results.ratios(e)]
    values = [v for e in shown for v in results.ratios(e).values()] + [1.0]
    axis = Axis(min(values) * 0.95, max(values) * 1.05)
    bottom = TOP + ROW * len(shown)
    height = bottom + BOTTOM
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
             f'height="{height}" {FONT}>', f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>']
    parts += header(results) + grid(axis, bottom)
    for index, engine in enumerate(shown):
        parts += engine_row(results, engine, axis, TOP + ROW * index + ROW / 2)
    parts += footer(results, bottom, missing)
    return "\n".join([*parts, "</svg>", ""])


def header(results):
    kind = "start of the process not counted" if results.options.net else "whole process, start included"
    return [text(24, 36, "How much slower than native code", 20, weight="600"),
            text(24, 60, f"{len(results.names)} C programs, clang -O2 for both; {kind}. "
                 "Further left is faster.", 13, SOFT)]


def grid(axis, bottom):
    parts = []
    for tick in axis.ticks:
        x, native = axis.x(tick), tick == 1
        parts.append(line(x, TOP - 8, x, bottom, INK if native else GRID, 1.2 if native else 1))
        parts.append(text(x, TOP - 14, "native" if native else f"{tick:g}×", 12, INK if native else SOFT, "middle"))
    return parts


def engine_row(results, engine, axis, y):
    ratios, mean = results.ratios(engine), results.mean(engine)
    color = OURS if engine.ours else THEIRS
    best, worst = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    parts = [text(LEFT - 14, y + 4, engine.name, 14, color if engine.ours else INK, "end",
                  "600" if engine.ours else "normal"),
             line(axis.x(ratios[best]), y, axis.x(ratios[worst]), y, color, 2)]
    for name, value in ratios.items():
        parts.append(f'<circle cx="{axis.x(value):.1f}" cy="{y:.1f}" r="4.5" fill="{color}" fill-opacity="0.45">'
                     f'<title>{escape(engine.name)}, {name}: {times(value)}</title></circle>')
    x = axis.x(mean)
    parts.append(f'<rect x="{x - 3:.1f}" y="{y - 12:.1f}" width="6" height="24" rx="2" fill="{color}"/>')
    parts.append(text(x, y - 17, times(mean), 13, color, "middle", "600"))
    return parts + extremes(axis, y, (best, ratios[best]), (worst, ratios[worst]))


def extremes(axis, y, best, worst):
    """Names the two ends below the line, side by side when they would run into each other."""
    left, right = axis.x(best[1]), axis.x(worst[1])
    if best[0] == worst[0]:
        return [text(left, y + 22, best[0], 11, SOFT, "middle")]
    near = right - left < 90
    return [text(left, y + 22, best[0], 11, SOFT, "end" if near else "middle"),
            text(right + (8 if near else 0), y + 22, worst[0], 11, SOFT, "start" if near else "middle")]


def footer(results, bottom, missing):
    m, options = results.machine, results.options
    partial = [f"{e.name} ran {len(results.ratios(e))} of {len(results.names)}" for e in results.engines[1:]
               if 0 < len(results.ratios(e)) < len(results.names)]
    partial += [f"{name} ran none" for name in missing]
    lines = ["Bar: geometric mean. Dots: one program each; the fastest and the slowest are named. "
             f"Median of {options.rounds} rounds, engines alternating.",
             f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}."]
    if partial:
        lines.append("; ".join(partial) + ".")
    return [text(24, bottom + 34 + 19 * i, content, 12, SOFT) for i, content in enumerate(lines)]
