"""Every reason has its words."""

from __future__ import annotations

import re
from pathlib import Path

import bot.matching
from bot.matching.reasons import explain
from bot.model import Reason
from bot.texts import has_text
from tests.matching.names import look, watched

SOURCES = [path.read_text(encoding="utf-8") for path in Path(bot.matching.__file__).parent.glob("*.py")]
USED = {
    code
    for source in SOURCES
    for code in re.findall(r'(?:Reason|Likeness\([^"]*|return )\(?"([a-z]+(?:-[a-z]+)+)"', source)
}


def test_every_code_in_use_has_words() -> None:
    assert len(USED) > 15
    assert [code for code in USED if not has_text(f"reason.{code}")] == []


def test_a_match_says_in_words_why() -> None:
    [match] = look("Muhammad Tazrouti", watched("Mohamed Tazrouti"))
    assert [explain(reason, "fr") for reason in match.reasons] == ["nom complet", "Muhammad = Mohamed : le même nom"]
    assert explain(match.reasons[1], "ar") == "Muhammad = Mohamed: الاسم نفسه"
    assert explain(match.reasons[0], "xx") == explain(Reason("full-name"), "en")
