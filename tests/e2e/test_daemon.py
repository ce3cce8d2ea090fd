"""The promise, end to end: real feeds over HTTP, the real program, a strict Bot API; killed where it hurts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.botapi import TOKEN, BotApi, User
from tests.e2e.daemon import Daemon, free_port, installed
from tests.newsstand import Item, Newsstand, newsstand

ANNA = User(1001)
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
AMRA = Item(
    "Deux complices présumés de Mohamed Amra ont été transférés en France",
    "Ils avaient été arrêtés au Maroc six mois plus tôt, après l'évasion de mai 2024.",
)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as opened:
        yield opened


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        opened.publish(QUIET)
        yield opened


@pytest.fixture
async def daemon(tmp_path: Path, api: BotApi, stand: Newsstand) -> AsyncIterator[Daemon]:
    async with installed(tmp_path, api, stand.url()) as made:
        yield made


def alerts(api: BotApi) -> list[str]:
    return [text for text in api.texts(ANNA.id) if "Deux complices" in text]


async def watch_amra(api: BotApi) -> None:
    api.says(ANNA, "/start")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 1, timeout=10)
    api.says(ANNA, "/watch Mohamed Amra")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=10)


async def polled_again(stand: Newsstand, times: int = 2) -> None:
    await stand.arrived(len(stand.asked()) + times)


async def test_from_start_to_one_alert_and_no_second_after_kill(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    await daemon.start()
    await watch_amra(api)
    stand.publish(AMRA, QUIET)
    await polled_again(stand, 1)
    await api.until(lambda: alerts(api), timeout=5)  # of the poll that first saw it
    stand.publish(replace(AMRA, guid="another"), QUIET)
    await polled_again(stand)
    await daemon.kill()
    await daemon.start()
    await polled_again(stand)
    assert len(alerts(api)) == 1
    assert api.violations == []
    assert await daemon.stop() == 0


async def test_a_watch_that_was_only_fetched_is_not_lost(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=10)
    api.drop_next_answer("getUpdates")  # it leaves the server and never arrives
    api.says(ANNA, "/watch Mohamed Amra")
    await daemon.kill()
    await daemon.start()
    await api.until(lambda: len(api.sent_to(ANNA.id)) >= 2, timeout=15)
    await polled_again(stand)  # the first poll is a baseline
    stand.publish(AMRA, QUIET)
    await api.until(lambda: alerts(api), timeout=8)
    assert daemon.ask("SELECT count(*) FROM watched_names WHERE scope LIKE 'chat:%'") == [(1,)]


async def test_a_watch_that_was_stored_and_not_answered_is_done_at_the_next_start(daemon: Daemon, api: BotApi) -> None:
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=10)
    await daemon.kill()
    who = ANNA.json()
    chat = {"id": ANNA.id, "type": "private", "first_name": "Ada"}
    message = {"message_id": 900, "date": 1770000000, "chat": chat, "from": who, "text": "/watch Mohamed Amra"}
    message["entities"] = [{"type": "bot_command", "offset": 0, "length": 6}]
    daemon.write(
        "INSERT INTO updates (update_id, payload, state, received_at) VALUES (?, ?, 'new', '2026-02-03 08:00:00')",
        (10_000, json.dumps({"update_id": 10_000, "message": message})),
    )
    await daemon.start()
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=15)
    assert daemon.ask("SELECT name_id FROM watched_names WHERE scope LIKE 'chat:%'") == [("Mohamed Amra",)]


async def test_a_watch_killed_at_any_moment_after_it_was_fetched_is_kept_once(daemon: Daemon, api: BotApi) -> None:
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=10)
    api.says(ANNA, "/watch Mohamed Amra")
    await api.until(lambda: len(daemon.ask("SELECT 1 FROM updates")) == 2, timeout=10)
    await daemon.kill()
    await daemon.start()
    await api.until(lambda: daemon.ask("SELECT 1 FROM watched_names WHERE scope LIKE 'chat:%'"), timeout=15)
    assert daemon.ask("SELECT count(*) FROM watched_names WHERE scope LIKE 'chat:%'") == [(1,)]


async def test_it_reads_feeds_while_telegram_is_away_and_still_stops(tmp_path: Path, stand: Newsstand) -> None:
    stand.hang(f"/bot{TOKEN}/getMe")
    daemon = Daemon(tmp_path, stand.url("/bot"), [stand.url()])
    await daemon.start(ready="starting")
    await stand.arrived(1)
    assert await daemon.stop() == 0


HOOK = """{{url: "http://127.0.0.1:{port}/hook", listen: "127.0.0.1:{port}", secret: {secret}}}"""
HOOK_SECRET = "fake_hook_secret-for-tests"


@pytest.mark.parametrize("called", [False, True], ids=["asks Telegram", "is called"])
async def test_the_token_is_shown_nowhere(tmp_path: Path, api: BotApi, stand: Newsstand, called: bool) -> None:
    """In no line at DEBUG, no message, no command's output, no row: also when an error says it to us."""
    webhook = HOOK.format(port=free_port(), secret=HOOK_SECRET) if called else "null"
    async with installed(tmp_path, api, stand.url(), webhook=webhook) as daemon:
        await daemon.start()
        link = await daemon.says("?start=claim-")
        api.says(ANNA, f"/start {link.split('?start=')[1]}")
        await api.until(lambda: len(api.sent_to(ANNA.id)) == 1, timeout=10)
        api.says(ANNA, "/watch Mohamed Amra")
        await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=10)
        faults = [api.fault("sendMessage", "echo")]
        stand.publish(AMRA, QUIET)
        await api.until(lambda: faults[0].is_spent, timeout=10)
        faults.append(api.fault("sendMessage", "echo"))
        api.says(ANNA, "/help")
        if not called:
            faults.append(api.fault("getUpdates", "echo"))
        await api.until(lambda: all(fault.is_spent for fault in faults), timeout=10)
        api.says(ANNA, "/status")
        await api.until(lambda: any("Flux" in text for text in api.texts(ANNA.id)), timeout=20)
        said = [await daemon.output(*command) for command in (["status"], ["status", "--json"], ["why", stand.url()])]
        assert await daemon.stop() == 0
        assert "cannot be served" in "\n".join(daemon.lines), "the error is told, without its address"
        rows = b"".join(file.read_bytes() for file in (tmp_path / "var").iterdir() if file.is_file())
        shown = "\n".join([*daemon.lines, *api.texts(ANNA.id), *(text for _, text in said)])
        for secret in (TOKEN.split(":")[1].lower(), HOOK_SECRET):  # the library writes errors in small letters
            assert secret not in shown.lower()
            assert secret.encode() not in rows.lower()


