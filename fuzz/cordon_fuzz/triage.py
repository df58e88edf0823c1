# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz triage`: the buckets. With --check each one's smallest input is run again: what does not fail any more
is "gone", and opens again when it does."""
import json

from . import screen, targets
from .check import Checker
from .findings import Findings


def check_all(findings, options, folder):
    built = targets.find_all(options.build, options.sources)
    with Checker(folder) as checker:
        for finding in findings.all():
            target = built.get(finding["target"])
            if target is None or finding.smallest() is None:
                continue
            with open(finding.smallest(), "rb") as file:
                report = checker.input(target, file.read())
            if finding["state"] in ("open", "gone"):
                finding.save(state="open" if report else "gone")


def describe(finding):
    """Lines about one finding."""
    yield screen.finding_line(finding.summary())
    for name in ("frames", "opcodes"):
        if finding[name]:
            yield f"        {name}: {' '.join(finding[name])}"
    smallest = finding.smallest()
    if smallest:
        yield f"        smallest: {smallest}"


def triage(options, folder):
    findings = Findings(folder.must_exist())
    if options.check:
        check_all(findings, options, folder)
    found = findings.all()
    if options.json:
        print(json.dumps([finding.summary() for finding in found], indent=1, sort_keys=True))
        return findings.status()
    for kind, heading in (("bug", "bugs"), ("timeout", "timeouts"), ("memory", "memory"), ("leak", "leaks")):
        same = [finding for finding in found if finding["kind"] == kind]
        if same:
            print(f"{heading}: {len(same)}")
        for finding in same:
            print("\n".join(describe(finding)))
    if not found:
        print("nothing was found")
    return findings.status()
