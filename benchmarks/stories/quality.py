"""How well articles are grouped: B-cubed and pairs, by the measures of the scorer that the corpus comes with."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from benchmarks.stories import corpus
from bot.stories.facts import Facts
from bot.stories.features import READ_CHARACTERS, facts_of
from bot.stories.group import Grouping, Judge
from bot.stories.index import Member, Window
from bot.stories.likeness import likeness
from bot.stories.words import stem
from bot.text import tokens

WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Score:
    """Of a set of stories, or of pairs; `hidden` counts the alerts that would not go out."""

    precision: float
    recall: float
    f1: float
    hidden: int | None = None
    repeated: int | None = None
    wrong: int | None = None


def stems(document: corpus.Document) -> set[str]:
    """The stems that grouping reads of an article."""
    read = tokens(document.title) + tokens(document.text[:READ_CHARACTERS])
    return {word for word in (stem(token.folded) for token in read) if len(word) > 1}


@cache
def all_facts() -> list[Facts]:
    return [facts_of(each.title, each.text, each.language, each.published) for each in corpus.documents()]


def proposed_pairs() -> Iterator[tuple[str, str]]:
    """The pairs that the index proposes when every article is a story of its own."""
    window, documents = Window(), corpus.documents()
    for at, facts in enumerate(all_facts()):
        since = facts.at_h - WINDOW / timedelta(hours=1)
        for other in window.near(facts, since):
            yield documents[other].id, documents[at].id
        window.add(Member(at, at, "", facts))


def group(judge: Judge = likeness) -> dict[str, int]:
    """Article → story, as the running bot groups."""
    grouping, found = Grouping(WINDOW, judge), {}
    for at, (document, facts) in enumerate(zip(corpus.documents(), all_facts(), strict=True)):
        grouping.slide(document.published)
        story = grouping.assign(facts).story_id
        found[document.id] = at if story is None else story
        grouping.keep(at, found[document.id], document.title, facts)
    return found


def scores(predicted: Mapping[str, int]) -> dict[str, Score]:
    """By set, and of all pairs within a language; read from what the scorer prints."""
    stories, pairs = corpus.gold()
    out = io.StringIO()
    functions = corpus.scorer()
    with contextlib.redirect_stdout(out):
        for name in sorted({row["set"] for row in stories}):
            functions["clusters"](name, [row for row in stories if row["set"] == name], predicted)
    found = {line.split()[0]: _read(line) for line in out.getvalue().splitlines()}
    for name in ("xlang", "xlang-mt"):
        found[name] = _pairs([row for row in pairs if row["set"] == name], predicted)
    found["one language"] = _pairs([row for row in pairs if not row["set"].startswith("xlang")], predicted)
    return found


_LINE = re.compile(r"P=([\d.]+) R=([\d.]+) F1=([\d.]+).*hidden (\d+)/\d+  repeated (\d+)")


def _read(line: str) -> Score:
    found = _LINE.search(line)
    if found is None:
        raise ValueError(f"the scorer prints another line than this benchmark reads: {line!r}")
    return Score(float(found[1]), float(found[2]), float(found[3]), int(found[4]), int(found[5]))


def _pairs(rows: list[dict[str, str]], predicted: Mapping[str, int]) -> Score:
    said = [(predicted[row["a"]] == predicted[row["b"]], bool(row["same"])) for row in rows]
    right, wrong = said.count((True, True)), said.count((True, False))
    missed = said.count((False, True))
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return Score(precision, recall, corpus.f1(precision, recall), wrong=wrong)


def shown(label: str, predicted: Mapping[str, int]) -> str:
    """One line, for whoever learns."""
    parts = [
        f"{name} {each.precision:.3f}/{each.recall:.3f}/{each.f1:.3f}"
        + (f" hidden {each.hidden}" if each.hidden is not None else f" wrong {each.wrong}")
        for name, each in scores(predicted).items()
    ]
    return f"{label}: " + " · ".join(parts)
