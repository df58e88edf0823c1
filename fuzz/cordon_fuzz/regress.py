# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz regress add ID`: makes a finding a file that the tests run from then on. A module goes into
tests/regress, named by its hash as the fuzzer names modules; an input without a module into tests/regress/TARGET. The
finding is closed."""
import hashlib
import json
import os
import time

from . import errors
from .check import Checker
from .findings import Findings
from .folder import write_whole
from .targets import ROOT, find_all


def name_of(module):
    """The name that fuzz/oracle/find.cc gives a module: FNV-1a."""
    value = 0xcbf29ce484222325
    for byte in module:
        value = ((value ^ byte) * 0x100000001b3) & 0xffffffffffffffff
    return f"{value:016x}.wasm"


def content_of(finding, options, folder):
    """(bytes, whether it is a module)."""
    least = finding.file("module.wasm")
    if os.path.exists(least):
        with open(least, "rb") as file:
            return file.read(), True
    with open(finding.smallest(), "rb") as file:
        data = file.read()
    target = find_all(options.build, options.sources).get(finding["target"])
    if target is None or target.module_program() is None:
        return data, False
    with Checker(folder) as checker:
        module = checker.scratch("module.wasm")
        checker.input(target, data, module)
        if not os.path.exists(module):
            return data, False
        with open(module, "rb") as file:
            return file.read(), True


def regress(options, folder):
    finding = Findings(folder.must_exist()).get(options.id)
    data, is_module = content_of(finding, options, folder)
    if is_module:
        place = name_of(data)
    else:
        place = os.path.join(finding["target"], hashlib.sha1(data).hexdigest()[:16])
    path = os.path.join(options.into, place)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_whole(path, data)
    finding.save(state="regress/" + place, closed=time.time())
    if options.json:
        print(json.dumps({"finding": finding["id"], "file": path, "bytes": len(data), "module": is_module}))
    else:
        print(f"{finding['id']}: {path}, {len(data)} bytes; the test Regress runs it (ci/test release -R Regress)")
    return errors.CLEAN


def default_folder():
    return os.path.join(ROOT, "tests/regress")
