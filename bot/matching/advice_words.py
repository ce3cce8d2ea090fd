"""The words of `advice.py`: what sets a spelling apart, and what to know about a name and do about it in a file."""

from __future__ import annotations

from collections.abc import Mapping

from bot.matching.advice import Caution, Example
from bot.matching.reasons import explain
from bot.matching.variants import Way
from bot.model import Tier
from bot.texts import words

MENDS: Mapping[str, str] = {
    "lone-given-name": "add the surname",
    "surname-first": "write the given name first",
    "common-surname": "add context: words that confirm it, or leave it so",
    "common-surnames": "add context: words to those that must ring without it, or leave them so",
    "common-alone": "write the whole name, or add context:",
    "common-word": "write the whole name",
    "short": "write the whole name, or add context:",
    "short-acronym": "write the full form, or make it a phrase",
    "never-found": "look at its threshold and at not:, or write it in full",
    "low-threshold": "write wide, normal or strict, or at least 78",
    "ambiguous": "add context: to tell them apart",
    "too-ambiguous": "add context: to tell them apart",
    "shared-alias": "remove it from one of them, or add context: to both",
    "listed-twice": "make one entry with aliases:, unless these are two people",
}
"""What to do about it in a file."""

_DOUBTFUL = {Way.ITSELF, Way.ALIAS, Way.SURNAME}
"""What is kept to check for a reason of its own, and not for its spelling."""


def apart(example: Example, language: str) -> str:
    """What sets the example apart from the name, in a few words; English where the language has none."""
    if example.match is not None and example.tier is Tier.POSSIBLE and example.way in _DOUBTFUL:
        return explain(example.match.reasons[-1], language)
    return words(language, f"way.{example.way.value}")


def caution_words(caution: Caution, language: str) -> str:
    """The caution in words, its values as they are; English where the language has none."""
    return words(language, f"caution.{caution.code}").format_map(caution.values)
