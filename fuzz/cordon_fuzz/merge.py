# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz merge`: leaves of each target's corpus the fewest and smallest inputs that reach as much, and takes in
those of other folders: other campaigns', or a folder that holds a folder a target. libFuzzer does the choosing; the
old corpus is replaced when all is done."""
import json
import os
import shutil
import subprocess

from . import errors
from .folder import Folder, corpora_of
from .targets import choose
from .worker import die_with_parent, environment

LONGEST = 24 * 3600


def merge_one(target, folder, others, log):
    """(inputs before, inputs after)."""
    corpus = folder.directory("corpus", target.name)
    new = folder.file("corpus", target.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    os.mkdir(new)
    sources = [corpus] + [place for path in others for place in corpora_of(path, target.name)]
    before = sum(len(os.listdir(place)) for place in sources)
    options = {"timeout": 25, "rss_limit_mb": 2048, **target.options(), "merge": 1, "artifact_prefix": folder.directory("scratch") + "/"}
    status = subprocess.run([target.program, *[f"-{key}={value}" for key, value in options.items()], new, *sources],
                            env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent,
                            timeout=LONGEST, check=False).returncode
    if status != 0:
        shutil.rmtree(new)
        raise errors.Stop(errors.LACKING, f"merging {target.name} ended with status {status}; {log.name} says why")
    old = folder.file("corpus", target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    os.rename(corpus, old)
    os.rename(new, corpus)
    shutil.rmtree(old)
    return before, len(os.listdir(corpus))


def merge(options, folder):
    targets = choose(options.targets, options.build, options.sources)
    for path in options.sources_of + options.each:
        if not os.path.isdir(path):
            raise errors.Stop(errors.USAGE, f"{path} is no folder")
    others = options.sources_of + [entry.path for path in options.each for entry in sorted(os.scandir(path), key=lambda e: e.name)
                                   if entry.is_dir()]
    folder.directory()
    results = {}
    with folder.lock(), open(folder.file("merge.log"), "wb") as log:
        recover(folder)
        for name, target in targets.items():
            results[name] = dict(zip(("before", "after"), merge_one(target, folder, others, log)))
            if not options.json:
                print(f"{name}: {results[name]['before']} inputs, now {results[name]['after']}")
    if options.json:
        print(json.dumps(results, indent=1))
    return errors.CLEAN


def recover(folder: Folder):
    """What a merge that was killed left: the old corpus, where the new one was not in place yet."""
    root = folder.directory("corpus")
    for entry in os.listdir(root):
        path = os.path.join(root, entry)
        if entry.endswith(".new"):
            shutil.rmtree(path)
        elif entry.endswith(".old"):
            corpus = path[:-len(".old")]
            if os.path.isdir(corpus):
                shutil.rmtree(path)
            else:
                os.rename(path, corpus)
