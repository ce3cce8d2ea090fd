"""Our own update loop: fetch, store, process, and only then confirm, so that no crash loses a command.

Every chat is served in order and no chat waits for another. Knows nothing of what an update means.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any

import structlog
from telegram import Update
from telegram.constants import UpdateType
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from bot.clock import Clock
from bot.errors import UsageError
from bot.storage.database import Database
from bot.storage.updates import StoredUpdate, finish_update, prune_updates, store_updates, waiting_updates
from bot.telegram.bot import REFUSED, BotApplication
from bot.telegram.limiter import retry_after_s

log = structlog.get_logger(__name__)

ALLOWED = (
    UpdateType.MESSAGE,
    UpdateType.CHANNEL_POST,
    UpdateType.CALLBACK_QUERY,
    UpdateType.MY_CHAT_MEMBER,
)
"""Named at every poll, because Telegram remembers the last list. Edited messages are not commands."""

LONG_POLL_S = 30
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
ATTEMPTS = 5
WAIT_GROWS = 3
"""An update that Telegram stumbled over is processed again after 1, 3, 9 and 27 s; its chat waits meanwhile."""
FINAL = (BadRequest, Forbidden, ChatMigrated)
"""Telegram's considered answers; every other TelegramError may be gone in a moment."""
CONFLICT_WAIT_S = 30.0
"""Two instances that fight for updates would each get half of them; the other may be about to end."""
STOP_WITHIN_S = 5.0
"""What is being answered when we stop may finish."""
PRUNE_EVERY_S = 3600.0
MOST = 100
"""Updates in one answer."""
FRESH_S = 15.0
"""What happened while we did not listen for longer may be too old to be answered."""
Json = dict[str, Any]


async def _nothing_needless(_: Sequence[Json]) -> Collection[int]:
    return ()


async def _nobody_told() -> None:
    return None


