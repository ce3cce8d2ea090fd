"""The spellings that a name accepts and refuses, and what to know about it, as lines for a terminal or as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from bot.matching.advice import Advice, Example
from bot.matching.advice_words import apart, caution_words
from bot.matching.reasons import explain
from bot.model import Scope, WatchedName

NEW = Scope("new")
"""The scope of a name that is on no watchlist."""
LANGUAGE = "en"


def lines(name: WatchedName, advice: Advice) -> Iterator[str]:
    """A block of lines for one name."""
    origin = "on no watchlist" if name.scope == NEW else name.scope.removeprefix("list:")
    yield f"{click.style(name.shown, bold=True)}  ({name.entity.kind}, {origin})"
    outcomes = (
        ("rings", "green", advice.accepts),
        ("to check", "yellow", advice.checks),
        ("no", "red", advice.refuses),
    )
    width = max((len(each.written) for _, _, examples in outcomes for each in examples), default=0)
    for title, colour, examples in outcomes:
        for number, each in enumerate(examples):
            head = click.style(f"{'' if number else title:<10}", fg=colour)
            yield f"  {head}{each.written:<{width}}  {click.style(apart(each, LANGUAGE), dim=True)}"
    for caution in advice.cautions:
        yield f"  {click.style('! ' + caution_words(caution, LANGUAGE), fg='yellow')}"


def data(name: WatchedName, advice: Advice) -> dict[str, Any]:
    """The same for `--json`."""
    return {
        "watchlist": None if name.scope == NEW else name.scope.removeprefix("list:"),
        "entity": name.id,
        "name": name.entity.name,
        "kind": name.entity.kind.value,
        "accepts": [_example(each) for each in advice.accepts],
        "checks": [_example(each) for each in advice.checks],
        "refuses": [_example(each) for each in advice.refuses],
        "cautions": [{"code": each.code, "text": caution_words(each, LANGUAGE)} for each in advice.cautions],
    }


def _example(example: Example) -> dict[str, Any]:
    match = example.match
    return {
        "written": example.written,
        "way": example.way.value,
        "text": apart(example, LANGUAGE),
        "score": match.score if match else None,
        "reasons": [{"code": each.code, "text": explain(each, LANGUAGE)} for each in match.reasons] if match else [],
    }
