# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Folder: where things lie in a campaign's directory.

    campaign.json           what `start` was asked for, and the totals of the sessions that are over
    status.json             how it stands, every second while it runs
    history.jsonl           a line a target every ten seconds, for charts
    lock                    held by the `start` that is running
    corpus/TARGET/          inputs that reached something new
    work/TARGET-SLOT/       a child's own: record, log, artifacts
    findings/ID/            a bucket: finding.json, log.txt, inputs/, and what later commands add
    cover/                  what `cover` made

Files are replaced whole, so a reader never sees half of one and a kill leaves the old or the new."""
import fcntl
import json
import os

from .errors import LACKING, USAGE, Stop


def write_whole(path, data):
    """Replaces the file with these bytes."""
    with open(path + ".new", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)


def write_json(path, value):
    write_whole(path, json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")


def read_json(path, otherwise=None):
    """`otherwise` where there is no such file, or it is damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return otherwise


def corpora_of(path, target):
    """The corpus of this target in a campaign's folder, or in a folder of corpora: a list of one, or an empty one."""
    for place in (os.path.join(path, "corpus", target), os.path.join(path, target)):
        if os.path.isdir(place):
            return [os.path.abspath(place)]
    return []


class Folder:
    def __init__(self, path):
        self.path = os.path.abspath(path)

    def file(self, *parts):
        return os.path.join(self.path, *parts)

    def directory(self, *parts):
        """The path of a folder below, which is made if it is not there."""
        path = self.file(*parts)
        os.makedirs(path, exist_ok=True)
        return path

    def must_exist(self):
        if not os.path.exists(self.file("campaign.json")):
            raise Stop(USAGE, f"{self.path} holds no campaign; begin one with `cordon fuzz start --dir {self.path}`")
        return self

    def lock(self):
        """Held until the returned file is closed, or its process dies. One `start` at a time."""
        file = open(self.file("lock"), "a", encoding="utf-8")  # pylint: disable=consider-using-with
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Stop(LACKING, f"another `cordon fuzz start` runs in {self.path}; `cordon fuzz status --dir "
                                f"{self.path}` shows it") from None
        return file

    def is_running(self):
        """Whether a `start` holds the lock."""
        try:
            with open(self.file("lock"), "r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False
