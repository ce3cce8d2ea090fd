"""How well: what rings and should, what rings and should not, by kind of text.

Only *certain* rings; a bare surname may also be *possible*, since a reader who knows no more would say the same.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.matching.corpus import DISTRACTOR, LabelledText
from benchmarks.matching.methods import Find, Found

SEED = 20_250


@dataclass(slots=True)
class Share:
    """`part` of `whole`."""

    part: int = 0
    whole: int = 0

    def count(self, *, hit: bool) -> None:
        self.part += hit
        self.whole += 1

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(slots=True)
class Quality:
    """What was found in `texts` labelled texts."""

    texts: int = 0
    recall: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    """By kind: the names that should ring and do."""
    alarms: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    """By kind: the names that should not ring and do."""
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, text: LabelledText, found: Found) -> None:
        certain, possible = found
        if text.kind == "surname" and text.target in possible:
            certain, possible = certain | {text.target}, possible - {text.target}
        self.texts += 1
        self._count_target(text, certain)
        self._count_distractors(certain, possible)
        watched, held = _without_distractors(certain), _without_distractors(possible)
        wrong = watched - text.gold - text.ignored
        self.counts["stray"] += len(wrong - {text.target})
        self.counts["right"] += len(watched & text.gold)
        self.counts["wrong"] += len(wrong)
        self.counts["missed"] += len(text.gold - watched)
        self.counts["possible right"] += len(held & text.gold)
        self.counts["possible wrong"] += len(held - text.gold - text.ignored)

    def _count_target(self, text: LabelledText, certain: frozenset[str]) -> None:
        common_surname = text.kind == "surname" and text.sub == "common"  # a matter of taste: not scored
        if text.positive and not common_surname:
            self.recall[text.kind].count(hit=text.target in certain)
        elif text.target and text.kind.startswith("neg"):
            self.alarms[text.kind].count(hit=text.target in certain)

    def _count_distractors(self, certain: frozenset[str], possible: frozenset[str]) -> None:
        self.counts["distractor"] += len(certain) - len(_without_distractors(certain))
        self.counts["possible distractor"] += len(possible) - len(_without_distractors(possible))

    def targets(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of what the texts were made for; every stray alarm counts against precision."""
        hits = sum(share.part for share in self.recall.values())
        sought = sum(share.whole for share in self.recall.values())
        alarms = sum(share.part for share in self.alarms.values()) + self.counts["stray"]
        return _balance(hits, sought - hits, alarms)

    def every_mention(self) -> tuple[float, float, float]:
        """Precision, recall and F1 over all the names that stand in the texts, bystanders too."""
        return _balance(self.counts["right"], self.counts["missed"], self.counts["wrong"])

    def per_text(self, count: str) -> float:
        return self.counts[count] / self.texts if self.texts else 0.0


def _without_distractors(ids: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in ids if not each.startswith(DISTRACTOR))


def _balance(right: int, missed: int, wrong: int) -> tuple[float, float, float]:
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def quality_of(find: Find, texts: Sequence[LabelledText], budget_s: float) -> Quality:
    """Reads as many of the texts as the budget allows: the same random ones for every method."""
    quality = Quality()
    deadline = perf_counter() + budget_s
    for text in _shuffled(texts):
        quality.add(text, find(text.text, text.language))
        if perf_counter() > deadline:
            break
    return quality


def _shuffled(texts: Iterable[LabelledText]) -> list[LabelledText]:
    order = list(texts)
    random.Random(SEED).shuffle(order)
    return order
