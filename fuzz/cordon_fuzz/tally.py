# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tally: the state of one target, summed over its children in all sessions."""
import os
import time

KEPT = ("runs", "seconds", "cover", "features", "corpus", "news", "last_new", "deaths", "lost", "unavailable", "ends")


class Tally:
    def __init__(self, name, kept=None):
        self.name = name
        self.runs = 0          # that were begun
        self.seconds = 0.0     # of children, added
        self.cover = self.features = self.corpus = 0
        self.news = 0
        self.last_new = None   # seconds since 1970
        self.deaths = self.lost = 0  # children that died of a finding; that were killed over nothing
        self.unavailable = ""  # why it cannot run here
        self.ends = {}         # what the target counted, as ends of calls
        for key in KEPT:
            if kept and key in kept:
                setattr(self, key, kept[key])
        self.unavailable = ""  # the machine may have changed since
        self.used = 0.0        # seconds of this session, for who is next
        self._live = {}        # slot -> what its running child has counted
        self._rates = []       # (time, runs), the last half minute

    def look_at(self, slot, worker):
        """Takes the figures of a running child, or for the last time of one that has ended."""
        now = {"runs": worker.runs(), "ends": worker.record.tallies(), "news": worker.news}
        before = self._live.get(slot, {"runs": 0, "ends": {}, "news": 0})
        self.runs += max(0, now["runs"] - before["runs"])
        for name, count in now["ends"].items():
            self.ends[name] = self.ends.get(name, 0) + max(0, count - before["ends"].get(name, 0))
        if now["news"] > before["news"]:
            self.news += now["news"] - before["news"]
            self.last_new = time.time()
        self._live[slot] = now
        for key, value in worker.figures.items():
            setattr(self, key, max(getattr(self, key), value) if key != "corpus" else value)

    def close(self, slot, seconds):
        self._live.pop(slot, None)
        self.seconds += seconds
        self.used += max(seconds, 2.0)  # one that dies at once shall not have all the turns

    def jobs(self):
        return len(self._live)

    def rate(self):
        """Runs a second, over the last half minute."""
        now = time.monotonic()
        self._rates = [entry for entry in self._rates if now - entry[0] < 30] + [(now, self.runs)]
        first = self._rates[0]
        return (self.runs - first[1]) / (now - first[0]) if self._live and now - first[0] > 0.5 else 0.0

    def summary(self):
        return {"rate": round(self.rate(), 1), "jobs": self.jobs(), **{key: getattr(self, key) for key in KEPT}}


def files_in(directory):
    try:
        return len(os.listdir(directory))
    except OSError:
        return 0
