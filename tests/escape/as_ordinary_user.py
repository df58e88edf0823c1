# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a GoogleTest program as an ordinary user where root runs the tests, and counts what it skips.

usage: as_ordinary_user.py PROGRAM [ARGUMENTS...]
Exit status: the program's, or 77 (skipped) where there is nothing to do or no way to do it.
"""
import os
import re
import subprocess
import sys

USER = 61234  # nobody's on a usual system
SKIPPED = 77


def become_ordinary() -> None:
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def main(command: list[str]) -> int:
    if os.geteuid() != 0:
        print("the tests run as an ordinary user already")
        return SKIPPED
    try:
        become_ordinary()
    except OSError as error:
        print(f"cannot become user {USER}: {error}")
        return SKIPPED
    if not os.access(command[0], os.X_OK):
        print(f"user {USER} may not execute {command[0]}: the build is in a private directory")
        return SKIPPED
    environment = {**os.environ, "HOME": "/tmp"}
    run = subprocess.run(command, env=environment, cwd="/tmp", text=True, errors="replace",
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(run.stdout, end="")
    skipped = len(re.findall(r"^\[  SKIPPED \] \S+ \(", run.stdout, re.MULTILINE))
    passed = len(re.findall(r"^\[       OK \]", run.stdout, re.MULTILINE))
    print(f"as user {USER}: {passed} passed, {skipped} skipped, exit status {run.returncode}")
    return run.returncode if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
