"""A field as the matcher reads it: words, what stands between them, and which words are looked up at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.document import Document
from bot.matching.vocabulary import Vocabulary
from bot.model import Kind, MatchField
from bot.text import STRETCH, words_and_gaps
from tests.matching.names import look, watched


def read(text: str, *watched_words: str) -> Document:
    vocabulary = Vocabulary()
    for folded in watched_words:
        vocabulary.word(folded)
    return Document(MatchField.TEXT, text, vocabulary)


@given(st.text(st.sampled_from("aÉ_ -.\n\u00ad\u0301\u200bצ'ק9渡"), max_size=30), st.sampled_from([0, STRETCH]))
def test_words_and_gaps_are_the_text_cut_in_pieces(text: str, before: int) -> None:
    long = "a _ " * (before // 4) + text
    parts = words_and_gaps(long)
    assert "".join(parts) == long
    assert len(parts) % 2 == 1
    assert all(parts[1::2])
    assert not any(sign.isalnum() for gap in parts[::2] for sign in gap)


def test_each_word_stands_where_it_was_written() -> None:
    document = read("Le juge (Aldebert) lit 渡辺さん。", "aldebert")
    assert [document.text[document.start(at) : document.end(at)] for at in range(len(document.words))] == document.words
    assert document.words[-4:] == ["渡", "辺", "さ", "ん"]
    assert document.between(0, 3) == " juge (Aldebert) "


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Aldebert Hugo Quincampoix", [0]),
        ("Aldebert, Quincampoix", []),
        ("Quincampoix, Aldebert", [1]),
        ("Quincampoix. Aldebert", []),
        ("Quincampoix Hugo, Aldebert", []),
    ],
)
def test_beside_a_surname_stand_words_of_one_name(text: str, places: list[int]) -> None:
    document = read(text, "aldebert", "quincampoix")
    assert document.beside(document.words.index("Quincampoix")) == places


@pytest.mark.parametrize(
    ("written", "found"), [("comptoir des marées", True), ("3e bureau", True), ("quincampoix", False)]
)
def test_words_in_small_letters_are_read_where_a_name_may_stand_so(written: str, found: bool) -> None:
    names = [watched(each, kind=Kind.PHRASE) for each in ("Comptoir des marées", "3e bureau")]
    assert bool(look(f"hier, le {written} a fermé", *names, watched("Quincampoix"))) is found


def test_of_two_readings_that_are_equally_good_the_one_as_listed_is_told() -> None:
    [match] = look("Hier, Kim Hyun-woo a parlé.", watched("Kim Hyun-woo"))
    assert [reason.code for reason in match.reasons] == ["full-name"]
