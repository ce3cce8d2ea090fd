"""Every reason has its words."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import bot.matching
from bot.matching.reasons import WORDS, explain
from bot.model import Reason
from tests.matching.names import look, watched

SOURCES = [path.read_text(encoding="utf-8") for path in Path(bot.matching.__file__).parent.glob("*.py")]
USED = {
    code
    for source in SOURCES
    for code in re.findall(r'(?:Reason|Likeness\([^"]*|return )\(?"([a-z]+(?:-[a-z]+)+)"', source)
}


def test_every_code_in_use_has_words() -> None:
    assert len(USED) > 15
    assert set(WORDS) >= USED


@pytest.mark.parametrize("code", WORDS)
def test_both_languages_say_it_with_the_same_values(code: str) -> None:
    fields = [
        {field for _, field, _, _ in string.Formatter().parse(WORDS[code][language]) if field}
        for language in ("fr", "en")
    ]
    assert fields[0] == fields[1]


def test_a_match_says_in_words_why() -> None:
    [match] = look("Muhammad Tazrouti", watched("Mohamed Tazrouti"))
    assert [explain(reason, "fr") for reason in match.reasons] == ["nom complet", "Muhammad = Mohamed : le même nom"]
    assert explain(match.reasons[0], "xx") == explain(Reason("full-name"), "en")
