# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The workloads of bench/workloads and how each is compiled: natively, for WASI, and without imports."""
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(HERE, "workloads")

# name: (rounds that take about a quarter of a second natively, what it represents)
WORKLOADS = {
    "matrix": (520, "dense float matrices"),
    "nbody": (580, "float in registers, divisions and roots"),
    "sha256": (515, "32-bit integer, no branches"),
    "hashmap": (220, "64-bit hashing, scattered loads"),
    "tree": (68, "pointer chasing, malloc"),
    "recursion": (2800, "calls and returns"),
    "json": (5600, "branchy parsing of bytes"),
    "strings": (4200, "string building and search"),
    "sort": (137, "comparison by function pointer"),
    "vm": (330, "one big switch"),
    "sieve": (280, "bit set, bit tricks"),
}
# The same for programs written with vectors of 128 bits: -msimd128 in WebAssembly, -msse4.2 natively.
VECTORS = {
    "v_matrix": (1200, "float matrices by vectors"),
    "v_blur": (27000, "a filter over bytes of an image"),
    "v_hash": (32000, "BLAKE3, four blocks at once"),
    "v_utf8": (40000, "UTF-8 by tables of sixteen bytes"),
    "v_base64": (39000, "shuffles and look-ups"),
    "v_dot": (470000, "dot products of floats and bytes"),
}
# And for setjmp and longjmp, which are exceptions in WebAssembly, in the encoding that clang 19 knows: the legacy one.
EXCEPTIONS = {
    "e_parse": (48000, "a parser that gives up by longjmp"),
}
SETS = {"scalar": WORKLOADS, "vectors": VECTORS, "exceptions": EXCEPTIONS}
ALL = WORKLOADS | VECTORS | EXCEPTIONS
# What setjmp and longjmp become: functions that must be compiled apart, and the tag.
SETJMP = os.path.join(os.path.dirname(HERE), "tests/tools/setjmp")
HELLO = "hello"


def rounds(name, scale):
    return max(1, round(ALL[name][0] * scale))


class Builder:
    """Compiles into a directory of its own; a file newer than its sources is kept."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.compiler = next((c for c in ("clang-19", "clang") if shutil.which(c)), None)
        if self.compiler is None:
            raise SystemExit("bench: needs clang-19 (ci/install brings it)")

    def native(self, name):
        flags = ["-msse4.2"] if name in VECTORS else []
        return self._compile(name, name, flags, [*self._program(name), "-lm"])

    def wasi(self, name):
        return self._compile(name, f"{name}.wasm", self._wasm_flags(name), self._program(name) + self._runtime(name))

    def bare(self, name, scale):
        """A module that imports nothing and exports checksum(); the rounds are compiled in."""
        count = rounds(name, scale)
        flags = [*self._wasm_flags(name), "-mexec-model=reactor", "-nostartfiles",
                 f"-DCORDON_BENCH_ROUNDS={count}", "-Wl,--no-entry"]
        return self._compile(name, f"{name}-bare-{count}.wasm", flags, [f"{name}.c", "bare.c"] + self._runtime(name))

    @staticmethod
    def _wasm_flags(name):
        more = ["-msimd128"] if name in VECTORS else []
        if name in EXCEPTIONS:
            more = ["-fwasm-exceptions", "-mllvm", "-wasm-enable-sjlj", "-I" + os.path.dirname(SETJMP)]
        return ["--target=wasm32-wasi", "-mbulk-memory", *more]

    def _runtime(self, name):
        """What a program with setjmp links besides."""
        if name not in EXCEPTIONS:
            return []
        flags = ["--target=wasm32-wasi", "-fwasm-exceptions", "-I" + os.path.dirname(SETJMP), "-c"]
        return [self._compile(name, "jump.o", flags, [os.path.join(SETJMP, "jump.c")]), os.path.join(SETJMP, "tag.s")]

    @staticmethod
    def _program(name):
        return [f"{name}.c"] if name == HELLO else [f"{name}.c", "main.c"]

    def _compile(self, name, output, flags, inputs):
        target = os.path.join(self.directory, output)
        files = [os.path.join(SOURCES, i) if i.endswith(".c") else i for i in inputs]
        sources = [f for f in files if f.endswith(".c")] + [os.path.join(SOURCES, h) for h in ("workload.h", "vector.h")]
        if os.path.exists(target) and all(os.path.getmtime(target) > os.path.getmtime(s) for s in sources):
            return target
        command = [self.compiler, "-std=c17", "-O2", "-Wall", "-Wextra", "-Werror", *flags, *files, "-o", target]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: compiling {name} failed\n{' '.join(command)}\n{done.stderr}")
        return target
