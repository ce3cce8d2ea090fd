"""Tables: what misses its goal is marked, what was not measured is not a nought."""

from __future__ import annotations

import pytest

from benchmarks.tables import MARK, Goal, Table, least, most, page

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
