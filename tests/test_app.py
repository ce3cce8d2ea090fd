"""One round without Telegram: the feeds are read all the same, and the run says that it is not whole."""

from __future__ import annotations

from pathlib import Path

from bot.app import run_once
from bot.clock import SystemClock
from bot.config import load
from tests.botapi import TOKEN
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
