"""A text index finds, by keys and words alone, every article in which the matcher finds a name."""

from __future__ import annotations

import hashlib

import pytest

from bot.matching.candidates import Candidates, Plan, Wanted
from bot.matching.keys import written_keys
from bot.model import Entity, Kind
from bot.search.query import part_of
from bot.search.terms import SIGNS, Indexed, indexed
from tests.matching.labelled import Outcome, outcomes, sentences

STORED = "vantadour karima garsia فانتادور вантадура bajjou باجو ვანტადური nováková macgrath o'brien szabónak"


def test_the_keys_are_those_that_databases_hold() -> None:
    """When this fails, stored words are filed otherwise than they are looked for.

    Then put the new digest here, and add a migration that empties `words` and calls `text_index.fill`.
    """
    keys = [sorted(written_keys(word)) for word in STORED.split()]
    assert hashlib.blake2b(repr(keys).encode(), digest_size=8).hexdigest() == "6afe310309010ebb"


def stands(term: str, found: Indexed) -> bool:
    """Whether the text has it, as a phrase where it is one."""
    part = part_of(term)
    assert part is not None
    size = len(part.terms)
    every = [*found.title, "|", *found.text]
    return any(tuple(every[at : at + size]) == part.terms for at in range(len(every)))


def satisfied(wanted: Wanted, found: Indexed) -> bool:
    return all(any(stands(word, found) for word in words) for words in wanted.every)


def plan_for(entity: Entity, found: Indexed) -> Plan:
    candidates = Candidates([entity])
    keys = candidates.keys()
    return candidates.plan(word for word in found.names if keys & written_keys(word))


@pytest.mark.parametrize(
    "outcome", [each for each in outcomes(sentences()) if each.found], ids=lambda each: each.sentence.line
)
def test_whatever_the_matcher_finds_is_a_candidate(outcome: Outcome) -> None:
    found = indexed("", outcome.sentence.text)
    plan = plan_for(outcome.sentence.name.entity, found)
    by_words = any(satisfied(wanted, found) for wanted in (*plan.likely, *plan.perhaps))
    assert by_words or (plan.signs and SIGNS in found.text), outcome


def test_a_full_name_is_likelier_than_its_surname_alone() -> None:
    found = indexed("", "Aurélie Vantadour et Paul Vantadour.")
    plan = plan_for(Entity("Aurélie Vantadour"), found)
    assert plan.likely == (Wanted((frozenset({"vantadour"}), frozenset({"aurelie"}))),)
    alone, with_initial = plan.perhaps
    assert alone == Wanted((frozenset({"vantadour"}),))
    assert {"a", "а", "α"} <= with_initial.every[1]


def test_an_acronym_may_have_dots() -> None:
    [wanted] = plan_for(Entity("PSJ", kind=Kind.ORGANISATION), indexed("", "le P.S.J.")).likely
    assert wanted == Wanted((frozenset({"psj", "p s j"}),))
