# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Durations, counts and strangers' text as people read them."""
import re

from .errors import USAGE, Stop

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}


def seconds_of(text):
    """The seconds of "90", "90s", "10m", "1.5h"."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)", text)
    if not match or float(match[1]) == 0:
        raise Stop(USAGE, f"{printable(text)!r} is no duration: give a number and s, m, h or d, as in 10m")
    return float(match[1]) * UNITS[match[2]]


def clock(seconds):
    """H:MM:SS."""
    seconds = max(0, int(seconds))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def count(number):
    """Digits in threes, since these numbers are long."""
    return f"{int(number):,}".replace(",", " ")


def size(number):
    """Bytes, short."""
    for unit in ("B", "K", "M"):
        if number < 1024:
            return f"{number:.0f}{unit}"
        number /= 1024
    return f"{number:.1f}G"


def printable(text, most=400):
    """What a target wrote may hold anything; a terminal gets nothing that it would obey."""
    return "".join(c if c.isprintable() else "?" for c in text[:most])
