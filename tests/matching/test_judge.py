"""The policy for weak mentions: when a bare surname, an initial or a half rings, waits, or is nobody."""

from __future__ import annotations

import pytest

from bot.matching import Matcher
from bot.matching.index import matcher_of
from bot.model import Kind, Match, Scope, Tier, WatchedName
from tests.matching.names import look, tier, watched

POLISH = "Policja zatrzymała Aldeberta Quincampoixa w nocy, jak podano, że się ukrywał."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QUINCAMPOIX Aldebert est là", Tier.CERTAIN),
        ("Aldebert Hugo Quincampoix est là", Tier.CERTAIN),
        ("Selon A. Quincampoix, rien", Tier.CERTAIN),
        ("M. Quincampoix a refusé", Tier.CERTAIN),
        (POLISH, Tier.CERTAIN),
        ("Il y A Quincampoix", Tier.POSSIBLE),
        ("Selon Sofia Quincampoix, rien", None),
        ("S. Quincampoix parle", None),
        ("Robert A. Quincampoix Martin parle", None),
        ("Hier, Sofia Quincampoix est venue. Puis Quincampoix a parlé.", None),
        ("le quincampoix nouveau", None),
        ("Aldebert est là", None),
    ],
)
def test_who_is_meant(text: str, expected: Tier | None) -> None:
    assert tier(text, watched("Aldebert Quincampoix")) is expected


def test_a_frequent_surname_waits_until_the_article_names_it_in_full() -> None:
    name = watched("Aldebert Durand")
    assert tier("Durand a refusé.", name) is Tier.POSSIBLE
    [match] = look("Durand a refusé. Aldebert Durand est élu.", name)
    assert (match.text, match.tier) == ("Aldebert Durand", Tier.CERTAIN)
    assert tier("Durand a refusé.", watched("Aldebert Durand", aliases=["Durand"])) is Tier.CERTAIN
    assert tier("Durand a quitté la prison.", watched("Aldebert Durand", context=["prison"])) is Tier.CERTAIN


def test_a_place_or_a_month_is_no_rare_surname() -> None:
    assert tier("Les pompiers de Texas arrivent.", watched("Aldebert Texas")) is Tier.POSSIBLE


def test_who_is_watched_by_the_surname_only_may_have_any_given_name() -> None:
    assert tier("Selon Sofia Quincampoix, rien", watched("Quincampoix")) is Tier.CERTAIN
    assert tier("Selon Sofia Quincampoix, rien", watched("Aldebert Quincampoix", aliases=["Quincampoix"])) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [(1, Tier.CERTAIN), (2, Tier.POSSIBLE), (3, Tier.POSSIBLE), (4, None)],
)
def test_a_bare_surname_that_fits_several_names_of_a_list(names: int, expected: Tier | None) -> None:
    given = ("Aldebert", "Aurélie", "Badr", "Igor")[:names]
    found = look("Quincampoix a refusé.", *(watched(f"{each} Quincampoix") for each in given))
    assert {match.tier for match in found} == ({expected} if expected else set())
    assert len(found) == (names if expected else 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anne-Lise Vantadour parle", Tier.CERTAIN),
        ("Anne Lise Vantadour parle", Tier.CERTAIN),
        ("Annelise Vantadour parle", Tier.CERTAIN),
        ("Lise Vantadour parle", None),
        ("Anne Vantadour parle", None),
    ],
)
def test_a_name_with_a_hyphen_counts_whole(text: str, expected: Tier | None) -> None:
    assert tier(text, watched("Anne-Lise Vantadour")) is expected


def test_two_spellings_that_are_both_not_it_share_the_words() -> None:
    names = watched("Karim Haldin"), watched("Karim Holdin")
    assert [match.name_id for match in look("قال كريم هلدين أمس", *names)] == ["Karim Haldin", "Karim Holdin"]
    assert [match.name_id for match in look("Karim Holdin parle", *names)] == ["Karim Holdin"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Queen Ysolde of Kerbrazec", "Ysolde of Kerbrazec waves", Tier.CERTAIN),
        ("Queen Ysolde of Kerbrazec", "Snow fell on Kerbrazec", None),
        ("Edna O'Quincampoix", "Edna O’Quincampoix writes", Tier.CERTAIN),
        ("Edna O'Quincampoix", "Alex O'Quincampoix writes", None),
        ("Chen Da", "Der Chen ist da.", None),
        ("Kim Jong-un", "Selon Kim Jong-un, rien", Tier.CERTAIN),
        ("Kim Jong-un", "Selon Kim Jong, rien", None),
    ],
)
def test_titles_particles_and_hyphens_of_names(name: str, text: str, expected: Tier | None) -> None:
    assert tier(text, watched(name)) is expected


def test_a_matcher_that_is_cleared_finds_nobody() -> None:
    matcher = Matcher()
    matcher.add(watched("Aldebert Quincampoix"))
    assert matcher.find("", "Aldebert Quincampoix")
    matcher.clear()
    assert len(matcher) == 0
    assert matcher.find("", "Aldebert Quincampoix") == []


