"""Folding and tokens: laws first, then what the press really writes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text import fold, fold_text, sentence_around, tokens

ANY_TEXT = st.text(max_size=200) | st.text(alphabet="&;#ampshyeacute1xÀ é", max_size=60)


@given(ANY_TEXT)
@example("𝕬")  # decomposes into a capital
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_tokens_lie_in_order_in_the_text_and_fold_to_themselves(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert fold(text[token.start : token.end]) == token.folded
        end = token.end


@given(ANY_TEXT)
def test_decomposed_text_has_the_same_words(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert fold_text(unicodedata.normalize("NFD", composed)) == fold_text(composed)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("GÉRALD", "gerald"),
        ("𝕬ldebert", "aldebert"),
        ("Gérald", "gerald"),
        ("Ge\u0301rald", "gerald"),
        ("Gé\u00adrald", "gerald"),
        ("\u200fGérald\u200e", "gerald"),
        ("Strauß", "strauss"),
        ("ﬁlou", "filou"),
        ("𝕬𝖒𝖗𝖆", "amra"),
        ("Ａｍｒａ", "amra"),
        ("Bœuf", "boeuf"),
        ("Łukasz", "lukasz"),
        ("Đorđe", "dorde"),
        ("IŞIK", "isik"),
        ("أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("مـحـمـد", "محمد"),
        ("فاطمة", "فاطمه"),
        ("Алексей", "алексеи"),
    ],
)
def test_what_folding_forgets(written: str, folded: str) -> None:
    assert fold_text(written) == folded


def test_elision_possessive_and_hyphen_stand_between_words() -> None:
    assert fold_text("l’ex-ministre d'Amra, Vantadour's") == "l ex ministre d amra vantadour s"


def test_a_word_begins_and_ends_where_it_is_seen() -> None:
    text = "«\u200fBa\u00adjjou\u200f»"
    [token] = tokens(text)
    assert text[token.start : token.end] == "Ba\u00adjjou"


def test_capitals_are_seen_and_scripts_without_them_pass() -> None:
    assert [token.capital for token in tokens("La mouche عمرة")] == [True, False, True]


def sentence(text: str, mention: str) -> str:
    start = text.index(mention)
    first, last = sentence_around(text, start, start + len(mention))
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("Il pleut. Aurélie Vantadour est là. Rien.", "Vantadour", "Aurélie Vantadour est là."),
        ("Selon M. Vantadour, rien. Fin.", "Vantadour", "Selon M. Vantadour, rien."),
        ("A. Vantadour parle. B. Halcyon non.", "Vantadour", "A. Vantadour parle."),
        ("Titre\nVantadour parle\nSuite", "Vantadour", "Vantadour parle"),
        ("هل جاء بجو؟ لا أحد يعلم.", "بجو", "هل جاء بجو؟"),
        ("« Non ! » dit-elle. Vantadour se tait.", "Vantadour", "Vantadour se tait."),
        ("Le taux passe à 3.5 selon Vantadour", "Vantadour", "Le taux passe à 3.5 selon Vantadour"),
    ],
)
def test_the_sentence_of_a_mention(text: str, mention: str, expected: str) -> None:
    assert sentence(text, mention) == expected


@given(st.text(max_size=300), st.data())
def test_a_sentence_always_holds_its_mention(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = sentence_around(text, start, end)
    assert 0 <= first <= start <= end <= last <= len(text)


def test_a_page_without_full_stops_is_cut() -> None:
    text = "mot " * 10_000
    first, last = sentence_around(text, 20_000, 20_003)
    assert last - first < 1_000


@pytest.mark.parametrize(
    ("text", "surface", "folded"),
    [
        ("selon Roc&amp;iacute;o Vantadour", "Roc&amp;iacute;o", "rocio"),
        ("selon Roc&iacute;o Vantadour", "Roc&iacute;o", "rocio"),
        ("Van&shy;tadour parle", "Van&shy;tadour", "vantadour"),
        ("Aur&#233;lie parle", "Aur&#233;lie", "aurelie"),
    ],
)
def test_entities_left_over_are_letters_of_their_word(text: str, surface: str, folded: str) -> None:
    assert (surface, folded) in [(text[token.start : token.end], token.folded) for token in tokens(text)]


def test_a_space_left_over_as_an_entity_parts_words() -> None:
    assert (
        fold_text("Aurélie&nbsp;Vantadour&amp;nbsp;parle AT&amp;T R&D; &unknown;")
        == "aurelie vantadour parle at t r d unknown"
    )
