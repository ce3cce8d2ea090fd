"""The figures as tables. Knows what was asked for; measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.polling.parsing import Cost, Costs
from benchmarks.polling.run import OURS, THEIRS, Result
from benchmarks.polling.trial import CHANGED, FIRST, UNCHANGED
from benchmarks.tables import Goal, Table, figure, least, most

CPU_MS = {UNCHANGED: most(1)}
TIMES_LESS = {UNCHANGED: least(3), CHANGED: least(3)}
"""CPU, beside reader's in the same run."""
PEAK_MIB = most(200)
HOLD_MS = most(100)
PARSING_SHARE = {"every poll": most(0.55), "a tenth changed, or less": most(0.2)}
"""Of feedparser's CPU time."""


def polling_table(results: Sequence[Result]) -> Table:
    """One column a side, for one number of feeds."""
    sides = {result.side: result for result in results}
    rows = []
    for cycle in (FIRST, UNCHANGED, CHANGED):
        cpu = {side: result.median_of(cycle, "cpu_ms_a_feed") for side, result in sides.items()}
        rows.append(_row(f"{cycle}: CPU ms a feed", CPU_MS.get(cycle), cpu.get, ".2f"))
        less = {OURS: cpu[THEIRS] / cpu[OURS]} if THEIRS in cpu else {}
        rows.append(_row("  times less than reader", TIMES_LESS.get(cycle), less.get, ".1f"))
        wall = {side: result.median_of(cycle, "wall_s") for side, result in sides.items()}
        rows.append(_row("  seconds on the clock", None, wall.get, ".1f"))
    rows.append(_row("peak of the main process, MiB", PEAK_MIB, lambda side: _peak(sides.get(side)), ".0f"))
    rows.append(_row("longest hold of the event loop, ms", HOLD_MS, lambda side: _hold(sides.get(side)), ".0f"))
    note = (
        "CPU of all processes of a side, the worker included; the publisher's is not counted. Medians of the rounds; "
        "peak and hold are the worst of all."
    )
    if THEIRS not in sides:
        note += " reader is not installed: make bench-polling installs it."
    return Table(f"Polling {results[0].feeds:,} feeds", ["", "goal", OURS, THEIRS], rows, note)


def parsing_table(costs: Costs) -> Table:
    """One row for each kind of poll."""
    rows = []
    for label, cost in (
        ("every poll", costs.every),
        ("a tenth changed, or less", costs.few),
        ("  of these, with something new", costs.few_but_some),
    ):
        if cost.polls:
            rows.append([label, f"{cost.polls:,}", f"{cost.items:,}", f"{cost.fresh:,}", *_shares(label, cost)])
    header = ["", "polls", "items", "new or edited", "feedparser, ms a poll", "goal", "ours, of that", "nothing known"]
    note = (
        "CPU time. feedparser reads each document whole, with the same options (HTML neither cleaned nor rewritten); "
        "ours knows the items of the poll before, and in the last column none. Identical bodies are left out: "
        f"{costs.same}."
    )
    return Table("Parsing consecutive polls of real feeds", header, rows, note)


def _shares(label: str, cost: Cost) -> list[str]:
    goal = PARSING_SHARE.get(label)
    ours = goal.shown(cost.ratio, ".3f") if goal else figure(cost.ratio, ".3f")
    return [f"{cost.feedparser_s * 1000 / cost.polls:.1f}", str(goal or ""), ours, figure(cost.whole_ratio, ".3f")]


def _row(label: str, goal: Goal | None, value: Callable[[str], float | None], form: str) -> list[str]:
    ours = value(OURS)
    shown = goal.shown(ours, form) if goal else figure(ours, form)
    return [label, str(goal or ""), shown, figure(value(THEIRS), form)]


def _peak(result: Result | None) -> float | None:
    return result.peak_mib if result else None


def _hold(result: Result | None) -> float | None:
    return result.longest_hold_ms if result else None
