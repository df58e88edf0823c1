# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How a campaign is shown: one screen that is drawn again each second where there is a terminal, lines where there is
none, one JSON object at the end with --json. What targets wrote is made printable before a terminal sees it."""
import json
import shutil
import sys
import time

from . import text

LINES_EVERY = 10.0  # seconds between plain lines
COLUMNS = ("target", "jobs", "runs", "a second", "edges", "features", "corpus", "last new", "findings")


def ago(moment):
    return text.clock(time.time() - moment) if moment else "-"


def table(status):
    """Rows of text, the first one the heading."""
    rows = [COLUMNS]
    for name, row in status["targets"].items():
        found = sum(1 for finding in status["findings"] if finding["target"] == name)
        rows.append((name, str(row["jobs"]) if not row["unavailable"] else "no", text.count(row["runs"]),
                     text.count(row["rate"]), text.count(row["cover"]), text.count(row["features"]),
                     text.count(row["corpus"]), ago(row["last_new"]), str(found)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows]


def ends(status):
    """A line a target of how its calls ended, in percent, the most frequent first."""
    for name, row in status["targets"].items():
        whole = sum(row["ends"].values())
        if whole:
            parts = sorted(row["ends"].items(), key=lambda item: -item[1])
            yield f"{name} ends: " + ", ".join(f"{text.printable(end)} {100 * n / whole:.1f} %" for end, n in parts[:7])


def finding_line(finding):
    said = finding["text"] if finding["text"] != finding["what"] else ""
    what = " ".join(filter(None, (finding["what"], finding["rule"], said or "/".join(finding["frames"]))))
    state = "" if finding["state"] == "open" else f" [{finding['state']}]"
    return (f"{finding['kind']:<8}{finding['id']:<22}x{finding['count']:<5}{text.size(finding['bytes'] or 0):>6}  "
            f"{text.printable(what)}{state}")


def kinds(status):
    counts = {kind: sum(f["kind"] == kind for f in status["findings"]) for kind in ("bug", "timeout", "memory", "leak")}
    return f"{counts['bug']} bugs; apart from them {counts['timeout']} timeouts, {counts['memory']} of memory, {counts['leak']} leaks"


def headline(status):
    last = max((f["last"] for f in status["findings"]), default=None)
    new = max((row["last_new"] or 0 for row in status["targets"].values()), default=0)
    of = f" of {text.clock(status['seconds'])}" if status["seconds"] else ""
    return (f"cordon fuzz  {text.clock(status['elapsed'])}{of}   {text.count(status['runs'])} runs   "
            f"last new input {ago(new)} ago   last finding {ago(last) + ' ago' if last else 'never'}")


class Screen:
    """For a terminal."""

    def __init__(self, out):
        self.out, self.drawn, self.messages = out, 0, []

    def say(self, line):
        self.messages = (self.messages + [time.strftime("%H:%M:%S ") + text.printable(line)])[-5:]

    def show(self, status):
        width, height = shutil.get_terminal_size()
        lines = [headline(status), ""] + table(status) + [""] + list(ends(status))
        lines += ["", kinds(status)] + [finding_line(f) for f in status["findings"][:10]] + [""] + self.messages
        lines += ["Ctrl-C stops; the same command goes on"]
        lines = [line[:width - 1] for line in lines[:height - 1]]
        up = f"\x1b[{self.drawn}A" if self.drawn else ""
        self.out.write(up + "\r" + "".join(line + "\x1b[K\n" for line in lines) + "\x1b[J")
        self.out.flush()
        self.drawn = len(lines)

    def end(self, status):
        self.show(status)


class Lines:
    """For a file or a pipe."""

    def __init__(self, out):
        self.out, self.last = out, 0.0

    def say(self, line):
        self.write(text.printable(line))

    def write(self, line):
        self.out.write(line + "\n")
        self.out.flush()

    def show(self, status):
        now = time.monotonic()
        if now - self.last < LINES_EVERY:
            return
        self.last = now
        for name, row in status["targets"].items():
            if row["jobs"]:
                self.write(f"{text.clock(status['elapsed'])} {name}: {row['runs']} runs, {row['rate']:.0f} a second, "
                           f"{row['cover']} edges, {row['features']} features, {row['corpus']} in the corpus")

    def end(self, status):
        self.write(headline(status))
        for line in table(status) + list(ends(status)) + [kinds(status)]:
            self.write(line)
        for finding in status["findings"]:
            self.write(finding_line(finding))


class Json:
    """Nothing until the end, and then all."""

    def say(self, line):
        print(text.printable(line), file=sys.stderr)

    def show(self, status):
        pass

    def end(self, status):
        print(json.dumps(status, indent=1, sort_keys=True))


def make_screen(options):
    if options.json:
        return Json()
    return Screen(sys.stdout) if sys.stdout.isatty() and not options.plain else Lines(sys.stdout)
