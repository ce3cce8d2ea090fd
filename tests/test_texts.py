from __future__ import annotations

import string

import pytest

from bot.telegram.markup import plain
from bot.texts import CATALOGUE, LANGUAGES, language_of, plural, story_reason, text
from tests import telegram_html


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_text_stands_in_every_language_with_the_same_values(key: str) -> None:
    texts = CATALOGUE[key]
    assert set(texts) == set(LANGUAGES)
    if key != "time.clock":
        assert len({frozenset(placeholders(words)) for words in texts.values()}) == 1


@pytest.mark.parametrize("key", CATALOGUE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_valid_in_telegram(key: str, language: str) -> None:
    values = {name: plain("<&>").markup for name in placeholders(CATALOGUE[key][language])}
    assert telegram_html.parse(text(language, key, **values)).text


def test_plurals() -> None:
    assert [plural("fr", "lists.names", n) for n in (0, 1, 2)] == ["0 nom", "1 nom", "2 noms"]
    assert [plural("en", "lists.names", n) for n in (0, 1, 2)] == ["0 names", "1 name", "2 names"]


def test_why_an_article_is_in_its_story() -> None:
    assert story_reason("new-story", {}, "en") == "the first of its story"
    assert story_reason("unheard-of", {"title": "X"}, "fr") == "unheard-of title=X"


def test_the_language_is_guessed_from_telegrams_code() -> None:
    assert [language_of(code, "en") for code in ("fr", "fr-CA", "de", None)] == ["fr", "fr", "en", "en"]
