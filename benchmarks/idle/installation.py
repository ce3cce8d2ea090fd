"""An installation as a user would have it, and the real program that runs in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

SETTINGS = """\
telegram: {{token: "1:an-obviously-false-token-for-a-benchmark", base_url: "{base_url}"}}
storage: {{url: "sqlite:///guetteur.db"}}
polling: {{allow_networks: [127.0.0.0/8], full_text: never}}
web: {{listen: "127.0.0.1:{port}"}}
feeds: [feeds.yaml]
watchlists: watchlists
"""
"""Intervals are the defaults. Pages stay unread: the invented articles have none."""
GIVEN = ("Aurélie", "Karim", "Ingrid", "Basile", "Noémie", "Yannick", "Dagmar", "Séverin", "Fatou", "Tomás")
SURNAMES = ("Vantadour", "Lazregui", "Sölvestad", "Corvandier", "Tarquebois", "Plouvergat", "Wistenholt", "Malagutti")
READY_WITHIN_S = 60.0
LOOK_S = 0.01


class Installation:
    """Files in a folder."""

    def __init__(self, folder: Path, base_url: str, feed_urls: Sequence[str], names: int) -> None:
        self.settings = folder / "guetteur.yaml"
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]
        (folder / "watchlists").mkdir()
        (folder / "watchlists" / "quais.yaml").write_text("".join(f"- {each}\n" for each in people(names)), "utf-8")
        (folder / "feeds.yaml").write_text("".join(f"- {url}\n" for url in feed_urls), "utf-8")
        self.settings.write_text(SETTINGS.format(base_url=base_url, port=self.port), "utf-8")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[int, float]]:
        """The main process's id, and how many seconds it took until it was ready; ends with the body."""
        began = time.monotonic()
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("GUETTEUR", "PYTHON"))}
        arguments = ("-m", "bot", "run", "--log-level", "warning", "--config", str(self.settings))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._ready(process)
            yield process.pid, time.monotonic() - began
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(LOOK_S)
        raise SystemExit("the daemon ended before it was ready")


def people(number: int) -> list[str]:
    """So many invented names: given names and surnames by turns, then surnames joined."""
    surnames = [*SURNAMES, *(f"{a}-{b}" for a in SURNAMES for b in SURNAMES if a != b)]
    return [f"{GIVEN[each % len(GIVEN)]} {surnames[each // len(GIVEN)]}" for each in range(number)]
