"""A key's former name works for a year, with a warning that says the new one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from bot.config import check_settings
from bot.config.renamed import RENAMED, Renamed

FILE = Path("guetteur.yaml")
TABLE = (
    Renamed("polling.every", "polling.interval", date(2026, 2, 3)),
    Renamed("tongue", "alerts.language", date(2026, 2, 3)),
)


def test_the_former_name_works_and_is_warned_about_where_it_stands() -> None:
    text = "polling:\n  every: 7m\ntongue: en\n"
    reading, settings = check_settings(text, FILE, {}, need_token=False, renamed=TABLE)
    assert settings.polling.interval == timedelta(minutes=7)
    assert settings.alerts.language == "en"
    assert [str(problem) for problem in reading.problems] == [
        "guetteur.yaml:2:3: warning: polling.every is called polling.interval since 2026-02-03; write polling.interval",
        "guetteur.yaml:3:1: warning: tongue is called alerts.language since 2026-02-03; write alerts.language",
    ]


def test_the_new_name_wins_over_the_former_one() -> None:
    text = "polling: {every: 7m, interval: 8m}\n"
    reading, settings = check_settings(text, FILE, {}, need_token=False, renamed=TABLE)
    assert settings.polling.interval == timedelta(minutes=8)
    assert [problem.warning for problem in reading.problems] == [True]


def test_a_variable_of_the_former_name_works_as_well() -> None:
    environ = {"GUETTEUR_POLLING__EVERY": "9m"}
    reading, settings = check_settings("", FILE, environ, need_token=False, renamed=TABLE)
    assert settings.polling.interval == timedelta(minutes=9)
    assert reading.problems == []


def test_a_broken_section_is_complained_of_as_before() -> None:
    for text in ("polling: seven\n", "- a\n"):
        reading, _ = check_settings(text, FILE, {}, need_token=False, renamed=TABLE)
        usual, _ = check_settings(text, FILE, {}, need_token=False)
        assert reading.problems == usual.problems != []


def test_no_former_name_is_kept_for_longer_than_was_promised() -> None:
    assert all(date.today() - each.since < timedelta(days=366) for each in RENAMED)  # noqa: DTZ011
