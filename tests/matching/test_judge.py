"""The policy for weak mentions: when a bare surname, an initial or a half rings, waits, or is nobody."""

from __future__ import annotations

import pytest

from bot.matching import Matcher
from bot.model import Tier
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
    names = watched("Peter Shilton"), watched("Peter Shelton")
    assert [match.name_id for match in look("قال بيتر شيلتون أمس", *names)] == ["Peter Shelton", "Peter Shilton"]
    assert [match.name_id for match in look("Peter Shelton parle", *names)] == ["Peter Shelton"]


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
