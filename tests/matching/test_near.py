"""Near misses: what they lacked, and that what is found is none."""

from __future__ import annotations

import pytest

from bot.matching.index import matcher_of
from bot.model import Kind, Scope
from tests.matching.names import watched

CHAT = Scope("chat:7:0")


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Le prix Aldebert Quincampoix est remis.", "excluded"),
        ("Hier à Brest, Sofia Quincampoix a plaidé. Quincampoix nie.", "relative"),
        ("Au football, Quincampoix a marqué.", "namesake-context"),
        ("Selon Sofia Quincampoix, rien.", "other-person"),
        ("Aldebert Kerbrazec et Yves Quincampoix dînent.", "not-together"),
        ("Quincampeux aussi a plaidé.", "too-little"),
        ("le quincampoix nouveau est arrivé", "no-capital"),
    ],
)
def test_a_near_miss_says_what_it_lacked(text: str, lacks: str) -> None:
    name = watched("Aldebert Quincampoix", excluded=["prix Aldebert Quincampoix"], excluded_context=["football"])
    [missed] = matcher_of([name]).near("", text)
    assert missed.lacks.code == lacks
    assert text[missed.start : missed.end] == missed.text
    assert "quincamp" in missed.text.lower()


def test_words_that_stand_near_each_other_without_being_one_name_are_told() -> None:
    [missed] = matcher_of([watched("Anne-Lise Vantadour")]).near("", "Hier, Lise Vantadour a plaidé.")
    assert missed.lacks.code == "not-together"


def test_far_below_its_threshold_a_mention_is_a_near_miss() -> None:
    name = watched("Aldebert Quincampoix", threshold=100)
    [missed] = matcher_of([name]).near("", "A. Quincampiox parle")
    assert (missed.lacks.code, missed.lacks.values) == ("below-threshold", {"threshold": "100"})


def test_a_span_that_a_closer_name_took_is_told() -> None:
    names = watched("Aldebert Quincampoix"), watched("Aldebert Quincampoux")
    [missed] = matcher_of(names).near("", "Aldebert Quincampoux parle")
    assert (missed.name_id, missed.lacks.code) == ("Aldebert Quincampoix", "taken")


def test_a_surname_that_fits_many_names_is_told_for_each() -> None:
    given = ("Aldebert", "Aurélie", "Sofia", "Badr", "Igor")
    missed = matcher_of([watched(f"{each} Quincampoix") for each in given]).near("", "Quincampoix a parlé.")
    assert [each.lacks.code for each in missed] == ["fits-many-names"] * 5


def test_what_is_found_is_no_near_miss_and_a_name_is_told_once_a_scope() -> None:
    names = [watched("Aldebert Quincampoix"), watched("Aldebert Quincampoix", scope=CHAT)]
    matcher = matcher_of(names)
    assert matcher.near("", "Aldebert Quincampoix, puis Sofia Quincampoix") == []
    missed = matcher.near("Sofia Quincampoix", "Yves Quincampoix")
    assert [(each.scope, each.field) for each in missed] == [(CHAT, "title"), ("list:newsroom", "title")]


def test_a_given_name_alone_comes_near_nobody() -> None:
    assert matcher_of([watched("Aldebert Quincampoix")]).near("", "Aldebert est là.") == []


def test_part_of_an_organisation_comes_near_nobody_unless_its_words_meet() -> None:
    matcher = matcher_of([watched("Comptoir Maritime de Kerbrazec", kind=Kind.ORGANISATION)])
    assert matcher.near("", "Le maire de Kerbrazec") == []
    assert [each.lacks.code for each in matcher.near("", "Le Comptoir Maritime a fermé")] == ["not-together"]


def test_an_initial_that_fits_too_many_names_is_told_for_each() -> None:
    given = ("Aldebert", "Aurélie", "Anouk", "Armel")
    matcher = matcher_of([watched(f"{each} Quincampoix") for each in given])
    assert matcher.find("", "A. Quincampoix a parlé.") == []
    missed = matcher.near("", "A. Quincampoix a parlé.")
    assert [(each.name_id, each.text) for each in missed] == [
        (f"{each} Quincampoix", "A. Quincampoix") for each in sorted(given)
    ]
    assert {each.lacks.code for each in missed} == {"taken"}


def test_of_several_places_the_nearest_to_a_name_is_told() -> None:
    name = watched("Aldebert Quincampoix", excluded=["prix Aldebert Quincampoix"])
    text = "Sofia Quincampoix a gagné. Le prix Aldebert Quincampoix est remis."
    [missed] = matcher_of([name]).near("", text)
    assert (missed.lacks.code, missed.lacks.values) == ("excluded", {"phrase": "prix aldebert quincampoix"})
    assert missed.text == "Aldebert Quincampoix"


def test_near_misses_stand_in_the_order_of_the_text() -> None:
    matcher = matcher_of([watched("Aldebert Quincampoix"), watched("Yves Kerbrazec")])
    missed = matcher.near("", "Sofia Kerbrazec et Badr Quincampoix")
    assert [each.text for each in missed] == ["Kerbrazec", "Quincampoix"]
