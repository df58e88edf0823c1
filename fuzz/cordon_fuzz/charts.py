# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Line charts as SVG, for the page of `cordon fuzz cover`. A chart is its title and {name: [(x, y), ...]}."""
import html
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 240, 70, 28, 30
COLOURS = ("#0b6e99", "#b5541c", "#3c7d3c", "#8a3b8f", "#8c7a00", "#c22f4a", "#4d5a9e", "#5c5c5c")


def nice(most):
    """A step for about four lines of a grid up to `most`."""
    if most <= 0:
        return 1
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough)


def short(number):
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{unit}"
    return f"{number:g}"


def path(points, most_x, most_y, step=False):
    out, before = [], None
    for x, y in points:
        px = LEFT + (WIDTH - LEFT - 10) * x / (most_x or 1)
        py = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / (most_y or 1)
        if step and before is not None:
            out.append(f"L{px:.1f} {before:.1f}")
        out.append(f"{'L' if out else 'M'}{px:.1f} {py:.1f}")
        before = py
    return "".join(out)


def chart(title, series, step=False):
    """`x` are seconds. `step`: values that hold until the next one."""
    series = {name: points for name, points in series.items() if points}
    most_x = max((x for points in series.values() for x, _ in points), default=1) or 1
    most_y = max((y for points in series.values() for _, y in points), default=1) or 1
    grid, level = [], 0.0
    while level <= most_y:
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * level / most_y
        grid.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>'
                    f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(level)}</text>')
        level += nice(most_y)
    unit, name = (3600, "h") if most_x > 7200 else (60, "min") if most_x > 120 else (1, "s")
    lines, legend = [], []
    for number, (label, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        lines.append(f'<path d="{path(points, most_x, most_y, step)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        legend.append(f'<tspan fill="{colour}">{html.escape(label)}</tspan>')
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">'
            f'<text x="{LEFT}" y="16" class="title">{html.escape(title)}</text>'
            f'<text x="{WIDTH - 10}" y="16" text-anchor="end">{" ".join(legend)}</text>{"".join(grid)}{"".join(lines)}'
            f'<text x="{LEFT}" y="{HEIGHT - 8}">0</text>'
            f'<text x="{WIDTH - 10}" y="{HEIGHT - 8}" text-anchor="end">{most_x / unit:.3g} {name}</text></svg>')
