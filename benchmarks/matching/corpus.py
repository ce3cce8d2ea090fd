"""The labelled texts, the articles and the names of GUETTEUR_CORPUS; its `names/README.md` explains them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from click import ClickException

from bot.model import Entity, Kind, WatchedName, list_scope

NAMES = Path(os.environ.get("GUETTEUR_CORPUS") or Path(__file__).parents[2] / ".." / "shared" / "corpus") / "names"
LABELLED = list_scope("labelled")
DISTRACTOR = "x"
"""Ids that begin so belong to names that only fill the watchlist."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something to read, and the language a feed would have told."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class LabelledText(Text):
    """A text with the ids that stand in it, as a careful reader sees it."""

    kind: str
    """What is tried: `typo`, `script` …; `neg_…` where `target` must not ring."""
    sub: str
    target: str | None
    positive: bool
    gold: frozenset[str]
    ignored: frozenset[str]
    """Ids about which one may think either way."""


def labelled_texts() -> list[LabelledText]:
    return [
        LabelledText(
            text=row["text"],
            language=row["lang"],
            kind=row["kind"],
            sub=row["sub"] or "",
            target=row["target"],
            positive=row["positive"],
            gold=frozenset(gold["id"] for gold in row["gold"]),
            ignored=frozenset(row["ignore"]),
        )
        for row in _rows("public.docs.jsonl")
    ]


def articles() -> list[Text]:
    return [Text(row["text"], row["language"]) for row in _rows("articles.jsonl")]


@cache
def labelled_names() -> tuple[WatchedName, ...]:
    return tuple(_watched(row) for row in _rows("public.watch.jsonl"))


@cache
def watched_names(number: int) -> tuple[WatchedName, ...]:
    """The labelled names, then distractors: the first so many of the two.

    Raises:
        click.ClickException: there are not as many.
    """
    names = (*labelled_names()[:number], *islice(_distractors(), max(0, number - len(labelled_names()))))
    if len(names) < number:
        raise ClickException(f"{NAMES} holds {len(names):,} names, not {number:,}; ask for fewer with --sizes")
    return names


def _distractors() -> Iterator[WatchedName]:
    seen = {name.entity.name.casefold() for name in labelled_names()}
    lines = (NAMES / "names100k.txt").read_text(encoding="utf-8").splitlines()
    fresh = (line.strip() for line in lines if line.strip() and line.strip().casefold() not in seen)
    for number, name in enumerate(fresh):
        yield WatchedName(LABELLED, f"{DISTRACTOR}{number}", Entity(name), explicit_id=True)


def _watched(row: dict[str, Any]) -> WatchedName:
    entity = Entity(
        name=row["name"],
        kind=Kind.PERSON if row["type"] == "person" else Kind.ORGANISATION,
        aliases=tuple(row["aliases"]),
        context=tuple(row.get("context", ())),
        excluded=tuple(row.get("not", ())),
    )
    return WatchedName(LABELLED, row["id"], entity, explicit_id=True)


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (NAMES / name).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
