# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz start`: some slots, each with one child of libFuzzer at a time. Targets take turns where there are
more of them than slots. Whatever kills a child, its input is on disk; whatever kills this process, status.json is a
second old at most, and the next `start` goes on from it."""
import json
import math
import os
import random
import shutil
import signal
import time

from .errors import LACKING, Stop
from .findings import Findings
from .folder import corpora_of, read_json, write_json
from .log import Report
from .record import Record
from .screen import make_screen
from .tally import Tally, files_in
from .targets import choose
from .worker import Worker

TICK = 0.2
SAMPLE = 10.0          # seconds between lines of history.jsonl
SLICE = (10.0, 300.0)  # the least and the most that a child runs where targets take turns
TURNS = 2              # that each target gets at least, where the time allows it
GRACE = 8.0            # for a child to end when its time is over
RUN_TIMEOUT = 25       # seconds of one input
MEMORY = 2048          # MiB of a child


class Slot:
    def __init__(self, number):
        self.number = number
        self.worker = None
        self.quick = 0         # children in a row that died at once
        self.not_before = 0.0


class Campaign:
    def __init__(self, folder, request, resumed, screen):
        self.folder, self.request, self.screen = folder, request, screen
        self.findings = Findings(folder)
        self.targets = choose(request["targets"], request["build"], request["sources"])
        kept = (read_json(folder.file("status.json"), {}) or {}).get("targets", {})
        self.tallies = {name: Tally(name, kept.get(name)) for name in self.targets}
        self.slots = [Slot(n) for n in range(request["jobs"])]
        self.replays = []      # (target, input) that were being run when everything died
        self.begun = time.monotonic()
        self.before = request["spent"] if resumed else 0.0  # seconds of the session that was killed
        self.stopping = False
        self._sampled = self._written = 0.0

    def elapsed(self):
        return self.before + time.monotonic() - self.begun

    def left(self):
        return self.request["seconds"] - self.elapsed() if self.request["seconds"] else math.inf

    # What begins.

    def prepare(self):
        """Corpora with their seeds, and the inputs that an earlier session was killed over."""
        for name, target in self.targets.items():
            corpus = self.folder.directory("corpus", name)
            self.tallies[name].corpus = files_in(corpus)
            if target.seeds() and not os.listdir(corpus):
                for seed in os.listdir(target.seeds()):
                    shutil.copyfile(os.path.join(target.seeds(), seed), os.path.join(corpus, seed))
        work = self.folder.directory("work")
        for entry in sorted(os.listdir(work)):
            target = self.targets.get(entry.rpartition("-")[0])
            data = Record(os.path.join(work, entry, "record")).interrupted_input()
            if target and data is not None:
                self.replays.append((target, data))
            shutil.rmtree(os.path.join(work, entry))

    def next_target(self):
        """The one that had least, counting what runs; None if none can run."""
        can = [tally for tally in self.tallies.values() if not tally.unavailable]
        if not can:
            return None
        running = {slot.worker.target.name: 0.0 for slot in self.slots if slot.worker}
        for slot in self.slots:
            if slot.worker:
                running[slot.worker.target.name] += slot.worker.seconds() + SLICE[0]
        least = min(can, key=lambda tally: (tally.used + running.get(tally.name, 0.0), tally.name))
        return self.targets[least.name]

    def slice(self):
        """Seconds that the next child gets."""
        able = sum(not tally.unavailable for tally in self.tallies.values())
        if able <= len(self.slots):
            return self.left()
        share = (self.request["seconds"] or 1e9) * len(self.slots) / (able * TURNS)
        return min(max(SLICE[0], min(SLICE[1], share)), self.left())

    def fill(self, slot):
        if slot.worker or self.stopping or self.left() < 1 or time.monotonic() < slot.not_before:
            return
        if self.replays:
            target, data = self.replays.pop()
            self.replay(slot, target, data)
            return
        target = self.next_target()
        if target is None:
            self.stopping = True
            return
        slot.worker = Worker(target, self.work_of(target, slot), self.arguments(target, self.slice()))

    def work_of(self, target, slot):
        return self.folder.directory("work", f"{target.name}-{slot.number}")

    def arguments(self, target, seconds):
        options = {"timeout": RUN_TIMEOUT, "rss_limit_mb": MEMORY, "reload": 1, **target.options(),
                   "seed": random.randrange(1, 1 << 31), "artifact_prefix": "./", "print_final_stats": 1}
        if seconds < math.inf:
            options["max_total_time"] = max(1, round(seconds))
        others = [place for path in self.request.get("from", []) for place in corpora_of(path, target.name)]
        return [f"-{key}={value}" for key, value in options.items()] + [self.folder.file("corpus", target.name)] + others

    def replay(self, slot, target, data):
        """Runs one input alone, to see whether it is it that kills."""
        path = self.work_of(target, slot)
        with open(os.path.join(path, "replayed"), "wb") as file:
            file.write(data)
        slot.worker = Worker(target, path, ["-timeout=%d" % RUN_TIMEOUT, "-rss_limit_mb=%d" % MEMORY,
                                            "-artifact_prefix=./", "replayed"], replayed=data)

    # What ends.

    def watch(self, slot):
        worker = slot.worker
        if worker is None:
            return
        over = worker.poll()
        tally = self.tallies[worker.target.name]
        if worker.replayed is None:
            tally.look_at(slot.number, worker)
        if over:
            self.end(slot, tally, worker.report())
        elif worker.stuck_for() > 3 * RUN_TIMEOUT and worker.record.interrupted_input() is not None:
            worker.signal(signal.SIGKILL)
            worker.process.wait()
            self.end(slot, tally, Report("timeout", f"one run took {3 * RUN_TIMEOUT} s, and no timeout of its own ended it"))

    def end(self, slot, tally, report):
        worker = slot.worker
        slot.worker = None
        worker.poll()
        if worker.replayed is None:
            tally.close(slot.number, worker.seconds())
        data = worker.artifact() if report else None
        log = worker.log()
        worker.remove_rest()
        if report is None:
            slot.quick = 0
            return
        if report.what == "exit" and worker.record.runs() <= 2:
            tally.unavailable = report.text
            self.screen.say(f"{tally.name} cannot run here: {report.text}")
            return
        if report.what == "killed" and worker.replayed is None:
            tally.lost += 1
            if data is not None:
                self.replays.append((worker.target, data))
            return
        new = self.found(worker.target, report, data, log)
        tally.deaths += 1
        # Whatever kills each child at once shall not take the processor for ever new ones.
        slot.quick = slot.quick + 1 if worker.seconds() < 5 and not new else 0
        slot.not_before = time.monotonic() + min(10.0, 0.1 * 2 ** min(slot.quick, 10))

    def found(self, target, report, data, log):
        if data is None:
            data = b""  # it died before the first input
        finding, new = self.findings.add(target.name, report, data, log, os.path.getmtime(target.program))
        self.forget_in_corpus(target, data)
        if new:
            self.screen.say(f"{finding['kind']} {finding['id']}: {report.text or report.what}")
        return new

    def forget_in_corpus(self, target, data):
        """A corpus that holds the input would kill each child before it begins."""
        corpus = self.folder.file("corpus", target.name)
        for name in os.listdir(corpus):
            path = os.path.join(corpus, name)
            if os.path.isfile(path) and os.path.getsize(path) == len(data):
                with open(path, "rb") as file:
                    same = file.read() == data
                if same:
                    os.remove(path)

    # Messages.

    def status(self, finished):
        findings = [finding.summary() for finding in self.findings.all()]
        return {"version": 1, "time": time.time(), "pid": os.getpid(), "finished": finished, "elapsed": round(self.elapsed(), 1),
                "seconds": self.request["seconds"], "jobs": len(self.slots), "folder": self.folder.path,
                "runs": sum(tally.runs for tally in self.tallies.values()),
                "targets": {name: tally.summary() for name, tally in self.tallies.items()}, "findings": findings}

    def tell(self, finished=False):
        now = time.monotonic()
        if not finished and now - self._written < 1.0:
            return
        self._written = now
        status = self.status(finished)
        self.request["spent"] = status["elapsed"]
        write_json(self.folder.file("status.json"), status)
        write_json(self.folder.file("campaign.json"), {**self.request, "finished": finished})
        self.screen.show(status)
        if finished or now - self._sampled >= SAMPLE:
            self._sampled = now
            with open(self.folder.file("history.jsonl"), "a", encoding="utf-8") as file:
                file.write(json.dumps({"time": status["time"], "targets": {
                    name: {key: row[key] for key in ("runs", "rate", "cover", "features", "corpus")}
                    for name, row in status["targets"].items()}, "findings": len(status["findings"])}) + "\n")

    # The whole.

    def run(self):
        self.prepare()
        try:
            while not self.over():
                for slot in self.slots:
                    self.watch(slot)
                    self.fill(slot)
                self.tell()
                time.sleep(TICK)
        finally:
            self.stop_children()
            self.tell(finished=True)
        return self.findings.status()

    def over(self):
        return (self.stopping or self.left() < 1) and not any(slot.worker for slot in self.slots) or \
            self.stopping or self.left() < -GRACE

    def stop_children(self):
        """First politely: libFuzzer ends in good order at a SIGTERM."""
        until = time.monotonic() + 5
        workers = [slot for slot in self.slots if slot.worker]
        for slot in workers:
            slot.worker.signal(signal.SIGTERM)
        for slot in workers:
            while not slot.worker.poll() and time.monotonic() < until:
                time.sleep(0.05)
            slot.worker.remove_rest()
            slot.worker.process.wait()
            self.tallies[slot.worker.target.name].look_at(slot.number, slot.worker)
            self.end(slot, self.tallies[slot.worker.target.name], None)


def request_of(options, folder):
    """What is to be done, and whether it goes on with what was killed: (request, resumed)."""
    old = read_json(folder.file("campaign.json"), None)
    resumed = bool(old and not old.get("finished", True))
    if resumed and not options.targets and options.seconds is None:
        return {**old, "jobs": options.jobs or old["jobs"]}, True
    targets = options.targets or (old or {}).get("targets", [])
    return {"targets": targets, "seconds": options.seconds, "jobs": options.jobs or os.cpu_count() or 1,
            "build": os.path.abspath(options.build), "sources": os.path.abspath(options.sources), "spent": 0.0,
            "from": [os.path.abspath(path) for path in options.sources_of]}, False


def start(options, folder):
    # Before anything is written: a name that does not exist, a build that is not there.
    request, resumed = request_of(options, folder)
    choose(request["targets"], request["build"], request["sources"])
    try:
        folder.directory()
    except OSError as error:
        raise Stop(LACKING, f"cannot make {folder.path}: {error.strerror}") from error
    with folder.lock():
        screen = make_screen(options)
        campaign = Campaign(folder, request, resumed, screen)
        if resumed:
            screen.say(f"goes on with what was stopped after {request['spent']:.0f} s")

        def stop(_number, _frame):
            campaign.stopping = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        status = campaign.run()
        screen.end(campaign.status(True))
        if all(tally.unavailable for tally in campaign.tallies.values()):
            raise Stop(LACKING, "no target can run here: " + "; ".join(
                f"{tally.name}: {tally.unavailable}" for tally in campaign.tallies.values()))
        return status
