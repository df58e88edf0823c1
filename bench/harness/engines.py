# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Native code, Cordon's engines and the peers in PATH, each as a way to make a command line."""
import os
import re
import shutil
import subprocess

from . import workloads

ROOT = os.path.dirname(workloads.HERE)


class Engine:
    """One way to run a workload. ours marks Cordon, for the chart; note says what is special about it."""

    def __init__(self, name, version, ours=False, note=""):
        self.name, self.version, self.ours, self.note = name, version, ours, note

    def command(self, builder, workload, scale):
        """The command line for one workload, or for hello when workload is HELLO."""
        raise NotImplementedError

    def checksum(self, output):
        """The checksum in what the command printed."""
        return output.strip()


class Native(Engine):
    def command(self, builder, workload, scale):
        return [builder.native(workload), *arguments(workload, scale)]


class Wasi(Engine):
    """An engine that runs a WASI program: prefix, module, arguments."""

    def __init__(self, name, version, prefix, **more):
        super().__init__(name, version, **more)
        self.prefix = prefix

    def command(self, builder, workload, scale):
        return [*self.prefix, builder.wasi(workload), *arguments(workload, scale)]


class WabtWithoutWasi(Engine):
    """wasm-interp as Debian builds it knows no WASI: it runs an export of a module without imports."""

    def __init__(self, version, program):
        super().__init__("wasm-interp", version, note="module without WASI, rounds compiled in")
        self.program = program

    def command(self, builder, workload, scale):
        if workload == workloads.HELLO:
            return None
        return [self.program, "--run-all-exports", builder.bare(workload, scale)]

    def checksum(self, output):
        found = re.search(r"checksum\(\) => i64:(\d+)", output)
        return found[1] if found else output.strip()


def arguments(workload, scale):
    return [] if workload == workloads.HELLO else [str(workloads.rounds(workload, scale))]


def version_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "version unknown"
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0][:60] if done.returncode == 0 and lines else "version unknown"


def find_cordon(path=None):
    """The cordon program: the path given, the release build of this checkout, or the one in PATH."""
    built = os.path.join(ROOT, "build/release/sandbox/cordon")
    return path or (built if os.path.exists(built) else shutil.which("cordon"))


def says_hello(builder, prefix):
    """Whether an engine runs the smallest program; what it has or lacks is found by trying."""
    try:
        done = subprocess.run([*prefix, builder.wasi(workloads.HELLO)], capture_output=True, text=True,
                              timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout == "hello\n"


def cordon_engines(builder, path):
    program = find_cordon(path)
    if program is None:
        return []
    version = version_of([program, "--version"])
    prefixes = {name: [program, "run", f"--engine={name}"] for name in ("interp", "jit")}
    return [Wasi(f"cordon {name}", version, prefix, ours=True, note="jailed")
            for name, prefix in prefixes.items() if says_hello(builder, prefix)]


def peers(builder):
    found = []
    script = os.path.join(workloads.HERE, "wasi.mjs")
    node = shutil.which("node")
    if node:
        version = version_of([node, "--version"])
        found.append(Wasi("node", version, [node, "--no-warnings", script]))
        found.append(Wasi("node liftoff", version, [node, "--no-warnings", "--liftoff-only", script]))
        found.append(Wasi("node turbofan", version, [node, "--no-warnings", "--no-liftoff", script]))
    for name, prefix in (("wasmtime", ["wasmtime", "run"]), ("iwasm", ["iwasm"]), ("wasm3", ["wasm3"])):
        if shutil.which(name):
            found.append(Wasi(name, version_of([name, "--version"]), prefix))
    wabt = shutil.which("wasm-interp")
    if wabt:
        version = version_of([wabt, "--version"])
        wasi = says_hello(builder, [wabt, "--wasi"])
        found.append(Wasi("wasm-interp", version, [wabt, "--wasi"]) if wasi else
                     WabtWithoutWasi(version, wabt))
    return found


def all_engines(builder, cordon):
    """Native code first: all other results are ratios to it."""
    native = Native("native", version_of([builder.compiler, "--version"]))
    return [native, *cordon_engines(builder, cordon), *peers(builder)]
