"""Guetteur as a user runs it: a folder with its files, and the real program as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

from tests.botapi import TOKEN, BotApi

STOP_WITHIN_S = 10.0

SETTINGS = """\
telegram:
  token: ${{TELEGRAM_BOT_TOKEN}}
  base_url: {base_url}
  access: open
  webhook: {webhook}
storage: {{url: "sqlite:///var/guetteur.db"}}
web: {{listen: {listen}}}
polling: {{interval: 1s, min_interval: 1s, max_interval: 5s, allow_networks: [127.0.0.0/8]}}
feeds: [feeds.yaml]
watchlists: watchlists
"""

WATCHLIST = """\
title: Les quais
names:
  - Aurélie Vantadour
"""


class Daemon:
    """One installation. Its output is kept, line by line."""

    def __init__(
        self, folder: Path, base_url: str, feed_urls: list[str], *, listen: str = "null", webhook: str = "null"
    ) -> None:
        """`listen`: where its dashboard is; most tests need none, and several run beside each other.
        `webhook`: where Telegram calls, in YAML; null: it asks."""
        self.folder = folder
        self.lines: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said = asyncio.Condition()
        (folder / "watchlists").mkdir()
        (folder / "watchlists" / "quais.yaml").write_text(WATCHLIST, encoding="utf-8")
        (folder / "guetteur.yaml").write_text(
            SETTINGS.format(base_url=base_url, listen=listen, webhook=webhook), encoding="utf-8"
        )
        feeds = "".join(f"- {{url: {url}, title: Le Phare, language: fr, interval: 1s}}\n" for url in feed_urls)
        (folder / "feeds.yaml").write_text(feeds, encoding="utf-8")

    @property
    def database(self) -> Path:
        return self.folder / "var" / "guetteur.db"

    @property
    def pid(self) -> int:
        """Of the daemon that was started."""
        assert self._process is not None
        return self._process.pid

    async def run(self, *arguments: str, token: str | None = TOKEN) -> asyncio.subprocess.Process:
        """The program with these arguments, its output on pipes."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("GUETTEUR", "TELEGRAM"))}
        if token:
            environment["TELEGRAM_BOT_TOKEN"] = token
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, "--config", str(self.folder / "guetteur.yaml"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment,
            start_new_session=True,
        )  # fmt: skip

    async def output(self, *arguments: str, token: str | None = TOKEN) -> tuple[int, str]:
        """The exit code and output of a command that ends by itself."""
        process = await self.run(*arguments, token=token)
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def start(self, *arguments: str, ready: str = "on the lookout") -> None:
        """The daemon, up to the line that says it is ready."""
        before = len(self.lines)
        await self.begin(*arguments)
        await self.says(ready, since=before)

    async def begin(self, *arguments: str) -> None:
        """The daemon, which has yet to get ready."""
        self._process = await self.run("run", "--log-level", "debug", *arguments)
        self._reading = asyncio.create_task(self._read(self._process))

    async def says(self, text: str, *, since: int = 0) -> str:
        """Wait for a line with this text."""
        async with asyncio.timeout(20), self._said:
            await self._said.wait_for(lambda: any(text in line for line in self.lines[since:]) or self._ended)
        found = [line for line in self.lines[since:] if text in line]
        assert found, "the program ended and said:\n" + "\n".join(self.lines[-40:])
        return found[0]

    async def kill(self) -> None:
        """kill -9, of all its processes at once."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._finish_reading()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_WITHIN_S):
            code = await self._process.wait()
        await self._finish_reading()
        return code

    async def end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Rows of the database, read beside the daemon."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(question).fetchall()

    def write(self, statement: str, values: tuple[Any, ...]) -> None:
        """Change the database while the daemon does not run."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    @property
    def _ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            async with self._said:
                self.lines.append(line.decode().rstrip())
                self._said.notify_all()
        await process.wait()
        async with self._said:
            self._said.notify_all()

    async def _finish_reading(self) -> None:
        if self._reading is not None:
            await self._reading


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
    return port


@asynccontextmanager
async def installed(
    folder: Path, api: BotApi, *feed_urls: str, listen: str = "null", webhook: str = "null"
) -> AsyncIterator[Daemon]:
    daemon = Daemon(folder, api.base_url, list(feed_urls), listen=listen, webhook=webhook)
    try:
        yield daemon
    finally:
        await daemon.end()
