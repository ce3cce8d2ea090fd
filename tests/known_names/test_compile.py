"""Lines of a list in, table out: the lines are made up."""

from __future__ import annotations

import pytest

from bot.known_names import KnownNames
from bot.known_names.compile import compile_names

LINES = [
    "Orvane, Orvann, орвань, أورفان => Q1\n",
    "Orvan, Orvann => Q2\n",
    "Tibald => Q3\n",
    "Jean-Sylve, jeansylve, Sylve => Q4\n",
    "عبد المجد, Abd al-Majd => Q5\n",
    "Béryl, BERYL, beryl => Q6\n",
    "王樂, 왕락, ワンレ => Q7\n",
]


@pytest.fixture
def names() -> KnownNames:
    return KnownNames(compile_names(LINES))


def one_name(names: KnownNames, one: str, other: str) -> bool:
    return bool({*names.groups(one)} & {*names.groups(other)})


def test_forms_of_a_line_are_one_name_in_every_script(names: KnownNames) -> None:
    assert one_name(names, "orvane", "orvann")
    assert one_name(names, "orvane", "орвань")
    assert one_name(names, "اورفان", "орвань")
    assert one_name(names, "王樂", "ワンレ")


def test_a_form_of_two_lines_does_not_make_them_one_name(names: KnownNames) -> None:
    assert len(names.groups("orvann")) == 2
    assert one_name(names, "orvann", "orvan")
    assert not one_name(names, "orvane", "orvan")


def test_a_name_of_several_words_is_written_as_one(names: KnownNames) -> None:
    assert one_name(names, "jeansylve", "sylve")
    assert one_name(names, "عبدالمجد", "abdalmajd")
    assert "jean" not in names


@pytest.mark.parametrize("alone", ["tibald", "beryl"])
def test_a_name_like_no_other_is_known_and_in_no_group(names: KnownNames, alone: str) -> None:
    assert alone in names
    assert names.groups(alone) == ()


def test_a_stranger_is_unknown(names: KnownNames) -> None:
    assert "orvanette" not in names
    assert names.groups("orvanette") == ()
    assert "" not in names


@pytest.mark.parametrize("line", ["Orvane, Orvann", "Orvane, Orvann => ", "=> Q1", ""])
def test_a_line_of_another_form_is_refused_and_shown(line: str) -> None:
    with pytest.raises(ValueError, match="not a line of the list of names") as refused:
        compile_names([*LINES, line])
    assert repr(line) in str(refused.value)
