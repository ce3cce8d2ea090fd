"""What "other person" offers to learn: a given name that stands there, words that tell the affairs apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alerts.hit import Hit
from bot.alerts.suggest import given_name_there, words_there
from bot.model import Article, Entity, Match, MatchField, Tier, WatchedName, list_scope

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
QUAIS = list_scope("quais")


def case(text: str, spelling: str = "Vantadour", language: str = "fr") -> tuple[Hit, Article]:
    start = text.index(spelling)
    match = Match(
        QUAIS, "v", "Aurélie Vantadour", spelling, MatchField.TEXT, start, start + len(spelling), 70, Tier.POSSIBLE
    )
    name = WatchedName(QUAIS, "v", Entity("Aurélie Vantadour"))
    return Hit(name, match), Article("a", None, None, None, "Titre", text, language, NOW, True, NOW)


@pytest.mark.parametrize(
    ("text", "spelling", "given"),
    [
        ("Selon Sophie Vantadour, rien.", "Vantadour", "Sophie"),
        ("Selon Sophie Vantadour, rien.", "Sophie Vantadour", "Sophie"),
        ("Selon Aurélie Vantadour, rien.", "Vantadour", None),
        ("selon Vantadour, rien.", "Vantadour", None),
        ("À Paris. Vantadour se tait.", "Vantadour", None),
        ("Vantadour se tait.", "Vantadour", None),
    ],
)
def test_the_given_name_that_stands_there(text: str, spelling: str, given: str | None) -> None:
    assert given_name_there(*case(text, spelling)) == given


def test_words_that_tell_the_affairs_apart() -> None:
    hit, article = case("Rien hier. L’attaquante Vantadour marque un penalty en finale du championnat 2026. Ensuite.")
    words = words_there(hit, article)
    assert len(words) == 3
    assert set(words) <= {"attaquante", "marque", "penalty", "finale", "championnat"}
    assert "penalty" in words


def test_a_sentence_of_names_and_small_words_offers_nothing() -> None:
    assert words_there(*case("Vantadour et Paris, le 3 mai.")) == ()
