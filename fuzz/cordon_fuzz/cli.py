# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The commands of `cordon fuzz` and their options. A command is a row of COMMANDS: a function of (options, folder) that
gives the exit status."""
import argparse
import json
import os
import re
import sys

from . import errors, screen, text
from .cover import cover
from .folder import Folder, read_json
from .merge import merge
from .minimize import minimize
from .regress import default_folder, regress
from .repro import repro
from .start import start
from .targets import ROOT, find_all
from .triage import triage

EPILOG = """exit status: 0 nothing found, 1 open bugs, 2 usage, 3 something that is needed is not there,
4 no bugs but timeouts, memory or leaks"""


def status(options, folder):
    """The state of the campaign."""
    facts = read_json(folder.must_exist().file("status.json"), None)
    if facts is None:
        raise errors.Stop(errors.LACKING, f"{folder.path} has no status yet")
    facts["running"] = folder.is_running()
    if options.json:
        print(json.dumps(facts, indent=1, sort_keys=True))
    else:
        screen.Lines(sys.stdout).end(facts)
        print("it is running" if facts["running"] else "it is over" if facts["finished"] else
              "it was stopped from outside; `cordon fuzz start` goes on with it")
    return errors.CLEAN


def targets(options, _folder):
    """Which targets are built."""
    found = find_all(options.build, options.sources)
    if options.json:
        print(json.dumps({name: {"program": t.program, "options": t.options()} for name, t in found.items()}, indent=1))
    for name, target in found.items() if not options.json else ():
        print(f"{name:<12} {' '.join(f'-{k}={v}' for k, v in target.options().items())}")
    return errors.CLEAN


def add_start(command):
    command.add_argument("targets", nargs="*", metavar="TARGET", help="which targets (default: all that are built)")
    command.add_argument("-t", "--time", dest="seconds", type=text.seconds_of, metavar="10m",
                         help="for how long (default: until it is stopped; of a campaign that was killed, what was left)")
    command.add_argument("-j", "--jobs", type=positive, help="children at once (default: all processors)")
    add_from(command, "also begin with the corpora of another campaign's folder, or of one that holds a corpus a target")
    command.add_argument("--plain", action="store_true", help="lines instead of the screen")


def add_from(command, text_of_help):
    command.add_argument("--from", dest="sources_of", action="append", default=[], metavar="FOLDER", help=text_of_help)


def add_triage(command):
    command.add_argument("--check", action="store_true", help="run each again, and mark what is gone")


def add_minimize(command):
    command.add_argument("ids", nargs="*", metavar="ID", help="findings (default: all that are open)")
    command.add_argument("-t", "--time", dest="seconds", type=text.seconds_of, default=120.0, metavar="2m",
                         help="for each at most (default: 2m)")


def add_repro(command):
    command.add_argument("id", metavar="ID", help="a finding, or how its ID begins")


def add_regress(command):
    command.add_argument("action", choices=["add"], help="add: make the finding a file that tests run")
    command.add_argument("id", metavar="ID", help="a finding, or how its ID begins")
    command.add_argument("--into", default=default_folder(), help="where to (default: tests/regress of the sources)")


def add_merge(command):
    command.add_argument("targets", nargs="*", metavar="TARGET", help="which targets (default: all that are built)")
    add_from(command, "another campaign's folder, or one that holds a corpus a target; may be given again")
    command.add_argument("--from-each", dest="each", action="append", default=[], metavar="FOLDER",
                         help="a folder of campaigns' folders")


def add_cover(command):
    command.add_argument("targets", nargs="*", metavar="TARGET", help="which targets (default: all that are built)")
    command.add_argument("--coverage", default=os.path.join(ROOT, "build/coverage"), metavar="C",
                         help="the build of the preset coverage (default: build/coverage of the sources)")


def positive(word):
    if not re.fullmatch(r"[0-9]{1,4}", word) or not 0 < int(word) <= 4096:
        raise errors.Stop(errors.USAGE, f"{text.printable(word)!r} is no number of jobs from 1 to 4096")
    return int(word)


# name -> (function, what it says of itself, what adds its options)
COMMANDS = {
    "start": (start, "fuzz; one that was killed goes on where it was", add_start),
    "status": (status, "the state of a campaign", None),
    "triage": (triage, "what was found, in buckets", add_triage),
    "minimize": (minimize, "make what was found smaller", add_minimize),
    "repro": (repro, "show one finding: a line that fails, and its files", add_repro),
    "regress": (regress, "make a finding a regression test", add_regress),
    "merge": (merge, "leave of the corpora what is needed, and take in others", add_merge),
    "cover": (cover, "what was reached: llvm-cov's pages, and one with charts", add_cover),
    "targets": (targets, "which targets are built", None),
}


def parser():
    whole = argparse.ArgumentParser(prog="cordon fuzz", description="Fuzz campaigns over Cordon's targets.", epilog=EPILOG,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, description, add) in COMMANDS.items():
        command = commands.add_parser(name, help=description, description=description)
        if add:
            add(command)
        command.add_argument("-d", "--dir", default=os.path.join(ROOT, "build/campaign"), metavar="D",
                             help="the campaign's folder (default: build/campaign of the sources)")
        command.add_argument("--build", default=os.path.join(ROOT, "build/fuzz"), metavar="B",
                             help="the build of the preset fuzz (default: build/fuzz of the sources)")
        command.add_argument("--release", default=os.path.join(ROOT, "build/release"), metavar="R",
                             help="the build of the preset release, for quick looks (default: build/release)")
        command.add_argument("--sources", default=os.path.join(ROOT, "fuzz/targets"), help=argparse.SUPPRESS)
        command.add_argument("--json", action="store_true", help="the result as one JSON object")
    return whole


def main(words):
    try:
        options = parser().parse_args(words)
        return COMMANDS[options.command][0](options, Folder(options.dir))
    except errors.Stop as stop:
        print(f"cordon fuzz: {stop}", file=sys.stderr)
        return stop.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.CLEAN
    except KeyboardInterrupt:
        return 130
