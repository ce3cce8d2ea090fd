"""The tables of matching: what was not measured is not a nought, what misses its goal is marked."""

from __future__ import annotations

from benchmarks.matching.measure import Rate
from benchmarks.matching.methods import ALTERNATIVES, OURS
from benchmarks.matching.report import ABSENT, speed_table
from benchmarks.matching.speed import AGAIN, UNSEEN, Row


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