async def test_the_first_start_prints_the_claim_and_the_next_only_while_nobody_took_it(
    daemon: Daemon, api: BotApi
) -> None:
    await daemon.start()
    link = await daemon.says("?start=claim-")
    api.says(ANNA, f"/start {link.split('?start=')[1]}")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=10)
    assert await daemon.stop() == 0
    assert daemon.ask("SELECT user_id, role FROM people") == [(ANNA.id, "admin")]
    before = len(daemon.lines)
    await daemon.start()
    assert not [line for line in daemon.lines[before:] if "claim-" in line]


async def test_a_second_instance_is_refused(daemon: Daemon) -> None:
    await daemon.start()
    code, said = await daemon.output("run")
    assert code == 75
    assert "another instance" in said


async def test_once_polls_tells_and_ends(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    code, said = await daemon.output("run", "--once")
    assert code == 0, said
    assert len(stand.asked()) == 1


async def test_once_says_by_its_exit_code_that_a_feed_failed(daemon: Daemon, stand: Newsstand) -> None:
    stand.answer(500)
    code, said = await daemon.output("run", "--once")
    assert code == 1, said
    assert "500" in said


async def test_the_console_needs_no_token_and_follows_every_watchlist(daemon: Daemon, stand: Newsstand) -> None:
    code, said = await daemon.output("run", "--once", "--console", token=None)
    assert code == 0, said
    stand.publish(Item("Aurélie Vantadour gagne la régate", "Le vent a tourné."), QUIET)
    said = ""
    while len(stand.asked()) < 2:  # a feed is read again when it is due, a second later, not sooner
        code, said = await daemon.output("run", "--once", "--console", token=None)
        assert code == 0, said
    assert "Aurélie Vantadour" in said
    assert "Les quais" in said


async def test_without_token_and_console_it_says_both_ways_out(daemon: Daemon) -> None:
    code, said = await daemon.output("run", token=None)
    assert code == 2
    assert "TELEGRAM_BOT_TOKEN" in said
    assert "--console" in said


async def test_why_tells_what_became_of_an_article(daemon: Daemon, stand: Newsstand) -> None:
    await daemon.output("run", "--once", "--console", token=None)
    code, said = await daemon.output("why", stand.url(f"/articles/{QUIET.number}.html?utm_source=x"))
    assert code == 0, said
    assert "first read" in said
    code, said = await daemon.output("why", "https://elsewhere.example/x")
    assert code == 1
    assert "ever listed" in said


async def test_a_backup_beside_the_running_daemon(daemon: Daemon, tmp_path: Path) -> None:
    await daemon.start()
    code, said = await daemon.output("db", "backup", str(tmp_path / "copy.db"))
    assert code == 0, said
    assert (tmp_path / "copy.db").stat().st_size > 0
    code, said = await daemon.output("db", "upgrade")
    assert (code, said.strip()) == (0, "The database is up to date.")
