"""Reads and scores our own labelled sentences (labelled.csv): fictional people, sentences written for it.

`python -m tests.matching.labelled` prints every row read wrongly and a table by kind. The columns:

- `kind`: what the row tries; one that begins with `neg_` must not ring.
- `entity`: person (when empty), organisation or phrase. `aliases`, `context` and `not`: lists parted by |.
- `text`: invisible characters stand as \\u00ad, the end of a line as \\n, so that a reader of the file sees them.
- `language`: what the feed declares; mostly empty, for feeds are mixed and often say nothing.
- `expected`: certain, possible, any (certain or possible), no, not-certain (possible or no).
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.model import Kind, Match, Tier, WatchedName
from tests.matching.names import look, watched

TABLE = Path(__file__).with_name("labelled.csv")
ACCEPTED: dict[str, frozenset[Tier | None]] = {
    "certain": frozenset({Tier.CERTAIN}),
    "possible": frozenset({Tier.POSSIBLE}),
    "any": frozenset({Tier.CERTAIN, Tier.POSSIBLE}),
    "no": frozenset({None}),
    "not-certain": frozenset({Tier.POSSIBLE, None}),
}


@dataclass(frozen=True)
class Sentence:
    """One row: who is watched, what is read, and which tier a careful reader gives it."""

    line: int
    kind: str
    name: WatchedName
    text: str
    language: str | None
    expected: str
    notes: str


@dataclass(frozen=True)
class Outcome:
    """What the matcher made of a sentence; `found` is None when it saw nothing."""

    sentence: Sentence
    found: Match | None

    @property
    def right(self) -> bool:
        return self.tier in ACCEPTED[self.sentence.expected]

    @property
    def tier(self) -> Tier | None:
        return self.found.tier if self.found else None

    def __str__(self) -> str:
        said = f"{self.found.tier} {self.found.score} “{self.found.text}”" if self.found else "nothing"
        row = self.sentence
        note = f" ({row.notes})" if row.notes else ""
        return (
            f"labelled.csv:{row.line} {row.kind}: {row.name.entity.name} in “{row.text}”{note}"
            f"\n    expected {row.expected}, found {said}"
        )


def sentences() -> list[Sentence]:
    """Every row of the file, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [_sentence(reader.line_num, row) for row in reader]


def outcomes(rows: Iterable[Sentence]) -> list[Outcome]:
    """Each sentence read on its own, its name the only one watched."""
    return [Outcome(row, next(iter(look(row.text, row.name, language=row.language)), None)) for row in rows]


def table(read: Iterable[Outcome]) -> str:
    """One line a kind: rows, rows read wrongly, and how many were certain, possible or nothing."""
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in read:
        by_kind[outcome.sentence.kind].append(outcome)
    lines = [f"{'kind':<14}{'rows':>5}{'wrong':>7}{'right':>8}{'certain':>9}{'possible':>10}{'nothing':>9}"]
    for kind, found in by_kind.items():
        right, tiers = sum(outcome.right for outcome in found), [outcome.tier for outcome in found]
        counts = [tiers.count(tier) for tier in (Tier.CERTAIN, Tier.POSSIBLE, None)]
        lines.append(
            f"{kind:<14}{len(found):>5}{len(found) - right:>7}{right / len(found):>8.3f}"
            f"{counts[0]:>9}{counts[1]:>10}{counts[2]:>9}"
        )
    return "\n".join(lines)


def _sentence(line: int, row: dict[str, str]) -> Sentence:
    name = watched(
        _seen(row["name"]),
        kind=Kind(row["entity"] or "person"),
        aliases=_parts(row["aliases"]),
        context=_parts(row["context"]),
        excluded=_parts(row["not"]),
    )
    return Sentence(line, row["kind"], name, _seen(row["text"]), row["language"] or None, row["expected"], row["notes"])


def _seen(cell: str) -> str:
    """The cell with its \\u.... and \\n made the characters they stand for."""
    unescaped = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), cell)
    return unescaped.replace("\\n", "\n")


def _parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def main() -> None:
    read = outcomes(sentences())
    wrong = [str(outcome) for outcome in read if not outcome.right]
    sys.stdout.write("\n".join([*wrong, "", table(read), f"{len(wrong)} of {len(read)} rows read wrongly"]) + "\n")


if __name__ == "__main__":
    main()