class UpdateLoop:
    """Runs until it is cancelled. The application must be connected."""

    def __init__(
        self,
        application: BotApplication,
        database: Database,
        clock: Clock,
        *,
        long_poll_s: int = LONG_POLL_S,
        conflict_wait_s: float = CONFLICT_WAIT_S,
        first_wait_s: float = FIRST_WAIT_S,
        on_received: Callable[[int], None] = lambda _number: None,
        on_conflict: Callable[[], Awaitable[None]] = _nobody_told,
        catch_up: Callable[[Sequence[Json]], Awaitable[Collection[int]]] = _nothing_needless,
    ) -> None:
        """`on_conflict`: another program polls with our token; called once each time that begins.

        `catch_up`: looks at updates that may be old, in order, and names those that need no processing.
        """
        self._application = application
        self._database = database
        self._clock = clock
        self._long_poll_s = long_poll_s
        self._conflict_wait_s = conflict_wait_s
        self._first_wait_s = first_wait_s
        self._on_received = on_received
        self._on_conflict = on_conflict
        self._catch_up = catch_up
        self._heard_at: float | None = None
        """When the last answer came that held all there was."""
        self.is_conflicting = False
        """Another program uses the token: a fact for whoever watches our health."""
        self._last_of_chat: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, Exception | None] = {}
        self._pruned_at: float | None = None
        application.add_error_handler(self._note_failure)

    async def run(self) -> None:
        """What an earlier run left undone first, then whatever comes.

        Raises:
            UsageError: Telegram no longer accepts the token.
        """
        try:
            await self._resume()
            await self._poll()
        finally:
            await self._finish()

    async def serve(self) -> None:
        """The same for updates that a webhook hands to `take`."""
        try:
            await self._resume()
            await asyncio.Event().wait()
        finally:
            await self._finish()

    async def take(self, received: list[Json]) -> None:
        """Store what was received, then process it; safe in the database when this returns."""
        self._on_received(len(received))
        await self._start(await self._store(received))

    async def _resume(self) -> None:
        async with self._database.read() as connection:
            left = await waiting_updates(connection)
        await self._start(left, old=True)

    async def _poll(self) -> None:
        offset: int | None = None
        while True:
            asked_at = self._clock.monotonic()
            received = await self._received(offset)
            self._on_received(len(received))
            old = self._heard_at is None or asked_at - self._heard_at > FRESH_S
            await self._start(await self._store(received), old=old)
            if len(received) < MOST:
                self._heard_at = self._clock.monotonic()
            # An empty answer confirmed all there was. Asking without an offset then survives Telegram's numbering,
            # which begins somewhere else after a quiet week.
            offset = max((int(each["update_id"]) + 1 for each in received), default=None)

    async def _received(self, offset: int | None) -> list[dict[str, Any]]:
        """What one long poll gave, however often it has to be asked."""
        wait_s = self._first_wait_s
        conflicting = False
        while True:
            try:
                received = await self._application.bot.raw_updates(offset, timeout_s=self._long_poll_s, allowed=ALLOWED)
            except InvalidToken:
                raise UsageError(REFUSED) from None  # the library's message may hold the token
            except Conflict:
                if not self.is_conflicting:
                    log.critical("another instance polls with this token; stop one: updates go to either of them")
                    await self._on_conflict()
                self.is_conflicting = conflicting = True
                await asyncio.sleep(self._conflict_wait_s)
            except TelegramError as error:
                pause_s = _pause_s(error, wait_s)
                log.warning("no updates from Telegram, trying again", wait_s=pause_s, error=str(error))
                await asyncio.sleep(pause_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                self.is_conflicting = conflicting
                return received

    async def _store(self, received: list[dict[str, Any]]) -> list[StoredUpdate]:
        """What is new among the updates; safe in the database when this returns."""
        now, ticks = self._clock.now(), self._clock.monotonic()
        due = self._pruned_at is None or ticks - self._pruned_at > PRUNE_EVERY_S
        if not received and not due:
            return []
        given = [StoredUpdate(int(each["update_id"]), json.dumps(each)) for each in received]
        async with self._database.transaction() as tx:
            fresh = await store_updates(tx, given, now)
            if due:
                await prune_updates(tx, now)
                self._pruned_at = ticks
        return fresh

    # --- Processing ----------------------------------------------------------------------------------------------

    async def _start(self, updates: list[StoredUpdate], *, old: bool = False) -> None:
        read = [(each, json.loads(each.payload)) for each in updates]
        needless = await self._needless([data for _, data in read]) if old and read else ()
        for each, data in read:
            if each.id in needless:
                async with self._database.transaction() as tx:
                    await finish_update(tx, each.id)
                continue
            chat_id = chat_of(data)
            task = asyncio.create_task(self._process_after(self._last_of_chat.get(chat_id), each.id, data))
            self._last_of_chat[chat_id] = task
            task.add_done_callback(partial(self._forget, chat_id))

    async def _needless(self, updates: list[Json]) -> Collection[int]:
        try:
            return await self._catch_up(updates)
        except TelegramError as error:
            log.warning("old updates were not looked through", error=error.message)
            return ()

    def _forget(self, chat_id: int, done: asyncio.Task[None]) -> None:
        if self._last_of_chat.get(chat_id) is done:
            del self._last_of_chat[chat_id]

    async def _process_after(self, earlier: asyncio.Task[None] | None, update_id: int, data: dict[str, Any]) -> None:
        if earlier is not None:
            await asyncio.wait({earlier})
        failed = False
        try:
            await self._process_patiently(update_id, data)
        except Exception:  # a job's boundary: one update that breaks us must not stop the others
            log.exception("an update could not be processed", update=update_id)
            failed = True
        async with self._database.transaction() as tx:
            await finish_update(tx, update_id, failed=failed)

    async def _process_patiently(self, update_id: int, data: dict[str, Any]) -> None:
        wait_s = self._first_wait_s
        for _ in range(ATTEMPTS - 1):
            try:
                await self._process(update_id, data)
            except FINAL:
                raise
            except TelegramError as error:
                pause_s = _pause_s(error, wait_s)
                log.warning("Telegram stumbled, trying again", update=update_id, wait_s=pause_s, error=error.message)
            else:
                return
            await asyncio.sleep(pause_s)
            wait_s *= WAIT_GROWS
        await self._process(update_id, data)

    async def _process(self, update_id: int, data: dict[str, Any]) -> None:
        await self._application.process_update(Update.de_json(data, self._application.bot))
        failure = self._failures.pop(update_id, None)
        if failure is not None:
            raise failure

    async def _note_failure(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The application hands a handler's exception here, and returns as if nothing had happened."""
        if isinstance(update, Update):
            self._failures[update.update_id] = context.error

    async def _finish(self) -> None:
        """Let what is being answered finish; what is not done by then stays stored as new."""
        tasks = set(self._last_of_chat.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _pause_s(error: TelegramError, wait_s: float) -> float:
    """Our own wait, or Telegram's where it asks for a longer one."""
    return max(wait_s, retry_after_s(error)) if isinstance(error, RetryAfter) else wait_s


def chat_of(update: dict[str, Any]) -> int:
    """The chat that an update belongs to, 0 for none: what must be processed in order."""
    content = next((value for value in update.values() if isinstance(value, dict)), {})
    chat = content.get("chat") or content.get("message", {}).get("chat") or content.get("from") or {}
    return int(chat.get("id", 0))
