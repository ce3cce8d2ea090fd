from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bidi import FSI, PDI, RLM, isolated, marked, within, without_marks


@pytest.mark.parametrize(
    ("language", "words", "shown"),
    [
        ("fr", "Jeanne", "Jeanne"),
        ("fr", "جميلة", f"{FSI}جميلة{PDI}"),
        ("fr", "Jeanne dite جميلة", f"{FSI}Jeanne dite جميلة{PDI}"),
        ("fr", f"Jeanne, {FSI}جميلة{PDI}", f"Jeanne, {FSI}جميلة{PDI}"),
        ("ar", "Jeanne", f"{RLM}{FSI}Jeanne{PDI}"),
        ("ar", "<b>جميلة</b> &amp;", "<b>جميلة</b> &amp;"),
        ("ar", "71/100", "71/100"),
        ("ar", f"{FSI}79%{PDI}", f"{RLM}{FSI}79%{PDI}"),
        ("ar", f"{RLM}{FSI}Jeanne{PDI}", f"{RLM}{FSI}Jeanne{PDI}"),
        ("ar", "", ""),
    ],
)
def test_only_what_disturbs_the_line_is_isolated(language: str, words: str, shown: str) -> None:
    assert within(language, words) == shown


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("الأمر /help هنا", f"الأمر {RLM}{FSI}/help{PDI} هنا"),
        ("<b>مرحبا</b> {name}", "<b>مرحبا</b> {name}"),
        ("مثلًا <code>/watch اسم</code>", f"مثلًا {RLM}{FSI}<code>/watch اسم</code>{PDI}"),
        ("اكتبوا guetteur feeds resume {feed}", f"اكتبوا {RLM}{FSI}guetteur feeds resume {{feed}}{PDI}"),
        ("/subscribe LIST، /list", f"{RLM}{FSI}/subscribe LIST{PDI}، {RLM}{FSI}/list{PDI}"),
    ],
)
def test_latin_words_in_an_arabic_text_are_isolated(template: str, shown: str) -> None:
    assert marked("ar", template) == shown
    assert marked("fr", template) == template


@given(st.sampled_from(["fr", "en", "ar"]), st.text(st.sampled_from("a é1ب،/.&;<>"), max_size=15))
def test_within_twice_is_within_once_and_nothing_is_lost(language: str, words: str) -> None:
    once = within(language, words)
    assert within(language, once) == once
    assert without_marks(once) == words
    assert isolated(words) == FSI + words + PDI
