"""The system's notifications that something happened in a folder. They only shorten the wait for the next look.

Says neither what happened nor to which file: `footprint.py` finds that out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from watchfiles import awatch

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Stir:
    """The system's word that something happened in some folders. Where it has none to give, we live without."""

    happened: asyncio.Event = field(default_factory=asyncio.Event)
    _followed: list[tuple[Path, tuple[int, int]]] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _listening: asyncio.Task[None] | None = None

    async def follow(self, folders: Sequence[Path]) -> None:
        """Listen to these folders from now on, as they are now: one that was made anew is another."""
        there = [(folder, which) for folder in folders if (which := _identity(folder))]
        if there == self._followed and self._listening is not None and not self._listening.done():
            return
        await self.stop()
        self._followed, self._stop = there, asyncio.Event()
        listening = self._listen([folder for folder, _ in there], self._stop)
        self._listening = asyncio.create_task(listening, name="listen to files")

    async def stop(self) -> None:
        self._stop.set()
        if self._listening is not None:
            await asyncio.wait([self._listening])
            self._listening = None

    async def _listen(self, folders: Sequence[Path], stop: asyncio.Event) -> None:
        try:
            async for _ in awatch(
                *folders, watch_filter=None, recursive=False, debounce=400, step=100, stop_event=stop
            ):
                self.happened.set()
        except (
            OSError,
            RuntimeError,
        ) as error:  # too many watches, a folder that is gone …
            log.debug("no notifications of edits: the files are looked at instead", error=str(error))


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder bears the name now; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
