"""The index: scopes, adding and removing, and which of several readings is told."""

from __future__ import annotations

import pytest

from bot.matching import Matcher
from bot.model import Kind, MatchField, Scope, Tier
from tests.matching.names import found_in, look, tier, watched

CHAT = Scope("chat:7:0")


def test_one_entity_in_two_scopes_is_told_to_both() -> None:
    found = look(
        "Aldebert Quincampoix parle", watched("Aldebert Quincampoix"), watched("Aldebert Quincampoix", scope=CHAT)
    )
    assert [match.scope for match in found] == ["chat:7:0", "list:newsroom"]


def test_adding_under_the_same_id_replaces() -> None:
    matcher = Matcher()
    matcher.add(watched("Aldebert Quincampoix", name_id="a"))
    matcher.add(watched("Aurélie Vantadour", name_id="a"))
    assert found_in(matcher, "Aldebert Quincampoix et Aurélie Vantadour") == [
        ("list:newsroom", "a", "Aurélie Vantadour")
    ]
    assert len(matcher) == 1


def test_a_removed_name_is_found_no_more_but_stays_for_the_other_scope() -> None:
    matcher = Matcher()
    matcher.add(watched("Aldebert Quincampoix"))
    matcher.add(watched("Aldebert Quincampoix", scope=CHAT))
    matcher.remove(CHAT, "Aldebert Quincampoix")
    matcher.remove(CHAT, "nobody")
    assert found_in(matcher, "Aldebert Quincampoix") == [
        ("list:newsroom", "Aldebert Quincampoix", "Aldebert Quincampoix")
    ]


def test_a_full_name_is_told_rather_than_a_bare_surname_before_it() -> None:
    [match] = look("Martin a fui. Aldebert Martin est recherché.", watched("Aldebert Martin"))
    assert (match.text, match.tier) == ("Aldebert Martin", Tier.CERTAIN)


def test_of_two_equal_mentions_the_title_is_told() -> None:
    [match] = look("Aldebert Quincampoix parle", watched("Aldebert Quincampoix"), title="Élu : Aldebert Quincampoix")
    assert (match.field, match.start) == (MatchField.TITLE, 6)


def test_the_closer_spelling_takes_the_span_inside_one_list() -> None:
    names = watched("Aldebert Quincampoix"), watched("Aldebert Quincampoux")
    assert [match.name_id for match in look("Aldebert Quincampoux parle", *names)] == ["Aldebert Quincampoux"]


def test_offsets_count_the_text_as_it_was_given() -> None:
    text = "«\u200f Aur&amp;eacute;lie&nbsp;Van\u00adtadour »"
    [match] = look(text, watched("Aurélie Vantadour"))
    assert match.text == text[match.start : match.end] == "Aur&amp;eacute;lie&nbsp;Van\u00adtadour"


def test_another_list_takes_no_span_from_this_one() -> None:
    names = watched("Aldebert Quincampoix"), watched("Aldebert Quincampoux", scope=CHAT)
    assert [match.scope for match in look("Aldebert Quincampoux parle", *names)] == ["chat:7:0", "list:newsroom"]


# --- What an entity may say ------------------------------------------------------------------------------------------


def test_an_excluded_phrase_voids_its_own_sentence_only() -> None:
    name = watched("Aldebert Quincampoix", excluded=["prix Aldebert Quincampoix"])
    assert tier("Le prix Aldebert Quincampoix est remis.", name) is None
    assert tier("Le prix Aldebert Quincampoix est remis. Aldebert Quincampoix pleure.", name) is Tier.CERTAIN


def test_the_context_of_a_namesake_voids_a_surname_and_questions_a_full_name() -> None:
    name = watched("Aldebert Quincampoix", excluded_context=["football"])
    assert tier("Au football, Quincampoix a marqué.", name) is None
    assert tier("Au football, Aldebert Quincampoix a marqué.", name) is Tier.POSSIBLE
    assert tier("Aldebert Quincampoix a été jugé.", name) is Tier.CERTAIN


def test_a_surname_listed_as_an_alias_needs_no_rarity() -> None:
    assert tier("Selon Martin, rien.", watched("Aldebert Martin")) is Tier.POSSIBLE
    assert tier("Selon Martin, rien.", watched("Aldebert Martin", aliases=["Martin"])) is Tier.CERTAIN


@pytest.mark.parametrize(("threshold", "expected"), [(78, Tier.CERTAIN), (92, Tier.CERTAIN), (97, Tier.POSSIBLE)])
def test_a_stricter_threshold_makes_a_slip_possible(threshold: int, expected: Tier) -> None:
    assert tier("Aldebert Quincampiox parle", watched("Aldebert Quincampoix", threshold=threshold)) is expected


def test_far_below_the_threshold_nothing_is_told() -> None:
    assert tier("A. Quincampiox parle", watched("Aldebert Quincampoix", threshold=100)) is None


# --- Organisations, acronyms, phrases --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("La société Kerbrazec & Fils ferme.", True),
        ("SOCIÉTÉ KERBRAZEC ET FILS FERME", True),
        ("Le directeur de Kerbrazec et Fils SARL", True),
        ("La veuve Kerbrazec vend et, dit-elle, nos fils gardent la société.", False),
        ("La société Vantadour et Fils ferme.", False),
    ],
)
def test_an_organisation_is_its_words_in_order(text: str, found: bool) -> None:
    assert bool(look(text, watched("Société Kerbrazec et Fils", kind=Kind.ORGANISATION))) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Le QJX réagit", True),
        ("Le Q.J.X. réagit", True),
        ("le qjx réagit", False),
        ("Le QJXport", False),
        ("JQX", False),
    ],
)
def test_an_acronym_is_capitals_and_a_whole_word(text: str, found: bool) -> None:
    assert bool(look(text, watched("QJX", kind=Kind.ORGANISATION))) is found


def test_a_phrase_is_its_words_in_order_in_any_case() -> None:
    phrase = watched("gaz sarin", kind=Kind.PHRASE)
    assert tier("Du Gaz Sarin a été trouvé", phrase) is Tier.CERTAIN
    assert tier("Du gaz, et du sarin aussi: sarin gaz", phrase) is None
