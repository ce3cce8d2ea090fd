"""Learns bot/stories/common.txt and bot/stories/weights.py from the public set, and how well that carries over.

    python -m benchmarks.stories.learn [--write]

Logistic regression (scikit-learn) over labelled pairs: all pairs of one family (the same kind of event, the same
people), the pairs that the index proposes, and the labelled pairs. What is printed as "unseen" is measured with every
family judged by weights learnt without it.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from benchmarks.stories import corpus, quality
from bot.stories import likeness, weights, words
from bot.stories.facts import Facts, words_shared
from bot.stories.group import Judge
from bot.stories.likeness import Weights

FOLDS = 10
SHARES = {"across stories": 0.3}
"""How much the pairs of a set count; one where nothing is said."""
STRICTNESS = {"within": 0.5, "across": 0.5}
"""Of the regression: scikit-learn's C."""
WEIGHTS = Path(weights.__file__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, earlier one first."""

    one: int
    other: int
    same: bool
    kind: str
    across: bool


def common_words() -> str:
    """The lines of common.txt: stems that three articles in a language hold at least, by how much they tell."""
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    number: Counter[str] = Counter()
    for document in corpus.documents():
        number[document.language] += 1
        held[document.language].update(quality.stems(document))
    lines = ["# Stems and how much each tells; written by benchmarks/stories/learn.py from the public set."]
    for language in sorted(held):
        by_weight: defaultdict[float, list[str]] = defaultdict(list)
        for word, times in held[language].items():
            told = round(2 * math.log((number[language] + 1) / (times + 0.5))) / 2
            if times >= 3 and told < words.RAREST and not any(sign.isdigit() for sign in word):
                by_weight[told].append(word)
        lines += [f"{language} {told} {' '.join(sorted(by_weight[told]))}" for told in sorted(by_weight)]
    return "\n".join(lines) + "\n"


def families() -> Mapping[str, str]:
    """Article → its family: what must not stand on both sides of a fold."""
    stories, pairs = corpus.gold()
    parent: dict[str, str] = {}

    def find(each: str) -> str:
        while parent.setdefault(each, each) != each:
            each = parent[each]
        return each

    for row in stories:
        parent[find(row["id"])] = find(f"{row['story' if row['family'] == 'edit' else 'family']}")
    for row in pairs:
        parent[find(row["a"])] = find(row["b"])
    return {each: find(each) for each in parent}


def labelled_pairs() -> list[Pair]:
    """Every pair whose label is known and that grouping may have to judge."""
    order = {document.id: at for at, document in enumerate(corpus.documents())}
    languages = [document.language for document in corpus.documents()]
    stories, pairs = corpus.gold()
    row_of = {row["id"]: row for row in stories}
    found: dict[tuple[int, int], Pair] = {}

    def keep(a: str, b: str, same: bool, kind: str) -> None:
        one, other = sorted((order[a], order[b]))
        found[one, other] = Pair(one, other, same, kind, languages[one] != languages[other])

    by_family: defaultdict[str, list[str]] = defaultdict(list)
    for row in stories:
        by_family[row["family"]].append(row["id"])
    near = [itertools.combinations(ids, 2) for ids in by_family.values()]
    for a, b in itertools.chain(*near, quality.proposed_pairs()):
        if a in row_of and b in row_of:
            one_set = row_of[a]["set"] == row_of[b]["set"]
            keep(a, b, row_of[a]["story"] == row_of[b]["story"], row_of[a]["set"] if one_set else "across stories")
    for row in pairs:
        keep(row["a"], row["b"], row["same"], "across" if row["set"].startswith("xlang") else "pairs")
    return list(found.values())


def learn(pairs: Sequence[Pair], measured: Mapping[Pair, Sequence[float]], keep: Sequence[bool]) -> Weights:
    """The weights that the pairs to keep teach."""
    chosen = list(itertools.compress(pairs, keep))
    within, bias = _fit([each for each in chosen if not each.across], measured, STRICTNESS["within"])
    across, across_bias = _fit([each for each in chosen if each.across], measured, STRICTNESS["across"])
    return Weights(within, bias, across, across_bias)


def _fit(
    pairs: Sequence[Pair], measured: Mapping[Pair, Sequence[float]], strictness: float
) -> tuple[tuple[float, ...], float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    number = Counter((each.kind, each.same) for each in pairs)
    values = np.array([measured[each] for each in pairs])
    counts = np.array([SHARES.get(each.kind, 1.0) / math.sqrt(number[each.kind, each.same]) for each in pairs])
    mean, spread = values.mean(0), values.std(0) + 1e-6
    model = LogisticRegression(C=strictness, max_iter=3000)
    model.fit((values - mean) / spread, [each.same for each in pairs], sample_weight=counts / counts.mean())
    slopes = model.coef_[0] / spread
    return tuple(map(float, slopes)), float(model.intercept_[0] - (slopes * mean).sum())


def unseen_judge(pairs: Sequence[Pair], measured: Mapping[Pair, Sequence[float]]) -> Judge:
    """Judges every article by weights learnt without its family."""
    documents, family = corpus.documents(), families()
    facts = quality.all_facts()
    fold = {
        id(facts[at]): zlib.crc32(family.get(document.id, document.id).encode()) % FOLDS
        for at, document in enumerate(documents)
    }
    models = []
    for left_out in range(FOLDS):
        keep = [left_out not in {fold[id(facts[each.one])], fold[id(facts[each.other])]} for each in pairs]
        models.append(learn(pairs, measured, keep))

    def judge(one: Facts, other: Facts) -> float:
        return likeness.likeness(one, other, models[fold[id(one)]])

    return judge


def as_module(model: Weights) -> str:
    """The text of weights.py."""
    lines = [
        '"""What each measure of `likeness.py` weighs. Learnt: benchmarks/stories/learn.py writes this file."""',
        "",
        f"BIAS = {model.bias:.3f}",
        "WITHIN = (",
        *_lines(model.within, likeness.MEASURES),
        ")",
        '"""Between two articles of one language."""',
        "",
        f"ACROSS_BIAS = {model.across_bias:.3f}",
        "ACROSS = (",
        *_lines(model.across, likeness.ACROSS),
        ")",
        '"""Between two languages."""',
    ]
    return "\n".join(lines) + "\n"


def _lines(values: Iterable[float], names: Iterable[str]) -> list[str]:
    return [f"    {value:.3f},  # {name}" for value, name in zip(values, names, strict=True)]


def measure_all(pairs: Iterable[Pair]) -> dict[Pair, Sequence[float]]:
    facts = quality.all_facts()
    return {each: _measured(each, facts[each.other], facts[each.one]) for each in pairs}


def _measured(pair: Pair, later: Facts, earlier: Facts) -> Sequence[float]:
    if pair.across:
        return likeness.measure_across(later, earlier)
    return likeness.measure(later, earlier, words_shared(later, earlier))


@click.command()
@click.option("--write", is_flag=True, help="Renew bot/stories/common.txt and weights.py.")
def main(write: bool) -> None:
    """Learn the weights and show what they reach, on what was learnt from and on what was not."""
    if write:
        words.COMMON.write_text(common_words(), "utf-8")
    pairs = labelled_pairs()
    measured = measure_all(pairs)
    model = learn(pairs, measured, [True] * len(pairs))
    click.echo(f"learnt from {len(pairs)} pairs")
    click.echo(quality.shown("learnt from", quality.group(partial(likeness.likeness, by=model))))
    click.echo(quality.shown("unseen", quality.group(unseen_judge(pairs, measured))))
    if write:
        WEIGHTS.write_text(as_module(model), "utf-8")


if __name__ == "__main__":
    main()
