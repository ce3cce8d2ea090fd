"""The tables of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.stories.cost import Cost
from benchmarks.stories.quality import Score
from benchmarks.tables import Goal, Table, figure, least, most

REQUIRED: Mapping[str, tuple[float, str, float, int | None]] = {
    "ecb": (0.95, "f1", 0.84, 2),
    "one language": (0.88, "f1", 0.80, None),
    "copy": (0.98, "recall", 0.97, 3),
    "followup": (0.98, "f1", 0.94, 1),
    "xlang": (0.95, "f1", 0.50, None),
    "xlang-mt": (0.0, "f1", 0.0, None),
}
"""Set → precision; F1 or recall; alerts hidden. Of the last set nothing is required."""
MOST_MS = 10.0


def quality_table(by_method: Mapping[str, Mapping[str, Score]]) -> Table:
    rows = [
        [f"{name}: {method}", *_cells(scored[name], name)] for name in REQUIRED for method, scored in by_method.items()
    ]
    note = "One setting a method. “Unseen”: every family of events judged by weights learnt without it."
    header = ["set", "precision", "recall", "F1", "alerts hidden", "repeated", "joined wrongly"]
    return Table("Quality", header, rows, note)


def _cells(score: Score, name: str) -> list[str]:
    precision, kind, value, hidden = REQUIRED[name]
    return [
        least(precision).shown(score.precision, ".3f"),
        (least(value) if kind == "recall" else least(0)).shown(score.recall, ".3f"),
        (least(value) if kind == "f1" else least(0)).shown(score.f1, ".3f"),
        (most(hidden) if hidden is not None else least(0)).shown(score.hidden, "d"),
        figure(score.repeated, "d"),
        figure(score.wrong, "d"),
    ]


def cost_table(ours: Mapping[int, Cost], theirs: Mapping[int, float | None]) -> Table:
    goal: Goal = most(MOST_MS)
    rows = [
        [f"{size:,}", goal.shown(each.median_ms, ".1f"), figure(each.slowest_ms, ".1f"), figure(theirs[size], ".1f")]
        for size, each in ours.items()
    ]
    header = ["articles in the window", "ours, ms", "ours, slowest of 50, ms", "TF-IDF, ms"]
    return Table("Cost of an article", header, rows, "TF-IDF without the time to learn its words anew.")
