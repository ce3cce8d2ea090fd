"""Health is decided from plain facts: each trouble, its weight, and what is no trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.health.judge import (
    LEAST_DISK_BYTES,
    STUCK_S,
    TELEGRAM_SILENT_S,
    TICK_FAILS_S,
    TICK_HANGS_S,
    WORDS,
    Facts,
    State,
    TickFacts,
    Work,
    hangs,
    is_ready,
    judge,
)

HOUR_S = 3600.0
WELL = Facts(
    feeds=Work(None, 40.0), articles=Work(None, HOUR_S), deliveries=Work(None, HOUR_S), ticks={"poll": TickFacts(0.4)}
)
"""A quiet hour: feeds are polled, nothing is new."""
STUCK = Work(STUCK_S, STUCK_S)
SILENT = {"telegram_silent_s": TELEGRAM_SILENT_S}
HANGS = {"ticks": {"edit": TickFacts(TICK_HANGS_S)}}
FAILS = {"ticks": {"edit": TickFacts(0.1, TICK_FAILS_S, "disk I/O error")}}

CASES = [
    ("a quiet hour", {}, State.OK, []),
    ("nothing was ever found", {"articles": Work(None, 99 * HOUR_S)}, State.OK, []),
    ("a long queue that moves", {"feeds": Work(9 * HOUR_S, 0.2)}, State.OK, []),
    ("the first work after a quiet hour", {"deliveries": Work(2.0, HOUR_S)}, State.OK, []),
    ("no feed is polled", {"feeds": STUCK}, State.FAILING, ["polling-stuck"]),
    ("not yet", {"feeds": Work(STUCK_S - 1, HOUR_S)}, State.OK, []),
    ("no article is looked at", {"articles": STUCK}, State.FAILING, ["looking-stuck"]),
    ("no alert goes out", {"deliveries": STUCK}, State.FAILING, ["delivery-stuck"]),
    ("no alert goes out to the terminal", {"deliveries": STUCK, "telegram_silent_s": None}, State.FAILING, ["delivery-stuck"]),
    ("Telegram is out", SILENT, State.DEGRADED, ["telegram"]),
    ("Telegram is out and alerts wait", SILENT | {"deliveries": STUCK}, State.DEGRADED, ["telegram"]),
    ("Telegram is slow", {"telegram_silent_s": TELEGRAM_SILENT_S - 1}, State.OK, []),
    ("Telegram holds the bot", {"telegram_holds": True, "deliveries": STUCK}, State.DEGRADED, ["telegram-holds"]),
    ("Telegram holds a bot with nothing to say", {"telegram_holds": True}, State.OK, []),
    ("the network is out", {"network_down": True, "feeds": STUCK}, State.DEGRADED, ["network"]),
    ("both are out", {"network_down": True} | SILENT, State.DEGRADED, ["telegram", "network"]),
    ("both are out and the editor is stuck", {"network_down": True, "articles": STUCK} | SILENT, State.FAILING, ["telegram", "network", "looking-stuck"]),
    ("the database is out", {"database_error": "database is locked"}, State.FAILING, ["database"]),
    ("a tick hangs", HANGS, State.FAILING, ["tick-hangs"]),
    ("a tick fails again and again", FAILS, State.FAILING, ["tick-fails"]),
    ("a tick failed once", {"ticks": {"edit": TickFacts(0.1, 3.0, "busy")}}, State.OK, []),
    ("an article breaks us", {"broken_articles": 1}, State.OK, ["broken-articles"]),
    ("the disk is nearly full", {"disk_free_bytes": LEAST_DISK_BYTES - 1}, State.OK, ["disk"]),
    ("the disk has room", {"disk_free_bytes": LEAST_DISK_BYTES}, State.OK, []),
    ("the canary was lost", {"canary_failed": "matching"}, State.OK, ["canary"]),
    ("the dashboard's port is taken", {"web_unbound": "127.0.0.1:8080"}, State.OK, ["web"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "state", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_gravest_trouble_decides(facts: dict[str, object], state: State, codes: list[str]) -> None:
    verdict = judge(replace(WELL, **facts))  # type: ignore[arg-type]  # fields of Facts
    assert verdict.state is state
    assert [each.code for each in verdict.troubles] == codes
    assert all(each.words for each in verdict.troubles)


def test_every_trouble_is_tried() -> None:
    assert {code for *_, codes in CASES for code in codes} == set(WORDS)


def test_what_is_stuck_is_told_with_its_time() -> None:
    [trouble] = judge(replace(WELL, feeds=Work(900.0, 4000.0))).troubles
    assert trouble.words == "feeds are due, and none was polled for 900 s"


def test_only_a_tick_that_hangs_is_a_reason_to_restart() -> None:
    assert hangs(replace(WELL, **HANGS)) == ["edit"]  # type: ignore[arg-type]
    assert hangs(replace(WELL, **FAILS)) == []  # type: ignore[arg-type]


def test_ready_is_who_began_and_has_a_database() -> None:
    assert is_ready(WELL)
    assert is_ready(
        replace(WELL, telegram_silent_s=TELEGRAM_SILENT_S)
    )  # a Telegram that is out must not keep a service from starting
    assert not is_ready(replace(WELL, ticks={}))
    assert not is_ready(replace(WELL, database_error="gone"))
