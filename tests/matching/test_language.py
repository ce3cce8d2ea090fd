"""Which language a text seems to be written in."""

from __future__ import annotations

import pytest

from bot.matching.language import languages_of
from bot.text import words_and_gaps


def guessed(text: str, said: str = "") -> set[str]:
    return set(languages_of(frozenset(words_and_gaps(text)[1::2]), said))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le maire a été élu dans la nuit avec une voix de plus que les autres.", "fr"),
        ("The mayor was elected in the night with one vote more than his rival.", "en"),
        ("Policja zatrzymała go w nocy, jak podano, że się ukrywał.", "pl"),
        ("Rektor města řekl, že se vrátí už dnes.", "cs"),
        ("A polgármester azt mondta, hogy nem megy és még vár.", "hu"),
        ("Pormestari sanoi, että hän ei ole kunnossa.", "fi"),
        ("Der Bürgermeister der Stadt sagte, das ist nicht von ihm.", "de"),
        ("Belediye başkanı bugün için bir karar olarak bunu verdi.", "tr"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert guessed(text) == {language}


def test_danish_and_norwegian_are_not_told_apart() -> None:
    assert guessed("Ordføreren sier at han er syk og det er alvorlig for de andre.") >= {"da", "no"}


def test_letters_tell_where_words_do_not() -> None:
    assert guessed("Wałęsa") == {"pl"}
    assert guessed("Quincampoix") == set()
    assert guessed("") == set()


def test_the_feed_is_believed_unless_the_words_firmly_say_otherwise() -> None:
    assert guessed("", "hu") == guessed("Quincampoix, Wałęsa", "hu") == {"hu"}
    assert guessed("Le maire a été élu dans la nuit avec une voix de plus.", "hu") == {"fr", "hu"}
