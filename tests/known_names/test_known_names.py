"""The table as it was compiled at the installation."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.known_names import KnownNames, known_names, read_names
from bot.known_names.compile import names_of
from bot.text import fold
from hatch_build import names_list


@pytest.fixture(scope="module")
def names() -> KnownNames:
    return known_names()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohamed", "Mohammed"),
        ("Mohamed", "محمد"),
        ("Ahmed", "أحمد"),
        ("Hassan", "Hasan"),
        ("Khaled", "Khalid"),
        ("Evgueni", "Евгений"),
        ("Yevgeny", "Jewgeni"),
        ("Jean", "Жан"),
        ("Nikos", "Νίκος"),
        ("Cohen", "כהן"),
        ("Kim", "김"),
        ("Wang", "王"),
        ("Akira", "あきら"),
    ],
)
def test_one_name(names: KnownNames, one: str, other: str) -> None:
    assert {*names.groups(fold(one))} & {*names.groups(fold(other))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John", "Jean"),
        ("Jean", "Ivan"),
        ("Omar", "Amr"),
        ("Gérald", "Gérard"),
        ("Ahmed", "Mohamed"),
        ("Hassan", "Hussein"),
        ("Khaled", "Khalil"),
        ("Karim", "Karima"),
        ("Marie", "Mary"),
        ("Louis", "Luis"),
        ("Мария", "Марк"),
        ("أحمد", "محمد"),
    ],
)
def test_two_names(names: KnownNames, one: str, other: str) -> None:
    assert fold(one) in names
    assert fold(other) in names
    assert not {*names.groups(fold(one))} & {*names.groups(fold(other))}


def test_the_table_fits_the_folding_of_today(names: KnownNames) -> None:
    """It is compiled with bot/text.py: `make setup` after a change there."""
    with names_list().open(encoding="utf-8") as lines:
        forms = {form for line in islice(lines, 0, None, 300) for form in names_of(line)}
    assert len(forms) > 1000
    assert not [form for form in forms if form not in names]


def test_it_loads_in_no_time() -> None:
    began = time.process_time()
    read_names()
    assert time.process_time() - began < 0.5  # it takes 5 ms


def test_a_missing_or_damaged_table_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is missing; in a checkout run `make setup`"):
        read_names(tmp_path / "names.bin")
    (tmp_path / "names.bin").write_bytes(b"<html>")
    with pytest.raises(UsageError, match=r"cannot be read: not a table.*make setup"):
        read_names(tmp_path / "names.bin")
