"""What is measured of two articles: laws."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.facts import Facts, words_shared
from bot.stories.features import facts_of
from bot.stories.likeness import ACROSS, MEASURES, kinship, likeness, measure, measure_across

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
FRENCH = ("port", "musée", "juge", "lundi", "mardi", "marché", "de", "le", "12", "287", "Lanvaux", "Kerdrel", "Salim")
ARABIC = ("المحكمة", "سليم", "الاثنين", "287", "لانفو")


@st.composite
def articles(draw: st.DrawFn, words: tuple[str, ...] = FRENCH, language: str = "fr") -> Facts:
    text = st.lists(st.sampled_from(words), max_size=40).map(" ".join)
    published = NOW + timedelta(hours=draw(st.integers(0, 72)))
    return facts_of(draw(text), draw(text), language, published)


EITHER = articles() | articles(ARABIC, "ar")


def measured(one: Facts, other: Facts) -> dict[str, float]:
    return dict(zip(MEASURES, measure(one, other, words_shared(one, other)), strict=True))


@given(articles(), articles())
def test_measures_are_the_same_in_either_order(one: Facts, other: Facts) -> None:
    there, back = measured(one, other), measured(other, one)
    for each in (there, back):
        del each["titles alone"]  # of the new article's title alone
    assert there == pytest.approx(back)
    assert (kinship(one, other) > -math.inf) == (kinship(other, one) > -math.inf)


@given(articles(), articles(ARABIC, "ar"))
def test_measures_across_languages_are_the_same_in_either_order(one: Facts, other: Facts) -> None:
    there, back = measure_across(one, other), measure_across(other, one)
    cognates = ACROSS.index("shared words")  # weighed by the table of the new article's language
    for at, name in enumerate(ACROSS):
        assert at == cognates or there[at] == pytest.approx(back[at]), name
    assert kinship(one, other) == -math.inf  # across languages consonants prove too little


@given(EITHER)
def test_an_article_is_as_like_itself_as_can_be(one: Facts) -> None:
    found = measured(one, one)
    for name in ("all words", "title words", "rarest words", "early words", "names", "phrases"):
        assert found[name] == pytest.approx(1) or found[name] == 0, name
    for name in ("leading names of each that the other lacks", "numbers of each that the other lacks", "days apart",
                 "other days of the week in the lead", "other dates in the title"):  # fmt: skip
        assert found[name] == 0, name


@given(EITHER, EITHER)
def test_what_was_compared_before_changes_nothing(one: Facts, other: Facts) -> None:
    first = likeness(one, other)
    likeness(other, one)
    assert likeness(one, other) == first


def test_dates_numbers_and_names_are_measured() -> None:
    one = facts_of("Lundi 6 avril : 287 voyageurs à Lanvaux", "Le juge Kerdrel est venu lundi.", "fr", NOW)
    other = facts_of("Mardi 7 avril : 287 voyageurs à Lanvaux", "Le juge Kerdrel est venu mardi.", "fr", NOW)
    found = measured(one, other)
    assert found["other dates in the title"] == found["other days of the week in the lead"] == 1
    assert found["same days of the week"] == 0
    assert found["shared numbers"] > 0
    assert found["the lesser leading names found"] > 0.5
    assert found["runs of words, of the longer"] == 0  # too short a text says nothing by its runs
