# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Findings: a folder findings/ID for each bucket. Inputs that fail in the same way (log.Report.key) are one
bucket; its smallest inputs are kept, and all are counted.

finding.json: id, target, kind (bug, timeout, memory, leak), what, text, frames, rule, count, first and last (seconds
since 1970), state ("open", "gone", or "regress/FILE" with the time when it was `closed`), and what minimize adds: opcodes, module."""
import hashlib
import os
import re
import shutil
import time

from .errors import BUGS, CLEAN, RESOURCES, USAGE, Stop
from .folder import read_json, write_json, write_whole
from .text import printable

MOST_INPUTS = 8
KINDS = ("bug", "timeout", "memory", "leak")


def id_of(target, report):
    return f"{target}-{hashlib.sha256(report.key().encode()).hexdigest()[:8]}"


class Finding:
    def __init__(self, path):
        self.path = path
        self.facts = read_json(os.path.join(path, "finding.json"), {})

    def __getitem__(self, key):
        return self.facts.get(key, "")

    def file(self, *parts):
        return os.path.join(self.path, *parts)

    def save(self, **facts):
        self.facts.update(facts)
        write_json(self.file("finding.json"), self.facts)

    def inputs(self):
        """Paths, the smallest first; of equal size by name, so that the order is always the same."""
        folder = self.file("inputs")
        paths = [os.path.join(folder, name) for name in os.listdir(folder)] if os.path.isdir(folder) else []
        return sorted((p for p in paths if not p.endswith(".new")), key=lambda path: (os.path.getsize(path), path))

    def smallest(self):
        """What minimize made, or the smallest input."""
        least = self.file("minimized")
        if os.path.exists(least):
            return least
        inputs = self.inputs()
        return inputs[0] if inputs else None

    def is_open(self):
        return self["state"] == "open"

    def add_input(self, data):
        name = hashlib.sha1(data).hexdigest()
        os.makedirs(self.file("inputs"), exist_ok=True)
        write_whole(self.file("inputs", name), data)
        for path in self.inputs()[MOST_INPUTS:]:
            os.remove(path)

    def summary(self):
        """For --json and status.json."""
        smallest = self.smallest()
        return {**self.facts, "smallest": smallest, "bytes": os.path.getsize(smallest) if smallest else None}


class Findings:
    def __init__(self, folder):
        self.folder = folder

    def all(self):
        """Bugs first, those that were met most often in front."""
        root = self.folder.directory("findings")
        found = [Finding(os.path.join(root, name)) for name in os.listdir(root)]
        return sorted((f for f in found if f.facts),
                      key=lambda f: (KINDS.index(f["kind"]), -f["count"], f["id"]))

    def get(self, identity):
        """By its ID, or by the beginning of one that no other has."""
        if re.fullmatch(r"[\w-]{1,80}", identity):
            same = [f for f in self.all() if f["id"].startswith(identity)]
            exact = [f for f in same if f["id"] == identity]
            if exact or len(same) == 1:
                return (exact or same)[0]
            if same:
                raise Stop(USAGE, f"{identity} begins several: {', '.join(f['id'] for f in same)}")
        raise Stop(USAGE, f"no finding is called {printable(identity)!r} (`cordon fuzz triage` lists them)")

    def add(self, target, report, data, log, built=0.0):
        """Puts what a dead child left into its bucket; gives it, and whether it is a new one. What was gone is open again,
        and so is what became a regression test before the target was `built` (seconds since 1970)."""
        finding = Finding(self.folder.file("findings", id_of(target, report)))
        new = not finding.facts
        now = time.time()
        os.makedirs(finding.path, exist_ok=True)
        finding.add_input(data)
        if new:
            write_whole(finding.file("log.txt"), log.encode(errors="replace"))
        is_known = finding["state"].startswith("regress/") and built <= (finding["closed"] or 0.0)
        state = finding["state"] if is_known else "open"
        finding.save(id=id_of(target, report), target=target, kind=report.kind(), what=report.what, text=report.text,
                     frames=report.frames, rule=report.rule, count=(finding["count"] or 0) + 1,
                     first=finding["first"] or now, last=now, state=state)
        return finding, new

    def remove(self, finding):
        shutil.rmtree(finding.path)

    def status(self):
        """The exit status that the open findings give."""
        kinds = {f["kind"] for f in self.all() if f.is_open()}
        return BUGS if "bug" in kinds else RESOURCES if kinds else CLEAN
