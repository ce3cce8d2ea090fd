"""The laws of matching: what holds for every text and every list of names."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.index import matcher_of
from bot.matching.spelling import Spelling
from bot.matching.vocabulary import Vocabulary, compare
from bot.model import Match, Scope, WatchedName
from bot.text import fold, tokens
from tests.matching.names import NEWSROOM, look, watched

GIVEN = ["Aldebert", "Aurélie", "Mohamed", "Igor", "Anne-Lise", "محمد"]
SURNAMES = ["Quincampoix", "Vantadour", "Tazrouti", "Chestalov", "Martin", "تازروتي", "Quincampoux"]
GLUE = [" ", " ", " ", ", ", ". ", " et ", "-", " d’", "\u00a0", "\n", " « ", " M. "]
FULL_NAMES = st.tuples(st.sampled_from(GIVEN), st.sampled_from(SURNAMES)).map(" ".join)
WORDS = st.sampled_from([*GIVEN, *SURNAMES, "Sofia", "vantadour", "Quincampiox", "MARTIN", "prison", "A.", "a"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(GLUE)).map("".join), max_size=14).map("".join)
OTHER = Scope("chat:7:0")


def names_in(scope: Scope) -> st.SearchStrategy[list[WatchedName]]:
    return st.lists(FULL_NAMES, unique=True, max_size=5).map(
        lambda found: [watched(name, scope=scope, context=["prison"] if "Martin" in name else []) for name in found]
    )


def told_to(scope: Scope, text: str, names: Sequence[WatchedName]) -> list[Match]:
    return [match for match in look(text, *names) if match.scope == scope]


@given(TEXTS, names_in(NEWSROOM), names_in(OTHER))
def test_names_of_another_scope_change_nothing(text: str, names: list[WatchedName], others: list[WatchedName]) -> None:
    assert told_to(NEWSROOM, text, [*others, *names]) == told_to(NEWSROOM, text, names)


@given(TEXTS, names_in(NEWSROOM), st.randoms(use_true_random=False))
def test_the_order_of_names_never_matters(text: str, names: list[WatchedName], chance: random.Random) -> None:
    shuffled = names.copy()
    chance.shuffle(shuffled)
    assert look(text, *shuffled) == look(text, *names)


@given(TEXTS, names_in(NEWSROOM), names_in(OTHER))
def test_names_added_and_removed_again_leave_no_trace(
    text: str, names: list[WatchedName], others: list[WatchedName]
) -> None:
    matcher = matcher_of([*names, *others])
    matcher.find("", text)
    for each in others:
        matcher.remove(each.scope, each.id)
    assert len(matcher) == len(names)
    assert matcher.find("", text) == look(text, *names)
    for each in names:
        matcher.remove(each.scope, each.id)
    assert len(matcher) == len(matcher._vocabulary) == 0


@given(TEXTS, TEXTS, names_in(NEWSROOM))
def test_a_match_is_whole_words_of_its_field_and_one_a_name(title: str, text: str, names: list[WatchedName]) -> None:
    found = look(text, *names, title=title)
    assert len({(match.scope, match.name_id) for match in found}) == len(found)
    for match in found:
        written = title if match.field == "title" else text
        assert written[match.start : match.end] == match.text
        words = tokens(written)
        assert match.start in {word.start for word in words}
        assert match.end in {word.end for word in words}
        assert 0 <= match.score <= 100
        assert match.reasons


@given(TEXTS, names_in(NEWSROOM))
def test_accents_in_the_list_change_nothing(text: str, names: list[WatchedName]) -> None:
    plain = [watched(fold(each.entity.name).title(), name_id=each.id, context=each.entity.context) for each in names]
    assert [(m.name_id, m.text, m.tier) for m in look(text, *names)] == [
        (m.name_id, m.text, m.tier) for m in look(text, *plain)
    ]


SPELLINGS = st.sampled_from(["quincampoix", "mohamed", "tazrouti", "chestalov", "шесталов", "محمد", "yevgeny", "x"])


@given(SPELLINGS, st.sets(SPELLINGS), st.integers(0, 12), st.sampled_from(["", "h", "i", "e"]))
def test_what_a_word_resembles_does_not_depend_on_other_words(
    base: str, wanted: set[str], at: int, letter: str
) -> None:
    written = Spelling(base[:at] + letter + base[at + 1 :] or base)
    vocabulary = Vocabulary()
    words = {vocabulary.word(each) for each in wanted}
    alone = {word: likeness for word in words if (likeness := compare(written, word.spelling))}
    assert vocabulary.likes(written, declines=True) == alone


@pytest.mark.parametrize(
    "unit",
    ["Quincampoix, ", "Aldebert Quincampoix ", "A. Quincampoix ", "Aldebert X et Quincampoix ", "a\u200b", "e\u0301",
     "&amp;", "Q.J.X.", "Quincampoix-", "Aldebert de la "],
)  # fmt: skip
@pytest.mark.timeout(10)  # ten times what it takes; a square of the length would take minutes
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    look(unit * (500_000 // len(unit)), watched("Aldebert Quincampoix"), watched("QJX"))
