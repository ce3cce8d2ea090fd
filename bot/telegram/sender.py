"""Sends what the outbox owes: claims a delivery, renders it, sends it, writes down what became of it.

Decides nothing about retries (`alerts/outbox.py` does) and nothing about limits (`limits.py` does). At most four
deliveries are in flight and one a chat, so that a crash repeats at most four messages (SPEC, Delivery).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.alerts.outbox import GiveUp, RetryAt, after_failure
from bot.clock import Clock
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import AlertView, DeliveryState, Target
from bot.storage import outbox
from bot.storage.chats import Chat, chat_of, pause_chat
from bot.storage.database import Database
from bot.storage.views import blindness_of, view_of
from bot.telegram.render import Button, Rendered, render_alert, render_bundle

log = structlog.get_logger(__name__)

IN_FLIGHT = 4
LEASE_S = 120.0
"""Longer than any one request may take; after a crash the next start recovers the row at once."""
CATCHING_UP = timedelta(hours=1)
"""How long before a bundle its feeds may have come back."""


class Messenger(Protocol):
    """Telegram, the console, or a test's fake."""

    async def send(
        self, target: Target, html: str, buttons: Sequence[Sequence[Button]], *, silent: bool = False
    ) -> int:
        """The id of the message.

        Raises:
            DeliveryError, DeliveryUnknownError, ChatMovedError
        """
        ...


class Pace(Protocol):
    """What the limits allow."""

    def held(self) -> bool:
        """Nothing may go out to anybody at this moment."""
        ...

    def waiting_chats(self) -> Sequence[int]:
        """The chats to which nothing may go out at this moment."""
        ...


