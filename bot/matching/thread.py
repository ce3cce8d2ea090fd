"""The matcher's own thread: it owns the index, and the event loop never waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bot.matching.index import Matcher, matcher_of
from bot.matching.near import NearMiss
from bot.model import Match, Scope, WatchedName

Answer = TypeVar("Answer")

AT_ONCE = 100
"""Names that are filed before the next article has its turn."""


class MatchingThread:
    """What is asked is done one after the other, in the order in which it was asked."""

    def __init__(self) -> None:
        self._matcher = Matcher()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="matcher")

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        """Per (title, text, language): what was found."""
        return [await self._do(partial(self._find, document)) for document in documents]

    async def near(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[NearMiss]]:
        """Per (title, text, language): what was nearly found. Alerts wait no longer than for one document."""
        return [await self._do(partial(self._near, document)) for document in documents]

    async def add(self, name: WatchedName) -> None:
        await self._do(partial(self._add, name))

    async def remove(self, scope: Scope, name_id: str) -> None:
        await self._do(partial(self._remove, scope, name_id))

    async def change(self, went: Sequence[tuple[Scope, str]], came: Sequence[WatchedName]) -> None:
        """Stop and begin to watch; articles that wait meanwhile are looked at in between."""
        for start in range(0, len(went), AT_ONCE):
            await self._do(partial(self._remove_all, went[start : start + AT_ONCE]))
        for start in range(0, len(came), AT_ONCE):
            await self._do(partial(self._add_all, came[start : start + AT_ONCE]))

    async def replace(self, names: Iterable[WatchedName]) -> None:
        """Watch these names and no others."""
        await self._do(partial(self._replace, list(names)))

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _do(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # These run in the thread.

    def _find(self, document: tuple[str, str, str | None]) -> list[Match]:
        return self._matcher.find(*document)

    def _near(self, document: tuple[str, str, str | None]) -> list[NearMiss]:
        return self._matcher.near(*document)

    def _add(self, name: WatchedName) -> None:
        self._matcher.add(name)

    def _remove(self, scope: Scope, name_id: str) -> None:
        self._matcher.remove(scope, name_id)

    def _add_all(self, names: Sequence[WatchedName]) -> None:
        for name in names:
            self._matcher.add(name)

    def _remove_all(self, names: Sequence[tuple[Scope, str]]) -> None:
        for scope, name_id in names:
            self._matcher.remove(scope, name_id)

    def _replace(self, names: list[WatchedName]) -> None:
        before, self._matcher = self._matcher, matcher_of(names)
        before.clear()
