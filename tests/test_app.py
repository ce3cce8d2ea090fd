"""One round without Telegram, or without a network: it ends, and says that it is not whole."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from bot.app import run_once
from bot.clock import SystemClock
from bot.config import load
from tests.botapi import TOKEN
from tests.faketime import StandingClock
from tests.newsstand import Item, newsstand


async def test_a_round_without_telegram_reads_the_feeds_and_ends(tmp_path: Path) -> None:
    async with newsstand() as stand:
        stand.publish(Item("Marée haute sur le port", "Rien à signaler."))
        stand.hang(f"/bot{TOKEN}/getMe")
        (tmp_path / "watchlists").mkdir()
        (tmp_path / "feeds.yaml").write_text(f"- {stand.url()}\n", encoding="utf-8")
        file = tmp_path / "guetteur.yaml"
        file.write_text(
            f"telegram: {{token: '{TOKEN}', base_url: '{stand.url('/bot')}'}}\n"
            "storage: {url: 'sqlite:///var/guetteur.db'}\n"
            "polling: {allow_networks: [127.0.0.0/8]}\n"
            "watchlists: watchlists\n",
            encoding="utf-8",
        )
        whole = await run_once(load(file, {}), SystemClock(), console=False, connect_within_s=0.2)
        assert not whole
        assert len(stand.asked()) == 1


class SlowClock(StandingClock):
    """Each look at it takes a time, as each poll does that nobody answers."""

    def now(self) -> datetime:
        self.advance(20.0)
        return super().now()


async def test_a_round_without_a_network_ends(tmp_path: Path) -> None:
    async with AsyncExitStack() as opened:
        stands = [await opened.enter_async_context(newsstand(f"127.0.1.{number}")) for number in range(21, 26)]
        for stand in stands:
            stand.drop()
        (tmp_path / "watchlists").mkdir()
        (tmp_path / "feeds.yaml").write_text("".join(f"- {stand.url()}\n" for stand in stands), encoding="utf-8")
        file = tmp_path / "guetteur.yaml"
        file.write_text(
            "storage: {url: 'sqlite:///var/guetteur.db'}\n"
            "polling: {allow_networks: [127.0.0.0/8]}\n"
            "watchlists: watchlists\n",
            encoding="utf-8",
        )
        assert not await run_once(load(file, {}, need_token=False), SlowClock(), console=True)
        assert all(len(stand.asked()) <= 2 for stand in stands)  # one poll; aiohttp asks twice where it is cut off
