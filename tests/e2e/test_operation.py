"""The real daemon, looked after: it tells systemd, answers over HTTP, is asked by `status`, and gives its address back."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.botapi import BotApi
from tests.e2e.daemon import free_port, installed
from tests.newsstand import Item, Newsstand, newsstand


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as opened:
        yield opened


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        opened.publish(Item("Marée haute sur le port", "Rien à signaler."))
        yield opened


async def test_the_daemon_tells_how_it_is(
    tmp_path: Path, api: BotApi, stand: Newsstand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To systemd, whose socket is in the environment; over HTTP; and by the command beside it."""
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.setblocking(False)
    ear.bind(f"\0guetteur-e2e-{os.getpid()}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@guetteur-e2e-{os.getpid()}")
    port = free_port()
    async with installed(tmp_path, api, stand.url(), listen=f"127.0.0.1:{port}") as daemon:
        await daemon.start()
        heard = await _heard(ear, "READY=1")
        assert "WATCHDOG=1" in heard
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert (answer.status, await answer.json()) == (200, {"state": "ok", "troubles": []})
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                assert answer.status == 200
            metrics = ""
            async with asyncio.timeout(30):  # it is ready before its first feed has answered
                while 'guetteur_polls_total{outcome="good"} 1.0' not in metrics:
                    async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                        metrics = await answer.text()
        assert 'guetteur_telegram_requests_total{outcome="ok"}' in metrics
        code, said = await daemon.output("status", "--json")
        assert (code, json.loads(said)["source"]) == (0, "daemon")
        assert await daemon.stop() == 0
        await _heard(ear, "STOPPING=1")
        code, said = await daemon.output("status", "--json")
        assert (code, json.loads(said)["source"]) == (0, "database")
    ear.close()


async def _heard(ear: socket.socket, line: str) -> str:
    async with asyncio.timeout(20):
        while line not in (said := (await asyncio.get_running_loop().sock_recv(ear, 4096)).decode()).splitlines():
            pass
    return said


async def test_an_address_that_is_taken_is_a_mistake_in_the_settings(
    tmp_path: Path, api: BotApi, stand: Newsstand
) -> None:
    listen = stand.origin.removeprefix("http://")
    async with installed(tmp_path, api, stand.url(), listen=listen) as daemon:
        code, said = await daemon.output("run")
        assert code == 2
        assert f"web.listen: {listen} cannot be listened on" in said
        code, _ = await daemon.output("run", "--once", "--console")
        assert code == 0  # one round needs no dashboard


async def test_the_terminal_has_a_dashboard_too(tmp_path: Path, api: BotApi, stand: Newsstand) -> None:
    port = free_port()
    async with installed(tmp_path, api, stand.url(), listen=f"127.0.0.1:{port}") as daemon:
        await daemon.start("--console")
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/feeds") as answer:
            assert answer.status == 200
            assert "Le Phare" in await answer.text()
        assert await daemon.stop() == 0
