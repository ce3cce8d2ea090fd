"""Brings messages up to date with their stories: outlets that joined, headlines corrected, articles withdrawn.

A message is due from the transaction that changed its story until an edit that shows all of it is confirmed, so nothing
is lost, and an edit that a crash or a lost answer repeats changes nothing. Edits wait for alerts, and ring for nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.alerts.decide import NO_ACCESS
from bot.alerts.edits import SETTLES_S, edit_due
from bot.alerts.outbox import RetryAt, after_failure
from bot.clock import Clock
from bot.errors import ChatMovedError, DeliveryError, GuetteurError
from bot.lull import Lull
from bot.model import Target
from bot.storage import edits
from bot.storage.access import scopes_closed
from bot.storage.database import Database
from bot.telegram.drafts import Draft, Drafter
from bot.telegram.flight import Call, Flight
from bot.telegram.render import Rendered
from bot.telegram.sender import Messenger, Pace, put_aside

log = structlog.get_logger(__name__)

IN_FLIGHT = 2
"""Besides the alerts; one a chat, so that edits of a message stay in order."""
CHAT_IS_AWAY = {"blocked", "kicked", "deactivated", "chat-not-found"}
"""Refusals that mean the whole chat; a right that is missing may concern the one message."""


class Reviser:
    """One a bot token."""

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        pace: Pace,
        clock: Clock,
        drafter: Drafter,
        *,
        follow_move: Callable[[int, int], Awaitable[None]],
        only: Target | None = None,
        settles_s: float = SETTLES_S,
    ) -> None:
        """As `Sender`. `settles_s`: how long a message waits for more outlets before it is edited."""
        self._database = database
        self._messenger = messenger
        self._pace = pace
        self._clock = clock
        self._drafter = drafter
        self._follow_move = follow_move
        self._only = only.chat_id if only else None
        self._settles_s = settles_s
        self._flight = Flight(IN_FLIGHT)
        self._lull = Lull(database, clock)
        self._failures: dict[int, int] = {}
        """Message row → failures in a row since the start; they only lengthen the waits."""
        self.edited = 0
        """Edits that were confirmed, counted since the start."""

    async def revise_due(self) -> int:
        """Start what is due and may go out, as far as there is room; returns how many were started."""
        if self._flight.room <= 0 or self._pace.held() or self._lull.lasts():
            return 0
        waiting, writes = [*self._pace.waiting_chats(edits=True), *self._flight.chat_ids], self._database.writes
        async with self._database.read() as connection:
            due = await edits.due_messages(
                connection,
                self._clock.now(),
                waiting=waiting,
                only=self._only,
                limit=self._flight.room,
            )
            if not due and not waiting:
                self._lull.begin(writes, await edits.next_due(connection, self._clock.now()))
        started = {message.target.chat_id: message for message in reversed(due)}
        for message in started.values():
            call = Call(message.id, message.target.chat_id)
            self._flight.start(call, self._revise(message), f"edit of message {message.id}")
        return len(started)

    async def one_done(self) -> None:
        """Wait until one of what is in flight has ended."""
        await self._flight.one_done()

    async def finish(self, timeout_s: float | None) -> None:
        """Wait for what is in flight, for so long; the rest stays due."""
        await self._flight.finish(timeout_s)

    async def _revise(self, message: edits.Message) -> None:
        try:
            await self._edit(message)
        except SQLAlchemyError:
            log.exception("an edit could not be written down; it is repeated", message=message.id)
        except GuetteurError as error:
            await self._record_failure(message, error)
        except Exception as error:  # a job's boundary: one broken message must not stop the others
            log.exception("an edit failed unexpectedly", message=message.id)
            await self._record_failure(message, GuetteurError(type(error).__name__))

    async def _edit(self, message: edits.Message) -> None:
        async with self._database.read() as connection:
            shown = await edits.deliveries_shown(connection, message)
            told = {scope for each in shown for scope, _ in each.names}
            closed = await scopes_closed(connection, message.target, told, self._drafter.access)
            open_here = [
                replace(each, names=left)
                for each in shown
                if (left := tuple(name for name in each.names if name[0] not in closed)) or not each.names
            ]
            draft = await self._drafter.draft(connection, open_here, self._clock.now()) if open_here else None
        if told and told <= closed:
            await self._close(message, NO_ACCESS)
            return
        if draft is None or draft.shown is None or draft.no_room or draft.unwatched:
            await self._close(message, "left-as-it-is")
            return
        edited_at = None
        if draft.shown.digest != message.shown:
            await self._send(message, draft.shown)
            edited_at = self._clock.now()
        await self._record(message, draft, draft.shown.digest, edited_at)

    async def _send(self, message: edits.Message, shown: Rendered) -> None:
        try:
            await self._messenger.edit(message.target, message.message_id, shown.html, shown.buttons)
        except DeliveryError as error:
            if error.code != "not-modified":
                raise
            # The answer to an earlier edit was lost, or the program killed before it was written down.
        self.edited += 1
        log.info("message edited", message=message.id, chat=message.target.chat_id)

    async def _record(self, message: edits.Message, draft: Draft, shown: str, edited_at: datetime | None) -> None:
        self._failures.pop(message.id, None)
        async with self._database.transaction() as tx:
            went_on = await edits.stamp_held(tx, [each.id for each in draft.told]) != draft.stamp
            next_at = self._next(message, edited_at) if went_on else None
            await edits.record_edit(tx, message, shown, edited_at=edited_at, next_at=next_at)

    def _next(self, message: edits.Message, edited_at: datetime | None) -> datetime:
        return edit_due(
            self._clock.now(),
            sent_at=message.sent_at,
            edited_at=edited_at or message.edited_at,
            settles_s=self._settles_s,
        )

    async def _close(self, message: edits.Message, why: str) -> None:
        self._failures.pop(message.id, None)
        async with self._database.transaction() as tx:
            await edits.close_edit(tx, message.id, why)

    async def _record_failure(self, message: edits.Message, error: GuetteurError) -> None:
        now, chat_id = self._clock.now(), message.target.chat_id
        attempts = self._failures.get(message.id, 0)
        log.warning("message not edited", message=message.id, chat=chat_id, error=str(error))
        match after_failure(error, attempts=attempts, lost_before=False, now=now):
            case RetryAt(when=when, why=why, counts=counts):
                self._failures[message.id] = attempts + int(counts)
                async with self._database.transaction() as tx:
                    await edits.put_off(tx, message.id, when, why)
            case given_up:
                self._failures.pop(message.id, None)
                async with self._database.transaction() as tx:
                    await edits.close_edit(tx, message.id, given_up.why)
                    if given_up.why in CHAT_IS_AWAY:
                        await edits.close_edits_of_chat(tx, chat_id, given_up.why)
                        await put_aside(tx, chat_id, given_up.why, now)
        if isinstance(error, ChatMovedError):
            await self._follow_move(chat_id, error.new_chat_id)
