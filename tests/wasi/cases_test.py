#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs that found faults in WASI, each run in both engines against its expected output.

A program's first lines say what is about it, its set-up ('setup:', shell commands in the directory that
it is granted as /), how that is granted ('mode:', ro or rw, the default), and what is to be seen there
afterwards ('post:', shell commands too). The expected output is cases/NAME.txt here. They are looked for in $CORDON_CASES_DIR or ../shared/cases beside the checkout; without
them the test is skipped, with CI=true it fails. A program whose compiler is not there is skipped and
counted.

usage: cases_test.py CORDON [--write]      --write makes the expected output of what is there now
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SKIPPED = 77  # what CTest takes for a skipped test
CASES = ("w07_trailing.c", "w09_readdir.c", "w12_iovec.c", "w14_seekdir.c", "w18_allrights.c", "w22_gorand.go",
         "w23_mkdirdot.rs", "w24_mkdirp.c", "w25_access_ro.c", "w32_poll_many.c", "w33_pre1970.c", "w34_goroot.go",
         "go_open.go", "scandir.c")
# For those that say their set-up in prose: commands, how the directory is granted, commands afterwards.
SETUPS = {"go_open.go": ("mkdir t; echo content > t/f", "ro", ""),
          "scandir.c": ("mkdir t; echo content > t/f", "ro", "")}


def compiler_of(source, output):
    """The command that makes `output`, or None where there is no such compiler."""
    kind = os.path.splitext(source)[1]
    if kind == ".c":
        clang = shutil.which("clang-19") or shutil.which("clang")
        return clang and ([clang, "--target=wasm32-wasi", "-D_GNU_SOURCE", "-O1", "-w", source, "-o", output], {})
    if kind == ".go":
        go = shutil.which("go") or (os.path.exists("/usr/local/go/bin/go") and "/usr/local/go/bin/go")
        return go and ([go, "build", "-o", output, source], {"GOOS": "wasip1", "GOARCH": "wasm"})
    rustc = shutil.which("rustc")
    if not rustc or not has_rust_target(rustc):
        return None
    return [rustc, "--target", "wasm32-wasip1", "-O", "-o", output, source], {}


def has_rust_target(rustc):
    found = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True, check=False)
    return os.path.isdir(os.path.join(found.stdout.strip(), "lib/rustlib/wasm32-wasip1"))


def set_up_of(name, text):
    if name in SETUPS:
        return SETUPS[name]
    said = dict(re.findall(r"^// (setup|mode|post): (.*)$", text, re.MULTILINE))
    return said.get("setup", ""), said.get("mode", "rw").strip(), said.get("post", "")


def run(cordon, engine, module, commands, mode, afterwards):
    """What it wrote, how it ended, and what is left of it."""
    with tempfile.TemporaryDirectory(prefix="cordon-case-", dir=work_directory()) as directory:
        subprocess.run(["bash", "-c", commands], cwd=directory, check=False, stderr=subprocess.DEVNULL)
        done = subprocess.run([cordon, "run", f"--engine={engine}", "--dir", f"{directory}::/::{mode}", module],
                              capture_output=True, check=False, stdin=subprocess.DEVNULL)
        seen = subprocess.run(["bash", "-c", afterwards], cwd=directory, check=False, capture_output=True)
    output = done.stdout.decode("utf-8", "backslashreplace")
    return f"{output}exit status {done.returncode}\n{seen.stdout.decode()}"


def work_directory():
    """Not a tmpfs, if there is another place: cookies of directories are large on a disk."""
    return os.getcwd()


def main():
    cordon, write = os.path.abspath(sys.argv[1]), "--write" in sys.argv
    cases = os.environ.get("CORDON_CASES_DIR", os.path.join(ROOT, "..", "shared", "cases"))
    if not os.path.isdir(cases):
        print(f"{len(CASES)} programs skipped: no $CORDON_CASES_DIR, nor {cases}")
        return 1 if os.environ.get("CI") == "true" else SKIPPED
    failed, skipped = [], []
    with tempfile.TemporaryDirectory(prefix="cordon-cases-") as directory:
        for name in CASES:
            source, module = os.path.join(cases, name), os.path.join(directory, name + ".wasm")
            command = compiler_of(source, module)
            if not command:
                skipped.append(name)
                continue
            subprocess.run(command[0], check=True, env={**os.environ, **command[1]})
            with open(source, encoding="utf-8") as file:
                set_up = set_up_of(name, file.read())
            expected = os.path.join(HERE, "cases", os.path.splitext(name)[0] + ".txt")
            for engine in ("interp", "jit"):
                got = run(cordon, engine, module, *set_up)
                if write:
                    with open(expected, "w", encoding="utf-8") as file:
                        file.write(got)
                with open(expected, encoding="utf-8") as file:
                    wanted = file.read()
                if got != wanted:
                    failed.append(f"{name} ({engine})")
                    print(f"{name} ({engine}) wrote\n{got}instead of\n{wanted}")
    print(f"{len(CASES) - len(skipped)} programs in 2 engines, {len(failed)} failures; "
          f"skipped for lack of a compiler: {', '.join(skipped) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
