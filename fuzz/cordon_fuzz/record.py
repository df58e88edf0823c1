# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The record of a child: fuzz/campaign/record.h has the format. A SIGKILL leaves it as it was."""
import os
import struct

HEADER = struct.Struct("=8s7Q")
TALLY = struct.Struct("=40sQ")
TALLIES = 64
INPUT = 4096
MAGIC = b"CORDREC1"


class Record:
    def __init__(self, path):
        self.path = path

    def clear(self):
        if os.path.exists(self.path):
            os.remove(self.path)

    def _read(self, offset, size):
        try:
            with open(self.path, "rb") as file:
                file.seek(offset)
                return file.read(size)
        except OSError:
            return b""

    def _header(self):
        data = self._read(0, HEADER.size)
        if len(data) < HEADER.size:
            return None
        magic, runs, running, size, *_ = HEADER.unpack(data)
        return (runs, running, size) if magic == MAGIC else None

    def runs(self):
        """Runs that were begun."""
        header = self._header()
        return header[0] if header else 0

    def interrupted_input(self):
        """The input that was being run, or None if none was."""
        header = self._header()
        if not header or not header[1]:
            return None
        return self._read(INPUT, header[2])

    def tallies(self):
        """{name: count}, what the target counted."""
        data = self._read(HEADER.size, TALLY.size * TALLIES)
        found = {}
        for name, count in TALLY.iter_unpack(data[:len(data) // TALLY.size * TALLY.size]):
            if name[0]:
                found[name.split(b"\0")[0].decode(errors="replace")] = count
        return found