class Sender:
    """One sender a bot token."""

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        pace: Pace,
        clock: Clock,
        *,
        language: str,
        timezone: ZoneInfo,
        follow_move: Callable[[int, int], Awaitable[None]],
        only: Target | None = None,
    ) -> None:
        """`follow_move` gives what belongs to a group's old id to its new one.

        `only`: the one target this sender serves (the console); None serves all but that one.
        """
        self._database = database
        self._messenger = messenger
        self._pace = pace
        self._clock = clock
        self._language = language
        self._timezone = timezone
        self._follow_move = follow_move
        self._only = only.chat_id if only else None
        self._in_flight: dict[asyncio.Task[None], int] = {}
        self.troubles = 0
        """Deliveries that were not confirmed, counted since the start."""

    async def recover(self) -> None:
        """Once, at the start: what the last run was sending may or may not have arrived."""
        async with self._database.transaction() as tx:
            interrupted = await outbox.recover_sending(tx)
        if interrupted:
            log.warning("deliveries were interrupted, sending them again", deliveries=interrupted)

    async def recover_expired(self) -> None:
        """Now and then: a delivery whose end could not be written down (the database was away) is not forgotten."""
        async with self._database.transaction() as tx:
            ours = list(self._in_flight.values())
            await outbox.recover_sending(tx, expired_by=self._clock.now(), without=ours)

    async def deliver_due(self) -> int:
        """Start what is due and may go out, as far as there is room; returns how many were started."""
        room = IN_FLIGHT - len(self._in_flight)
        if room <= 0 or self._pace.held():
            return 0
        async with self._database.read() as connection:
            due = await outbox.due_targets(
                connection, self._clock.now(), waiting=self._pace.waiting_chats(), only=self._only, limit=room
            )
        started = {target.chat_id: delivery_id for delivery_id, target in reversed(due)}
        for delivery_id in started.values():
            task = asyncio.create_task(self._deliver(delivery_id), name=f"delivery {delivery_id}")
            self._in_flight[task] = delivery_id
            task.add_done_callback(lambda done: self._in_flight.pop(done, None))
        return len(started)

    async def one_done(self) -> None:
        """Wait until one of what is in flight has ended."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, timeout_s: float | None) -> None:
        """Wait for what is in flight, for so long; what has no answer by then may have arrived (see `recover`)."""
        if not self._in_flight:
            return
        _, late = await asyncio.wait(self._in_flight, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, delivery_id: int) -> None:
        async with self._database.transaction() as tx:
            claimed = await outbox.claim(tx, delivery_id, self._clock.now(), lease_s=LEASE_S)
        if not claimed:
            return
        try:
            await self._send(claimed)
        except GuetteurError as error:
            await self._record_failure(claimed, error)
        except Exception as error:  # a job's boundary: one broken alert must not stop the others
            log.exception("a delivery failed unexpectedly", delivery=delivery_id)
            await self._record_failure(claimed, GuetteurError(type(error).__name__))

    async def _send(self, claimed: Sequence[outbox.Delivery]) -> None:
        """Tell one delivery, or several of one bundle, in one message."""
        target = claimed[0].target
        async with self._database.read() as connection:
            views = [(each, await view_of(connection, each)) for each in claimed]
            chat = await chat_of(connection, target.chat_id)
        now = self._clock.now()
        told = [(each, view) for each, view in views if view is not None]
        if len(told) < len(views):
            async with self._database.transaction() as tx:
                for each, view in views:
                    if view is None:
                        await outbox.close(tx, each.id, DeliveryState.SUPPRESSED, "name-removed", now)
        if not told:
            return
        shown, number = await self._rendered(told, chat, now)
        message_id = await self._reach(target, shown)
        try:
            async with self._database.transaction() as tx:
                for each, _ in told[:number]:
                    await outbox.record_sent(tx, each.id, target, message_id, self._clock.now())
                await outbox.release(tx, [each.id for each, _ in told[number:]])
        except SQLAlchemyError as error:
            raise DeliveryUnknownError("it was sent, and that could not be written down") from error
        log.info("alert sent", deliveries=[each.id for each, _ in told[:number]], chat=target.chat_id)

    async def _rendered(
        self, told: Sequence[tuple[outbox.Delivery, AlertView]], chat: Chat | None, now: datetime
    ) -> tuple[Rendered, int]:
        """The message, and how many of the deliveries it tells."""
        language = (chat and chat.language) or self._language
        timezone = ZoneInfo(chat.timezone) if chat and chat.timezone else self._timezone
        first, view = told[0]
        if first.bundle is None:
            return render_alert(view, delivery_id=first.id, language=language, timezone=timezone, now=now), 1
        async with self._database.read() as connection:
            began = min(each.created_at for each, _ in told) - CATCHING_UP
            blind = await blindness_of(connection, first.target, began)
        return render_bundle([view for _, view in told], blind, language=language, timezone=timezone, now=now)

    async def _reach(self, target: Target, shown: Rendered) -> int:
        """The message's id. A topic that was closed or deleted must not swallow an alert: General gets it."""
        try:
            return await self._messenger.send(target, shown.html, shown.buttons)
        except DeliveryError as error:
            if error.code != "topic-gone" or not target.topic_id:
                raise
            log.warning("topic gone, telling the chat itself", chat=target.chat_id, topic=target.topic_id)
            return await self._messenger.send(Target(target.chat_id), shown.html, shown.buttons)

    async def _record_failure(self, claimed: Sequence[outbox.Delivery], error: GuetteurError) -> None:
        now, chat_id = self._clock.now(), claimed[0].target.chat_id
        self.troubles += 1
        log.warning("alert not sent", deliveries=[each.id for each in claimed], chat=chat_id, error=str(error))
        async with self._database.transaction() as tx:
            for each in claimed:
                match after_failure(error, attempts=each.attempts, lost_before=each.lost_before, now=now):
                    case RetryAt(when=when, state=state, why=why, counts=counts):
                        await outbox.record_retry(tx, each.id, when=when, state=state, why=why, counts=counts)
                    case GiveUp(state=state, why=why, pause_chat=paused):
                        await outbox.close(tx, each.id, state, why, now)
                        if paused:
                            await pause_chat(tx, chat_id, why)
                            await outbox.suppress_waiting(tx, chat_id, why)
        if isinstance(error, ChatMovedError):
            await self._follow_move(chat_id, error.new_chat_id)
