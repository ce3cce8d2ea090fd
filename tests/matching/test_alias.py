"""How a watched name is taken apart."""

from __future__ import annotations

import pytest

from bot.matching.alias import Manner, aliases_of, is_acronym
from bot.model import Entity, Kind
from tests.matching.names import look, tier, watched


def words(name: str, *aliases: str, kind: Kind = Kind.PERSON) -> list[tuple[str, str]]:
    """Manner and words of every way to write it."""
    return [(alias.manner, " ".join(alias.words)) for alias in aliases_of(Entity(name, kind, aliases))]


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("Aldebert Quincampoix", ["aldebert quincampoix"]),
        ("Queen Ysolde of Kerbrazec", ["ysolde kerbrazec"]),
        ("Sir Aldebert Quincampoix", ["aldebert quincampoix"]),
        ("Aldebert Quincampoix III", ["aldebert quincampoix"]),
        ("Aldebert XIV", ["aldebert xiv"]),
        ("Anne-Lise Vantadour", ["anne lise vantadour", "annelise vantadour"]),
        ("Kim Hyun-woo", ["kim hyun woo", "kim hyunwoo", "hyun woo kim"]),
        ("Do-hyun Kwak", ["do hyun kwak", "dohyun kwak"]),
        ("Edna O’Quincampoix", ["edna quincampoix", "edna oquincampoix"]),
        ("Chen Da", ["chen da"]),
        ("Ben Davis", ["ben davis"]),
        ("Ilona von Radványi", ["ilona radvanyi", "ilona vonradvanyi"]),
        ("Karim Ben Ahmed Tazrouti", ["karim ahmed tazrouti", "karim benahmed tazrouti"]),
        ("Abdel Kader Tazrouti", ["abdel kader tazrouti", "abdelkader tazrouti"]),
        ("محمد تازروتي", ["محمد تازروتي"]),
    ],
)
def test_a_person_is_given_names_and_a_surname(name: str, ways: list[str]) -> None:
    assert words(name) == [(Manner.FULL_NAME, each) for each in ways]


def test_a_person_in_signs_has_a_surname_of_one_or_two() -> None:
    assert words("渡辺健二") == [
        (Manner.SURNAME, "渡辺健二"),
        (Manner.FULL_NAME, "辺健二 渡"),
        (Manner.FULL_NAME, "健二 渡辺"),
    ]


def test_each_alias_is_looked_for_in_its_manner() -> None:
    assert words("Aldebert Quincampoix", "Quincampoix", "le Loup", "Q.J.X.", "QJX") == [
        (Manner.FULL_NAME, "aldebert quincampoix"),
        (Manner.SURNAME, "quincampoix"),
        (Manner.NICKNAME, "le loup"),
        (Manner.ACRONYM, "qjx"),
    ]


def test_an_alias_that_says_the_same_is_looked_for_once() -> None:
    assert words("Aldebert Quincampoix", "ALDEBERT QUINCAMPOIX", "Aldebert de Quincampoix")[:1] == [
        (Manner.FULL_NAME, "aldebert quincampoix")
    ]
    assert len(words("Aldebert Quincampoix", "ALDEBERT QUINCAMPOIX")) == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Société Kerbrazec et Fils", "kerbrazec fils"),
        ("Port de Lorient S.A.", "port lorient"),
        ("Kerbrazec (Bretagne) SARL", "kerbrazec"),
        ("Groupe SA", "groupe sa"),
    ],
)
def test_an_organisation_is_the_words_that_say_something(name: str, kept: str) -> None:
    assert words(name, kind=Kind.ORGANISATION) == [(Manner.ORGANISATION, kept)]


def test_a_phrase_keeps_every_word() -> None:
    assert words("marée noire de Kerguen", kind=Kind.PHRASE) == [(Manner.PHRASE, "maree noire de kerguen")]


def test_a_name_without_a_word_is_looked_for_nowhere() -> None:
    assert words(" — ") == []


def test_a_hyphen_binds_what_it_joins() -> None:
    [apart, joined] = aliases_of(Entity("Maylis Karadec-Lannion"))
    assert apart.bound == ((1, 2),)
    assert joined.bound == ()


def test_where_somebody_rules_is_no_surname() -> None:
    [alias] = aliases_of(Entity("Ysolde of Kerbrazec"))
    assert alias.titled
    assert not look("À Kerbrazec, il neige.", watched("Ysolde of Kerbrazec"))


def test_only_an_alias_of_its_own_is_listed() -> None:
    name, alias = aliases_of(Entity("Aldebert Quincampoix", aliases=("Quincampoix",)))
    assert (name.listed, alias.listed) == (False, True)


@pytest.mark.parametrize(
    ("written", "acronym"),
    [("QJX", True), ("Q.J.X.", True), ("Qjx", False), ("Q", False), ("QJXQJXQ", False), ("QJX 4", False)],
)
def test_two_to_six_capitals_are_an_acronym(written: str, acronym: bool) -> None:
    assert is_acronym(written) is acronym


@pytest.mark.parametrize("title", ["Mme", "Dr.", "Maître", "M."])
def test_a_title_is_no_given_name(title: str) -> None:
    assert words(f"{title} Aurélie Durand") == [(Manner.FULL_NAME, "aurelie durand")]
    assert tier(f"{title} Sofia Durand parle.", watched(f"{title} Aurélie Durand")) is None
