"""Our own labelled sentences, by kind: fictional people, sentences written for this file. Add a line for every mistake.

`expected` is certain, possible or no; lists are parted by |.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.matching.names import tier, watched

TABLE = Path(__file__).with_name("labelled.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(io.StringIO(TABLE)))


def parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['kind']}-{number}" for number, row in enumerate(ROWS, 2)])
def test_a_labelled_sentence(row: dict[str, str]) -> None:
    name = watched(row["name"], aliases=parts(row["aliases"]), context=parts(row["context"]))
    assert (tier(row["text"], name) or "no") == row["expected"], row["notes"]
