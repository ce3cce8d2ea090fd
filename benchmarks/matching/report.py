"""The figures as tables, for the terminal and for docs/. Knows what was asked for; measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.matching.corpus import labelled_names
from benchmarks.matching.hostile import Ordeal
from benchmarks.matching.measure import Rate
from benchmarks.matching.memory import CHANGES, Change, Setup
from benchmarks.matching.methods import ALTERNATIVES, METHODS, OURS, Method
from benchmarks.matching.quality import Quality
from benchmarks.matching.speed import AGAIN, ONCE, UNSEEN, Row
from benchmarks.tables import NOTHING, Goal, Table, figure, least, most

ABSENT = "not installed: make bench installs it"


TARGETS = {"precision": least(0.98), "recall": least(0.97), "F1": least(0.975)}
RECALL = (
    dict.fromkeys(("exact", "accent", "caps", "headline", "elision", "order", "middle", "nick", "multi"), least(1.0))
    | {"hyphen": least(0.97), "initial": least(0.97), "typo": least(0.98)}
    | {"translit": least(0.95), "script": least(0.92), "inflect": least(0.95), "broken": least(0.97)}
    | {"org": least(0.93), "context": least(0.97), "surname": least(0.95)}
)
ALARMS = {
    "neg_relative": most(0.02),
    "neg_context": most(0.02),
    "neg_not": most(0.02),
    "neg_org": most(0.03),
    "neg_near": most(0.03),
}
OTHER_ALARMS = most(0.005)
POSSIBLE_WRONG = most(0.10)
DISTRACTORS = {10_000: most(0.10), 100_000: most(0.5)}
SPEED = {
    UNSEEN: {10: least(1_000), 1_000: least(800), 10_000: least(500), 100_000: least(250)},
    AGAIN: {10: least(1_500), 1_000: least(1_500), 10_000: least(1_000), 100_000: least(500)},
}
SETUP_S = {100_000: most(5)}
ADDED_MB = {100_000: most(350)}
CHANGE_MS = most(20)
HOSTILE_S = most(1)


# --- How well ------------------------------------------------------------------------------------------------------


def quality_table(qualities: Mapping[str, Quality]) -> Table:
    """One column a method, one row a figure; `qualities` by the method's name."""
    shown = [method.name for method in METHODS if method.name in qualities]
    columns = [qualities[name] for name in shown]
    rows = [["texts read", "", *(f"{each.texts:,}" for each in columns)]]
    for at, (label, goal) in enumerate(TARGETS.items()):
        rows.append(_row(f"targets: {label}", goal, [each.targets()[at] for each in columns]))
    rows.append(["every mention: F1", "", *(figure(each.every_mention()[2], ".3f") for each in columns)])
    rows += [
        _row(f"recall: {kind}", RECALL.get(kind), [each.recall[kind].value for each in columns])
        for kind in sorted({kind for each in columns for kind in each.recall})
    ]
    rows += [
        _row(f"alarms: {kind}", ALARMS.get(kind, OTHER_ALARMS), [each.alarms[kind].value for each in columns])
        for kind in sorted({kind for each in columns for kind in each.alarms})
    ]
    rows.append(_row("stray alarms a text", None, [each.per_text("stray") for each in columns]))
    wrong = [each.per_text("possible wrong") for each in columns]
    rows.append(_row("wrong and possible, a text", POSSIBLE_WRONG, wrong))
    note = (
        "Recall and alarms: the share of the labelled names that ring; a bare surname may also be possible. "
        "Where fewer texts were read than by guetteur, they are a random sample, as many as the time allowed."
    )
    title = f"Quality: labelled texts, {len(labelled_names()):,} names"
    return Table(title, ["", "goal", *shown], rows, _with_absent(note))


def distractor_table(found: Mapping[int, Mapping[str, Quality]]) -> Table:
    """`found` by the number of names and the method's name."""
    rows = []
    for size, qualities in found.items():
        goal = DISTRACTORS.get(size)
        for name, quality in qualities.items():
            ours, certain = name == OURS.name, quality.per_text("distractor")
            shown = goal.shown(certain, ".3f") if goal and ours else figure(certain, ".3f")
            possible = figure(quality.per_text("possible distractor"), ".3f") if ours else NOTHING
            rows.append([name, f"{size:,}", f"{quality.texts:,}", str(goal or "") if ours else "", shown, possible])
    header = ["", "names", "texts read", "goal", "certain, a text", "possible, a text"]
    note = "Names that only fill the watchlist and that nobody has labelled: some of these hits are right."
    return Table("Distractors: hits on names that fill the watchlist", header, rows, _with_absent(note))


# --- How fast ------------------------------------------------------------------------------------------------------


