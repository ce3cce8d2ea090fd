"""How the command line says numbers, times and texts of any script, in columns."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.markup import storable

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
UNITS_S = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
TERMINAL_CONTROLS = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069]")
"""C1 controls, and what would turn the direction of the rest of the line."""


def in_line(text: str) -> str:
    """A text from elsewhere on one line, without anything that commands a terminal; right to left only by itself."""
    plain = " ".join(TERMINAL_CONTROLS.sub("", storable(text)).split())
    return f"\u2068{plain}\u2069" if RIGHT_TO_LEFT.search(plain) else plain


def width(text: str) -> int:
    """The columns that a terminal gives the text."""
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(char) in {"W", "F"})
        for char in text
    )


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def count(number: int, word: str, words: str = "") -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def duration(seconds: float) -> str:
    """In its largest unit: `40 s`, `12 min`, `5 h`, `3 days`."""
    for unit, size in UNITS_S:
        # Two days, but 30 h: below two of the larger unit the smaller one says more.
        if seconds >= size * (2 if unit in {"day", "h"} else 1) or unit == "s":
            break
    number = round(seconds / size)
    return count(number, unit) if unit == "day" else f"{number} {unit}"


def ago(then: datetime, now: datetime) -> str:
    return f"{duration(max(0.0, (now - then) / timedelta(seconds=1)))} ago"


def at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
