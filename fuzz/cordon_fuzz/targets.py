# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which targets there are. A target is a source in fuzz/targets, and the program fuzz-NAME that the preset `fuzz`
makes of it: a new one is here as soon as it is built. What stands beside the source is optional: NAME.options, in the
format of OSS-Fuzz, and NAME.seeds/, a folder of first inputs. Of the options the section [cordon] is ours: `modules`
names the program that takes modules of this target as files, `needs` what it needs that a machine may not have."""
import configparser
import os
import re

from .errors import LACKING, USAGE, Stop
from .text import printable

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOW_TO_BUILD = "cmake --preset fuzz && cmake --build --preset fuzz --target fuzz-targets"


class Target:
    def __init__(self, name, program, beside):
        self.name = name
        self.program = program
        self.beside = beside  # the folder of sources

    def section(self, name):
        """A section of NAME.options; empty where there is none."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(os.path.join(self.beside, self.name + ".options"))
        return dict(parser[name]) if parser.has_section(name) else {}

    def options(self):
        """{option: value} of libFuzzer's options for this target."""
        options = self.section("libfuzzer")
        if "dict" in options:
            options["dict"] = self.dictionary(options["dict"])
        return {key: value for key, value in options.items() if value}

    def dictionary(self, name):
        """Dictionaries are made from the tables at build time, so they lie beside the program."""
        path = os.path.join(os.path.dirname(self.program), os.path.basename(name))
        return path if os.path.exists(path) else None

    def seeds(self):
        """The folder of first inputs, or None."""
        path = os.path.join(self.beside, self.name + ".seeds")
        return path if os.path.isdir(path) else None

    def module_program(self):
        """The program that takes a module as a file and fails where this target would, or None."""
        name = os.path.basename(self.section("cordon").get("modules", ""))
        path = os.path.join(os.path.dirname(self.program), name)
        return path if name and os.access(path, os.X_OK) else None


def find_all(build, sources):
    """{name: Target} of the programs in the build's folder `fuzz` (or the build folder itself)."""
    found = {}
    for folder in (os.path.join(build, "fuzz"), build):
        if not os.path.isdir(folder):
            continue
        for entry in sorted(os.listdir(folder)):
            match = re.fullmatch(r"fuzz-([A-Za-z0-9_]+)", entry)
            path = os.path.join(folder, entry)
            if match and os.path.isfile(path) and os.access(path, os.X_OK):
                found.setdefault(match[1], Target(match[1], path, sources))
    return found


def choose(names, build, sources):
    """The targets of these names, or all. Stops with what to do where one is not there."""
    built = find_all(build, sources)
    for name in names:
        if name in built:
            continue
        if re.fullmatch(r"\w+", name) and os.path.exists(os.path.join(sources, name + ".cc")):
            raise Stop(LACKING, f"the target {name} is not built in {build}: {HOW_TO_BUILD}")
        raise Stop(USAGE, f"no target is called {printable(name)!r}; there are: {', '.join(sorted(built)) or 'none'}")
    if not built:
        raise Stop(LACKING, f"no target is built in {build}: {HOW_TO_BUILD}")
    return {name: built[name] for name in (names or sorted(built))}
