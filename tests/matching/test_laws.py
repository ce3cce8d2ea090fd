"""The laws of matching: what holds for every text and every list of names."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.index import matcher_of
from bot.matching.romanise import is_ideographic
from bot.matching.spelling import Spelling
from bot.matching.vocabulary import Vocabulary, compare
from bot.model import Kind, Match, Scope, Tier, WatchedName
from bot.text import fold, tokens
from tests.matching.names import NEWSROOM, look, watched

GIVEN = ["Aldebert", "Aurélie", "Mohamed", "Igor", "Anne-Lise", "محمد"]
SURNAMES = ["Quincampoix", "Vantadour", "Tazrouti", "Chestalov", "Martin", "تازروتي", "Quincampoux"]
GLUE = [" ", " ", " ", ", ", ". ", " et ", "-", " d’", "\u00a0", "\n", " « ", " M. "]
FULL_NAMES = st.tuples(st.sampled_from(GIVEN), st.sampled_from(SURNAMES)).map(" ".join)
WORDS = st.sampled_from([*GIVEN, *SURNAMES, "Sofia", "vantadour", "Quincampiox", "MARTIN", "prison", "A.", "a"])
TEXTS = st.lists(st.tuples(WORDS | FULL_NAMES, st.sampled_from(GLUE)).map("".join), max_size=14).map("".join)
OTHER = Scope("chat:7:0")


def names_in(scope: Scope) -> st.SearchStrategy[list[WatchedName]]:
    return st.lists(FULL_NAMES, unique=True, max_size=5).map(
        lambda found: [watched(name, scope=scope, context=["prison"] if "Martin" in name else []) for name in found]
    )


def told_to(scope: Scope, text: str, names: Sequence[WatchedName]) -> list[Match]:
    return [match for match in look(text, *names) if match.scope == scope]


def told(found: Sequence[Match]) -> list[tuple[str, str, int, list[str]]]:
    """What is said of each name, the offsets and the way it is written apart."""
    return [(match.name_id, match.tier, match.score, [why.code for why in match.reasons]) for match in found]


# --- What else is watched ---------------------------------------------------------------------------------------------


@given(TEXTS, names_in(NEWSROOM), names_in(OTHER))
def test_names_of_another_scope_change_nothing(text: str, names: list[WatchedName], others: list[WatchedName]) -> None:
    assert told_to(NEWSROOM, text, [*others, *names]) == told_to(NEWSROOM, text, names)


UNRELATED = [
    *map(
        watched, ["Ottoline Fjeldgaard", "Bogusława Wrzeszcz", "Юлия Бородушкина", "Zhou Xiulan", "渡辺健二", "한서윤"]
    ),
    watched("Gewerkschaft Holz und Blech", kind=Kind.ORGANISATION),
    watched("ZKW", kind=Kind.ORGANISATION),
    watched("gaz sarin", kind=Kind.PHRASE),
    watched("Hjördis Kupferberg", aliases=["Kupferberg", "la Baleine"], context=["baleine"], threshold=78),
]
"""Nothing of theirs stands in one of the `TEXTS`, nor resembles what does."""


@given(TEXTS, names_in(NEWSROOM), st.lists(st.sampled_from(UNRELATED), unique=True))
def test_names_that_the_text_does_not_mention_change_nothing(
    text: str, names: list[WatchedName], unrelated: list[WatchedName]
) -> None:
    assert look(text, *names, *unrelated) == look(text, *unrelated, *names) == look(text, *names)


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
    assert not any(index.filed() for index in matcher._vocabulary._indexes)


CHANGES = st.lists(st.tuples(st.booleans(), st.one_of(names_in(NEWSROOM), names_in(OTHER)), TEXTS), max_size=8)


@given(CHANGES)
def test_after_any_changes_it_answers_as_a_new_matcher_does(
    changes: list[tuple[bool, list[WatchedName], str]],
) -> None:
    matcher, now = Matcher(), dict[tuple[Scope, str], WatchedName]()
    for comes, names, text in changes:
        for each in names:
            if comes:
                matcher.add(each)
                now[each.scope, each.id] = each
            else:
                matcher.remove(each.scope, each.id)
                now.pop((each.scope, each.id), None)
        assert matcher.find("", text) == look(text, *now.values())


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


# --- Where a mention stands ------------------------------------------------------------------------------------------

ODD = ["\u00ad", "\u200b", "\u200f", "\u2060", "\ufeff", "\u0301", "&shy;", "&amp;shy;", "-\n", "\u00ad\n", "&#8203;"]
"""What may stand inside a word without parting it."""
SIGNS = ["渡辺健二", "渡辺", "健二", "中村遥", "アルデベール", "한서윤", "한", "서윤", "・", "氏は", "씨는"]
BROKEN_WORDS = st.builds(
    lambda word, at, odd: word[:at] + odd + word[at:],
    st.sampled_from([*GIVEN, *SURNAMES, "Aur&eacute;lie", "Aure\u0301lie", "QUINCAMPOIX"]),
    st.integers(0, 8),
    st.sampled_from(["", *ODD]),
)
BROKEN_TEXTS = st.lists(
    st.tuples(
        BROKEN_WORDS | st.sampled_from(SIGNS), st.sampled_from([*GLUE, "", "&nbsp;", "&amp;nbsp;", "\u200f "])
    ).map("".join),
    max_size=12,
).map("".join)
SIGN_NAMES = st.lists(st.sampled_from(["渡辺健二", "한서윤", "中村遥"]).map(watched), unique=True, max_size=2)


@given(TEXTS | BROKEN_TEXTS, BROKEN_TEXTS, names_in(NEWSROOM), SIGN_NAMES)
def test_a_match_is_whole_words_of_its_field_and_one_a_name(
    title: str, text: str, names: list[WatchedName], in_signs: list[WatchedName]
) -> None:
    found = look(text, *names, *in_signs, title=title)
    assert len({(match.scope, match.name_id) for match in found}) == len(found)
    for match in found:
        written = title if match.field == "title" else text
        assert written[match.start : match.end] == match.text
        words = tokens(written)
        assert match.start in {word.start for word in words} or is_ideographic(match.text[0])
        assert match.end in {word.end for word in words} or is_ideographic(match.text[-1])
        assert 0 <= match.score <= 100
        assert match.reasons


@given(st.sampled_from(ODD), st.integers(1, 7), st.sampled_from(ODD), st.integers(1, 10))
def test_what_is_not_seen_in_a_word_hides_it_from_nobody(one: str, at: int, two: str, then: int) -> None:
    mention = f"{'Aldebert'[:at]}{one}{'Aldebert'[at:]} {'Quincampoix'[:then]}{two}{'Quincampoix'[then:]}"
    [match] = look(f"Hier, {mention}, parle.", watched("Aldebert Quincampoix"))
    assert (match.text, match.tier, match.score) == (mention, Tier.CERTAIN, 100)


# --- Case, accents, forms of Unicode ------------------------------------------------------------------------------------


@given(TEXTS, names_in(NEWSROOM))
def test_accents_in_the_list_change_nothing(text: str, names: list[WatchedName]) -> None:
    plain = [watched(fold(each.entity.name).title(), name_id=each.id, context=each.entity.context) for each in names]
    assert [(m.name_id, m.text, m.tier) for m in look(text, *names)] == [
        (m.name_id, m.text, m.tier) for m in look(text, *plain)
    ]


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


@given(TEXTS, names_in(NEWSROOM))
def test_accents_in_the_text_change_nothing(text: str, names: list[WatchedName]) -> None:
    assert told(look(without_accents(text), *names)) == told(look(text, *names))


@given(TEXTS | BROKEN_TEXTS, names_in(NEWSROOM))
def test_composed_and_decomposed_are_one(text: str, names: list[WatchedName]) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = [
        watched(unicodedata.normalize("NFD", each.entity.name), name_id=each.id, context=each.entity.context)
        for each in names
    ]
    assert told(look(unicodedata.normalize("NFD", text), *names)) == told(look(composed, *names))
    assert told(look(text, *decomposed)) == told(look(text, *names))


@given(FULL_NAMES, st.sampled_from([str.upper, str.title]), st.booleans())
def test_a_full_name_is_the_full_name_in_any_capitals(name: str, case: Callable[[str], str], accents: bool) -> None:
    written = case(name if accents else without_accents(name))
    [match] = look(f"Hier, {written} a parlé.", watched(name))
    assert (match.text, match.tier, match.score) == (written, Tier.CERTAIN, 100)
    assert told(look(f"Hier, {written} a parlé.", watched(name.upper(), name_id=name))) == told([match])


# --- Time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    ["Quincampoix, ", "Aldebert Quincampoix ", "QUINCAMPOIX ALDEBERT ", "A. Quincampoix ", "J. J. J. ", "J.-J. Vantadour ",
     "Aldebert X et Quincampoix ", "Aldebert de la ", "Quincampoix-", "Jean-Jacques-", "Quin-\ncampoix ", "a\u200b",
     "e\u0301", "Q.J.X.", "&amp;", "&amp;amp;amp;", "Société de la ", "و", "والتازروتي ", "بال تازروتي ", "渡辺健二", "健渡",
     "한서윤", "한서 윤", "ヘンダーソン・", "Aldebert 渡辺 A. وتازروتي QUINCAMPOIX-한서윤 &amp; "],
)  # fmt: skip
@pytest.mark.timeout(10)  # ten times what it takes; a square of the length would take minutes
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    people = (
        "Aldebert Quincampoix",
        "Jean-Jacques Vantadour",
        "محمد تازروتي",
        "渡辺健二",
        "한서윤",
        "Robert Henderson",
    )
    bodies = ("QJX", "Société Kerbrazec et Fils")
    names = [*map(watched, people), *(watched(body, kind=Kind.ORGANISATION) for body in bodies)]
    look(unit * (1_000_000 // len(unit)), *names)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "letters", ["abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшыэюя", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"]
)
def test_nor_does_a_text_of_words_never_read_before(letters: str) -> None:
    chance = random.Random(1)
    rubbish = " ".join("".join(chance.choices(letters, k=7)).title() for _ in range(125_000))
    look(rubbish, watched("Aldebert Quincampoix"), watched("Тимур Залесский"), watched("محمد تازروتي"))
