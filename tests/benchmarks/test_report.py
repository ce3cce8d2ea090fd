"""The tables: what misses its goal is marked, what was not measured is not a nought."""

from __future__ import annotations

import pytest

from benchmarks.matching.measure import Rate
from benchmarks.matching.methods import ALTERNATIVES, OURS
from benchmarks.matching.report import ABSENT, MARK, Goal, Table, least, most, page, speed_table
from benchmarks.matching.speed import AGAIN, UNSEEN, Row

TABLE = Table("Birds", ["", "seen"], [["grive", "3"], ["merle noir", "12"]], "Counted twice.")


@pytest.mark.parametrize(
    ("goal", "measured", "shown"),
    [
        (least(0.95), 0.95, "0.950"),
        (least(0.95), 0.9499, "0.950 ✗"),
        (most(5), 5.1, "5.100 ✗"),
        (most(5), 4.9, "4.900"),
        (most(5), None, "–"),
    ],
)
def test_a_figure_is_marked_where_it_misses_its_goal(goal: Goal, measured: float | None, shown: str) -> None:
    assert goal.shown(measured, ".3f") == shown


def test_a_table_for_the_terminal_stands_in_columns() -> None:
    assert TABLE.for_terminal().splitlines() == [
        "Birds",
        "",
        "            seen",
        "──────────  ────",
        "grive          3",
        "merle noir    12",
        "",
        "Counted twice.",
    ]


def test_a_page_keeps_what_somebody_wrote_and_renews_the_rest() -> None:
    first = page("# Birds\n\n", "One core.", [TABLE])
    assert first.startswith("# Birds\n\n" + MARK)
    assert "| merle noir | 12 |" in first
    assert page(first, "One core.", [TABLE]) == first


def test_speed_says_how_many_articles_were_read_and_who_is_absent() -> None:
    speeds = {
        Row(OURS, UNSEEN): {10: Rate(400, 0.2), 1_000: Rate(400, 4.0)},
        Row(OURS, AGAIN): {10: Rate(400, 0.1), 1_000: Rate(400, 0.1)},
        Row(ALTERNATIVES[1], ""): {10: Rate(400, 0.5), 1_000: Rate(13, 26.0)},
    }
    table = speed_table(speeds, [10, 1_000], 400)
    cells = {row[0]: row[1:] for row in table.rows}
    assert cells[f"{OURS.name}, {UNSEEN}"] == ["2,000", "100 ✗"]
    assert cells[ALTERNATIVES[1].name] == ["800", "0.5 (13)"]
    absent = [method for method in ALTERNATIVES if not method.installed]
    assert all(cells[method.name] == ["not installed", "not installed"] for method in absent)
    assert (ABSENT in table.note) == bool(absent)
