#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A dictionary for targets whose inputs are bytes of WebAssembly, from the tables of instructions and sections: a new
row is in it the next time it is built. The format is that of libFuzzer and AFL.

usage: dictionary.py SOURCE OUT """
import os
import re
import sys

OP = re.compile(r'^[A-Z0-9_]+\(0x([0-9a-f\x27]+), (\w+), "', re.MULTILINE)
SECTION = re.compile(r"^SECTION\((\d+), (\w+),", re.MULTILINE)
TYPES = {"i32": 0x7f, "i64": 0x7e, "f32": 0x7d, "f64": 0x7c, "v128": 0x7b, "funcref": 0x70, "externref": 0x6f, "func": 0x60}


def leb(number):
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7f
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def opcode_bytes(code):
    """Of "45", or of "fc'000a": a prefix and a number."""
    prefix, _, number = code.rpartition("'")
    return bytes([int(prefix, 16)]) + leb(int(number, 16)) if prefix else bytes([int(number, 16)])


def entries(source):
    yield "magic", b"\0asm\1\0\0\0"
    with open(os.path.join(source, "core/wasm/sections.def"), encoding="utf-8") as file:
        for number, name in SECTION.findall(file.read()):
            yield f"section_{name}", bytes([int(number)])
    for name, value in TYPES.items():
        yield f"type_{name}", bytes([value])
    folder = os.path.join(source, "core/wasm/opcodes")
    for table in sorted(os.listdir(folder)):
        with open(os.path.join(folder, table), encoding="utf-8") as file:
            for code, name in OP.findall(file.read()):
                yield f"op_{name}", opcode_bytes(code)


def main(source, out):
    with open(out, "w", encoding="utf-8") as file:
        for name, data in entries(source):
            file.write(f'{name}="{"".join(f"{chr(92)}x{byte:02x}" for byte in data)}"\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