def speed_table(speeds: Mapping[Row, Mapping[int, Rate]], sizes: Sequence[int], all_texts: int) -> Table:
    rows: list[list[str]] = []
    for method in METHODS:
        for reading in (UNSEEN, AGAIN) if method.remembers else (ONCE,):
            rates = speeds.get(Row(method, reading), {})
            goals = SPEED.get(reading, {})
            label = f"{method.name}, {reading}" if reading else method.name
            rows.append([label, *(_speed(method, rates.get(size), goals.get(size), all_texts) for size in sizes)])
            if goals:
                rows.append(["  goal", *(str(goals.get(size, "")) for size in sizes)])
    note = (
        "Articles a second of CPU time, one thread, the median of the rounds; in brackets how many articles were read "
        f"where time did not allow all {all_texts:,}. Exact search finds no other spelling."
    )
    return Table("Speed", ["", *(f"{size:,} names" for size in sizes)], rows, _with_absent(note))


def _speed(method: Method, rate: Rate | None, goal: Goal | None, all_texts: int) -> str:
    if rate is None:
        return NOTHING if method.installed else "not installed"
    form = ",.0f" if rate.per_second >= 100 else ".3g"
    shown = goal.shown(rate.per_second, form) if goal else figure(rate.per_second, form)
    return shown if rate.texts == all_texts else f"{shown} ({rate.texts})"


# --- What it costs -------------------------------------------------------------------------------------------------


def setup_table(setups: Mapping[tuple[str, int], Setup], sizes: Sequence[int]) -> Table:
    """`setups` by the method's name and the number of names."""
    rows = [
        [method.name, *(_setup(method, setups.get((method.name, size)), size) for size in sizes)] for method in METHODS
    ]
    goals = [f"{SETUP_S[size]} s, {ADDED_MB[size]} MB" if size in SETUP_S else "" for size in sizes]
    rows.insert(1, ["  goal", *goals])
    note = (
        "From the names in memory to the first sentence read: CPU seconds, and what the process grew by, libraries and "
        "tables of names included."
    )
    return Table("Set-up and memory", ["", *(f"{size:,} names" for size in sizes)], rows, _with_absent(note))


def _setup(method: Method, measured: Setup | None, size: int) -> str:
    if measured is None:
        return NOTHING if method.installed else "not installed"
    if method is not OURS or size not in SETUP_S:
        return f"{measured.seconds:.2f} s, {measured.added_mb:,.0f} MB"
    seconds = SETUP_S[size].shown(measured.seconds, ".2f", " s")
    return f"{seconds}, {ADDED_MB[size].shown(measured.added_mb, ',.0f', ' MB')}"


def change_table(size: int, added: Change, removed: Change) -> Table:
    rows = [
        [
            label,
            str(CHANGE_MS),
            CHANGE_MS.shown(change.median_ms, ".1f"),
            CHANGE_MS.shown(change.worst_ms, ".1f"),
            right,
        ]
        for label, change, right in (
            ("one name added", added, f"{added.right} found"),
            ("one name removed", removed, f"{removed.right} no longer found"),
        )
    ]
    note = "To the end of the first sentence read with the new watchlist, in CPU milliseconds."
    header = ["", "goal, ms", "median", "worst", f"of {CHANGES}"]
    return Table(f"Changes of a watchlist of {size:,} names in use", header, rows, note)


def hostile_table(size: int, ordeals: Sequence[Ordeal]) -> Table:
    rows = [
        [
            each.shape,
            f"{each.longest:,}",
            HOSTILE_S.shown(each.seconds[each.longest], ".2f"),
            figure(each.growth, ".1f"),
        ]
        for each in sorted(ordeals, key=lambda one: one.seconds[one.longest], reverse=True)
    ]
    note = (
        f"CPU seconds, goal {HOSTILE_S}, the worst first. Growth: how many times longer twice the text took (2 is "
        "linear). Shorter than a million characters: longer texts would have taken too long."
    )
    header = ["", "characters", "seconds", "growth"]
    return Table(f"Hostile texts of a million characters, {size:,} names", header, rows, note)


# --- Cells ---------------------------------------------------------------------------------------------------------


def _row(label: str, goal: Goal | None, values: Sequence[float | None]) -> list[str]:
    """Ours, which comes first, is held against the goal."""
    first, *others = values
    shown = goal.shown(first, ".3f") if goal else figure(first, ".3f")
    return [label, str(goal or ""), shown, *(figure(value, ".3f") for value in others)]


def _with_absent(note: str) -> str:
    absent = [method.name for method in ALTERNATIVES if not method.installed]
    return f"{note} {', '.join(absent)}: {ABSENT}." if absent else note
