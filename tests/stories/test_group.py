"""Which articles tell of one event: situations, and laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Reason
from bot.stories.features import facts_of
from bot.stories.group import Assignment, Grouping

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
WINDOW = timedelta(hours=72)
BURGLARY = (
    "Trois hommes en garde à vue après le cambriolage du musée de Port-Salins",
    "Le butin, six maquettes de voiliers, a été retrouvé dans un hangar du quai nord, indique le parquet de Port-Salins.",
)
RETOLD = (
    "Cambriolage du musée de Port-Salins : trois hommes placés en garde à vue",
    "Les six maquettes de voiliers volées étaient cachées dans un hangar du quai nord, selon le parquet.",
)
OTHER_BURGLARY = (
    "Deux femmes jugées pour le cambriolage d'une bijouterie à Sainte-Ombre",
    "Le tribunal de Sainte-Ombre les a condamnées à deux ans de prison, dont un avec sursis.",
)


def assign(grouping: Grouping, told: tuple[str, str], *, language: str | None = "fr", after_h: float = 1) -> Assignment:
    return grouping.assign(facts_of(*told, language, NOW + timedelta(hours=after_h)))


def holding(*told: tuple[str, str], language: str | None = "fr") -> Grouping:
    """Every article a story of its own: 1, 2, …"""
    grouping = Grouping(WINDOW)
    for number, (title, text) in enumerate(told, 1):
        grouping.keep(number, number, title, facts_of(title, text, language, NOW))
    return grouping


def test_the_same_event_in_other_words_joins_with_its_reason() -> None:
    assignment = assign(holding(BURGLARY), RETOLD)
    assert assignment.story_id == 1
    assert assignment.why.code == "same-event"
    assert assignment.why.values["title"] == BURGLARY[0]
    assert assignment.why.values["percent"].endswith("%")


def test_another_event_of_the_same_kind_begins_a_story() -> None:
    assert assign(holding(BURGLARY), OTHER_BURGLARY) == Assignment(None, Reason("new-story"))


def test_the_likest_story_takes_the_article() -> None:
    assert assign(holding(OTHER_BURGLARY, BURGLARY), RETOLD).story_id == 2


def test_without_stories_there_is_nothing_to_join() -> None:
    assert assign(holding(), BURGLARY).story_id is None


def test_a_language_that_nobody_told_joins_any() -> None:
    assert assign(holding(BURGLARY, language=None), RETOLD).story_id == 1
    assert assign(holding(BURGLARY), RETOLD, language=None).story_id == 1


def test_two_flashes_that_share_a_word_are_two_stories() -> None:
    assert assign(holding(("Arrestation", "")), ("Arrestation", "")).story_id is None


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Le rectorat recherche Viktor Bopéront pour des archives brûlées (dossier 12)",
         "La préfecture réhabilite Viktor Bopéront pour des huîtres volées (dossier 31)"),
        ("Une clinique désavoue Agathe Driquobos pour des truffes en serre (dossier 12)",
         "La chambre de commerce désavoue Agathe Driquobos pour un tunnel inondé (dossier 31)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", "Agathe Driquobos et Viktor Bopéront se taisent."])
def test_headlines_that_share_a_person_and_a_word_are_two_stories(earlier: str, later: str, text: str) -> None:
    assert assign(holding((earlier, text)), (later, "")).story_id is None


def test_headlines_that_share_most_of_their_words_are_one_story() -> None:
    told = "Viktor Bopéront réhabilité par la préfecture après l'affaire des huîtres volées"
    assert assign(holding((told, "")), ("Huîtres volées : la préfecture réhabilite Viktor Bopéront", "")).story_id == 1


def test_a_story_that_ended_before_the_window_takes_nothing() -> None:
    grouping = holding(BURGLARY)
    assert assign(grouping, RETOLD, after_h=73).story_id is None
    grouping.slide(NOW + timedelta(hours=73))
    assert len(grouping) == 0


def test_a_story_that_goes_on_keeps_its_beginning() -> None:
    grouping = holding(BURGLARY)
    grouping.keep(2, 1, RETOLD[0], facts_of(*RETOLD, "fr", NOW + timedelta(hours=60)))
    grouping.slide(NOW + timedelta(hours=100))
    assert len(grouping) == 2
    grouping.slide(NOW + timedelta(hours=140))
    assert len(grouping) == 0


def test_an_edited_article_is_compared_as_it_reads_now() -> None:
    grouping = holding(OTHER_BURGLARY)
    grouping.keep(1, 1, BURGLARY[0], facts_of(*BURGLARY, "fr", NOW))
    assert len(grouping) == 1
    assert assign(grouping, RETOLD).story_id == 1
    assert assign(grouping, OTHER_BURGLARY).story_id is None


def test_a_story_that_is_no_longer_stored_takes_nothing() -> None:
    grouping = holding(BURGLARY)
    grouping.forget_story(1)
    assert assign(grouping, RETOLD).story_id is None


WORDS = (
    "port",
    "musée",
    "juge",
    "navire",
    "orage",
    "marché",
    "école",
    "budget",
    "grève",
    "pont",
    "12",
    "287",
    "Lanvaux",
)
SENTENCES = st.lists(
    st.sampled_from(WORDS),
    min_size=3,
    max_size=12,
).map(" ".join)


@given(st.lists(st.tuples(SENTENCES, SENTENCES), max_size=8))
def test_the_order_in_which_stories_came_changes_nothing(others: list[tuple[str, str]]) -> None:
    told = list(enumerate([BURGLARY, *others], 1))
    found = set()
    for order in (told, told[::-1]):
        grouping = Grouping(WINDOW)
        for number, (title, text) in order:
            grouping.keep(number, number, title, facts_of(title, text, "fr", NOW + timedelta(minutes=number)))
        found.add(assign(grouping, RETOLD).story_id)
    assert found == {1}


@given(st.lists(st.tuples(SENTENCES, SENTENCES), max_size=30))
def test_unrelated_articles_change_no_decision(others: list[tuple[str, str]]) -> None:
    grouping = holding(BURGLARY, OTHER_BURGLARY, *others)
    assert assign(grouping, RETOLD).story_id == 1


@given(SENTENCES, SENTENCES)
def test_an_article_told_again_word_for_word_is_no_news(title: str, text: str) -> None:
    """Of some length: a copy joins whatever it is about."""
    long = (f"{title}, dit Anselme Quervic", f"{text} {BURGLARY[1]} {text}")
    assert assign(holding(long), long).story_id == 1
