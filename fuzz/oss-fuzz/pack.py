#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts built targets into the folder that OSS-Fuzz takes them from: program, options, dictionary, seeds, libraries.

usage: pack.py SOURCE BUILD OUT NAME...
"""
import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile

# Every runner has these.
COMMON = re.compile(r"^(?:linux-vdso|ld-linux[-\w]*|lib(?:c|m|dl|rt|pthread|resolv))\.so")


def libraries(program):
    """Paths of the shared libraries that it needs besides those that are everywhere."""
    said = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    for name, path in re.findall(r"^\s*(\S+) => (/\S+)", said, re.MULTILINE):
        if not COMMON.match(name):
            yield path


def pack_options(source, build, out, name):
    """NAME.options, in which the dictionary is the one beside the target under its name."""
    path = os.path.join(source, "fuzz/targets", name + ".options")
    if not os.path.exists(path):
        return
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    if parser.has_option("libfuzzer", "dict"):
        shutil.copy(os.path.join(build, "fuzz", parser["libfuzzer"]["dict"]), os.path.join(out, f"fuzz-{name}.dict"))
        parser["libfuzzer"]["dict"] = f"fuzz-{name}.dict"
    with open(os.path.join(out, f"fuzz-{name}.options"), "w", encoding="utf-8") as file:
        parser.write(file)


def pack_seeds(source, out, name):
    """One archive of the first inputs and of what was once found."""
    files = []
    for prefix, folder in (("seed", f"fuzz/targets/{name}.seeds"), ("found", f"tests/regress/{name}")):
        folder = os.path.join(source, folder)
        if os.path.isdir(folder):
            files += [(f"{prefix}-{entry}", os.path.join(folder, entry)) for entry in sorted(os.listdir(folder))]
    if files:
        with zipfile.ZipFile(os.path.join(out, f"fuzz-{name}_seed_corpus.zip"), "w") as archive:
            for entry, path in files:
                archive.write(path, entry)


def main(source, build, out, *names):
    for name in names:
        program = os.path.join(build, "fuzz", "fuzz-" + name)
        shutil.copy(program, out)
        for path in libraries(program):
            os.makedirs(os.path.join(out, "lib"), exist_ok=True)
            shutil.copy(path, os.path.join(out, "lib"))
        pack_options(source, build, out, name)
        pack_seeds(source, out, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
