"""Rates, medians and the texts made to be slow."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.matching.corpus import Text
from benchmarks.matching.hostile import MIXED, SHAPES, Ordeal, Words, text_of
from benchmarks.matching.measure import Rate, median, rate_of
from benchmarks.matching.methods import Found
from tests.matching.names import watched

NAMES = [watched("Ida Vantadour"), watched("Otto Brisecaille"), watched("Ida Kestrel")]


def find_nothing(_text: str, _language: str) -> Found:
    return Found(frozenset())


def test_a_rate_stops_when_the_time_is_spent_and_reads_one_at_least() -> None:
    endless = itertools.repeat(Text("Ida", "fr"))
    assert rate_of(find_nothing, endless, 0.0).texts == 1
    assert rate_of(find_nothing, [Text("Ida", "fr")] * 7, 60.0).texts == 7


def test_the_median_is_a_rate_that_was_measured() -> None:
    slow, fair, fast = Rate(10, 5.0), Rate(10, 2.0), Rate(10, 1.0)
    assert median([fast, slow, fair]) == fair
    assert median([fast, slow]) == slow


@pytest.mark.parametrize("shape", [*SHAPES, MIXED])
def test_a_hostile_text_has_the_length_asked_for_and_is_the_same_every_time(shape: str) -> None:
    text = text_of(shape, Words(NAMES), 5_000)
    assert len(text) == 5_000
    assert text == text_of(shape, Words(NAMES), 5_000)


def test_growth_compares_the_longest_with_its_half() -> None:
    assert Ordeal("", {250: 1.0, 500: 1.0, 1_000: 3.0}).growth == 3.0
    assert Ordeal("", {250: 9.0}).growth is None