def test_names_that_come_and_go_change_what_was_read_before() -> None:
    matcher = Matcher()
    matcher.add(watched("Sofia Kerbrazec"))
    assert matcher.find("", "Aldebert Kerbrazec, Aurélie Kerbrasec") == []
    matcher.add(watched("Aldebert Kerbrazec"))  # no new surname: what is remembered must learn of it
    assert [match.name_id for match in matcher.find("", "Aldebert Kerbrazec")] == ["Aldebert Kerbrazec"]
    matcher.remove(watched("x").scope, "Aldebert Kerbrazec")
    assert matcher.find("", "Aldebert Kerbrazec") == []


CHAT = Scope("chat:7:0")
GIVEN = ("Aldebert", "Aurélie", "Badr", "Igor")


def told(scope: Scope, text: str, *names: WatchedName) -> list[Match]:
    return [match for match in look(text, *names) if match.scope == scope]


@pytest.mark.parametrize("context", [[], ["pêche"]])
def test_another_scope_with_that_surname_changes_nothing(context: list[str]) -> None:
    text = "La pêche : Quincampoix a refusé."
    here = [watched(f"{each} Quincampoix", context=context) for each in GIVEN]
    elsewhere = watched("Luc Quincampoix", scope=CHAT)
    assert told(here[0].scope, text, *here, elsewhere) == told(here[0].scope, text, *here)
    assert told(CHAT, text, *here, elsewhere) == told(CHAT, text, elsewhere) != []


def test_a_context_that_agrees_counts_however_many_bear_the_name() -> None:
    names = [watched(f"{each} Quincampoix") for each in GIVEN]
    [match] = look("La pêche : Quincampoix a refusé.", *names, watched("Luc Quincampoix", context=["pêche"]))
    assert (match.name_id, match.tier) == ("Luc Quincampoix", Tier.CERTAIN)


def test_one_person_under_two_ids_is_not_two() -> None:
    found = look(
        "M. Quincampoix a refusé", watched("Aldebert Quincampoix"), watched("Aldebert Quincampoix", name_id="b")
    )
    assert [match.tier for match in found] == [Tier.CERTAIN, Tier.CERTAIN]


def test_an_expression_of_context_stands_side_by_side() -> None:
    name = watched("Aldebert Durand", context=["cour des comptes"], excluded_context=["coupe du monde"])
    assert tier("Durand a saisi la Cour des comptes.", name) is Tier.CERTAIN
    assert tier("La cour a jugé. Durand tient des comptes.", name) is Tier.POSSIBLE
    assert tier("À la Coupe du monde, Durand a marqué.", name) is None


def test_a_phrase_of_words_that_are_known_already_is_found_at_once() -> None:
    names = [watched("Kestrel Marbec"), watched("Aurélie Kestrel")]
    matcher = matcher_of(names)
    assert matcher.find("", "marbec kestrel") == []
    matcher.add(watched("marbec kestrel", kind=Kind.PHRASE))
    assert [match.name_id for match in matcher.find("", "marbec kestrel")] == ["marbec kestrel"]


@pytest.mark.parametrize(
    "text",
    ["La rue Quincampoix est fermée.", "Le château de Quincampoix a brûlé.", "La commune de Quincampoix-sur-Lot vote."],
)
def test_a_place_is_nobody(text: str) -> None:
    assert tier(text, watched("Aldebert Quincampoix")) is None


def test_a_blank_line_parts_a_given_name_from_a_surname() -> None:
    assert tier("Aldebert\n\nQuincampoix a refusé", watched("Anne-Lise Quincampoix")) is not None
    [match] = look("Aldebert\n\nQuincampoix a refusé", watched("Aldebert Quincampoix"))
    assert match.text == "Quincampoix"


def test_monsieur_is_no_initial_in_french_and_a_woman_is_no_case_of_a_man() -> None:
    french = "M. Durand a refusé de parler, dans la nuit, avec les siens."
    assert tier(french, watched("Marie Durand")) is Tier.POSSIBLE
    assert tier("Karima Quincampoix, sa soeur, témoigne.", watched("Karim Quincampoix")) is not Tier.CERTAIN


def test_a_particle_may_stand_behind_an_initial() -> None:
    assert tier("Selon Y. El Quincampoix, rien", watched("Yanis El Quincampoix")) is Tier.CERTAIN


def test_a_korean_name_may_be_turned() -> None:
    assert tier("Hyun-woo Kim said on Monday.", watched("Kim Hyun-woo")) is Tier.CERTAIN
    assert look("Kim said on Monday.", watched("Kim Hyun-woo")) == []


def test_an_arabic_article_may_come_or_go() -> None:
    assert tier("Selon Bachir Quincampoix, rien", watched("Bachir al-Quincampoix")) is Tier.CERTAIN
    assert tier("Selon Bachir al-Quincampoix, rien", watched("Bachir Quincampoix")) is Tier.CERTAIN
