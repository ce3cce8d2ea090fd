"""Sends what the outbox owes: claims a delivery, renders it, sends it, writes down what became of it.

Decides nothing about retries (`alerts/outbox.py` does) and nothing about limits (`limits.py` does). At most four
deliveries are in flight and one a chat, so that a crash repeats at most four messages (SPEC, Delivery).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.edits import SETTLES_S, edit_due
from bot.alerts.outbox import (
    BURST_FROM,
    CROWDED_FROM,
    FINAL,
    OUTAGE_FROM,
    GiveUp,
    RetryAt,
    after_failure,
    blames_no_chat,
    outage_rest_s,
    recheck_at,
)
from bot.clock import Clock
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.lull import Lull
from bot.model import DeliveryState, Target
from bot.pulse import Pulse
from bot.storage import edits, outbox
from bot.storage.chats import ACTIVE, chat_of, close_topic, give_up_chat, hold_chat, is_closed, pause_chat
from bot.storage.database import Database
from bot.storage.notices import add_chat_notice, add_notice
from bot.storage.subscriptions import makers_of
from bot.storage.waiting import admit, heed_hours
from bot.storage.wishes import heard_from_us
from bot.telegram.drafts import Draft, Drafter
from bot.telegram.flight import Call, Flight
from bot.telegram.render import Button, Rendered

log = structlog.get_logger(__name__)

IN_FLIGHT = 4
LEASE_S = 120.0
"""Longer than any one request may take; after a crash the next start recovers the row at once."""


class Messenger(Protocol):
    """Telegram, the console, or a test's fake."""

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        """The id of the message, which answers the message `reply_to` where that one still exists.

        Raises:
            DeliveryError, DeliveryUnknownError, ChatMovedError
        """
        ...

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        """Put this in place of what the message shows, silently.

        Raises:
            DeliveryError: `not-modified` where it showed just that, `message-gone` where it cannot be edited any more.
            DeliveryUnknownError, ChatMovedError
        """
        ...


class Pace(Protocol):
    """What the limits allow."""

    def held(self) -> bool:
        """Nothing may go out to anybody at this moment."""
        ...

    def waiting_chats(self, *, edits: bool = False) -> Sequence[int]:
        """The chats to which no alert may go out at this moment, or no edit of one."""
        ...

    def is_crowded(self, chat_id: int) -> bool:
        """The chat's minute is nearly full: much should be told in few messages."""
        ...


class Sender:
    """One sender a bot token."""

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
        edits_settle_s: float = SETTLES_S,
        pulse: Pulse | None = None,
    ) -> None:
        """`follow_move` gives what belongs to a group's old id to its new one.

        `only`: the one target this sender serves (the console); None serves all but that one.
        `edits_settle_s`: how long a message waits for more outlets before it is edited. `pulse` hears what went out.
        """
        self._pulse = pulse or Pulse(clock)
        self._database = database
        self._messenger = messenger
        self._pace = pace
        self._clock = clock
        self._drafter = drafter
        self._follow_move = follow_move
        self._only = only.chat_id if only else None
        self._edits_settle_s = edits_settle_s
        self._flight = Flight(IN_FLIGHT)
        self._lull = Lull(database, clock)
        self._failures = 0
        """In a row, of those that blame no chat."""
        self._rests_until = 0.0
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
            await outbox.recover_sending(tx, expired_by=self._clock.now(), without=self._flight.rows)

    @property
    def is_cut_off(self) -> bool:
        """Telegram cannot be reached or gives no answer: now and then one alert tries, the others wait."""
        return self._failures >= OUTAGE_FROM

    async def deliver_due(self) -> int:
        """Start what is due and may go out, as far as there is room; returns how many were started."""
        room = self._room()
        if room <= 0 or self._pace.held() or self._lull.lasts():
            return 0
        # What was started a moment ago may not be claimed yet.
        waiting, writes = [*self._pace.waiting_chats(), *self._flight.chat_ids], self._database.writes
        async with self._database.read() as connection:
            due = await outbox.due_targets(connection, self._clock.now(), waiting=waiting, only=self._only, limit=room)
            if not due and not waiting:
                self._lull.begin(writes, await outbox.next_due(connection, self._clock.now()))
        started = {target.chat_id: (delivery_id, target) for delivery_id, target in reversed(due)}
        for delivery_id, target in started.values():
            call = Call(delivery_id, target.chat_id)
            self._flight.start(call, self._deliver(delivery_id, target), f"delivery {delivery_id}")
        return len(started)

    def _room(self) -> int:
        if not self.is_cut_off:
            return self._flight.room
        waits = self._flight.rows or self._clock.monotonic() < self._rests_until
        return 0 if waits else 1

    async def one_done(self) -> None:
        """Wait until one of what is in flight has ended."""
        await self._flight.one_done()

    async def finish(self, timeout_s: float | None) -> None:
        """Wait for what is in flight, for so long; what has no answer by then may have arrived (see `recover`)."""
        await self._flight.finish(timeout_s)

    async def _deliver(self, delivery_id: int, target: Target) -> None:
        claimed = await self._take(delivery_id, target)
        if not claimed:
            return
        try:
            await self._send(claimed)
        except GuetteurError as error:
            await self._record_failure(claimed, error)
        except Exception as error:  # a job's boundary: one broken alert must not stop the others
            log.exception("a delivery failed unexpectedly", delivery=delivery_id)
            await self._record_failure(claimed, GuetteurError(type(error).__name__))

    async def _take(self, delivery_id: int, target: Target) -> list[outbox.Delivery]:
        """What is to be told now. It may have waited for long: whether it rings, and whether the chat may be told of it
        still, is decided once more."""
        async with self._database.transaction() as tx:
            now, burst_from = self._clock.now(), self._burst_from(target.chat_id)
            await hold_chat(tx, target.chat_id)
            await heed_hours(tx, target, now, self._drafter.timezone)
            claimed = await outbox.claim(tx, delivery_id, now, lease_s=LEASE_S, burst_from=burst_from)
            return await admit(tx, claimed, self._drafter.access, now)

    def _burst_from(self, chat_id: int) -> int | None:
        if self._only is not None:
            return None  # who reads a terminal reads it line by line
        return CROWDED_FROM if self._pace.is_crowded(chat_id) else BURST_FROM

    async def _send(self, claimed: Sequence[outbox.Delivery]) -> None:
        """Tell one delivery, or several of one bundle, in one message."""
        target, now = claimed[0].target, self._clock.now()
        async with self._database.read() as connection:
            draft = await self._drafter.draft(connection, claimed, now)
        if draft.unwatched:
            async with self._database.transaction() as tx:
                for each in draft.unwatched:
                    await outbox.close(tx, each, DeliveryState.SUPPRESSED, "name-removed", now)
        if draft.shown is None:
            return
        async with self._database.read() as connection:
            if not await outbox.are_claimed(connection, draft.told):
                return  # the chat was forgotten a moment ago
        silent = all(each.silent for each in draft.told)
        message_id = await self._reach(target, draft.shown, draft.reply_to, silent=silent)
        self._failures = 0
        try:
            await self._record(target, message_id, draft, draft.shown.digest)
        except SQLAlchemyError as error:
            raise DeliveryUnknownError("it was sent, and that could not be written down") from error
        alerts, deliveries = {each.alert_id for each in draft.told}, [each.id for each in draft.told]
        log.info("alert sent", alerts=sorted(alerts), deliveries=deliveries, chat=target.chat_id)
        arrived = self._clock.now()
        self._pulse.settled((arrived - each.created_at).total_seconds() for each in draft.told)

    async def _record(self, target: Target, message_id: int, draft: Draft, shown: str) -> None:
        now, ids = self._clock.now(), [each.id for each in (*draft.unwatched, *draft.told, *draft.no_room)]
        async with self._database.transaction() as tx:
            await hold_chat(tx, target.chat_id)
            went_on = await edits.stamp_held(tx, ids) != draft.stamp
            due_at = edit_due(now, sent_at=now, edited_at=None, settles_s=self._edits_settle_s) if went_on else None
            for each in draft.told:
                await outbox.record_sent(tx, each.id, target, message_id, now, shown=shown, edit_due_at=due_at)
            await outbox.release(tx, [each.id for each in draft.no_room])
            await heard_from_us(tx, target, now)

    async def _reach(self, target: Target, shown: Rendered, reply_to: int | None, *, silent: bool) -> int:
        """The message's id. A topic that was closed or deleted must not swallow an alert: General gets it."""
        if not target.topic_id:
            return await self._reach_chat(target.chat_id, shown, reply_to, silent=silent)
        async with self._database.read() as connection:
            closed = await is_closed(connection, target, self._clock.now())
        if closed:
            return await self._reach_chat(target.chat_id, shown, None, silent=silent)
        try:
            return await self._messenger.send(target, shown.html, shown.buttons, silent=silent, reply_to=reply_to)
        except DeliveryError as error:
            if error.code != "topic-gone":
                raise
        log.warning("topic closed or gone, telling the chat itself", chat=target.chat_id, topic=target.topic_id)
        async with self._database.transaction() as tx:
            await close_topic(tx, target, self._clock.now())
        return await self._reach_chat(target.chat_id, shown, None, silent=silent)

    async def _reach_chat(self, chat_id: int, shown: Rendered, reply_to: int | None, *, silent: bool) -> int:
        try:
            return await self._messenger.send(
                Target(chat_id), shown.html, shown.buttons, silent=silent, reply_to=reply_to
            )
        except DeliveryError as error:
            if error.code != "topic-gone":
                raise
            raise DeliveryError("no-rights", "General is closed", permanent=True) from error

    async def _record_failure(self, claimed: Sequence[outbox.Delivery], error: GuetteurError) -> None:
        now, chat_id = self._clock.now(), claimed[0].target.chat_id
        self.troubles += 1
        self._failures = self._failures + 1 if blames_no_chat(error) else 0
        self._rests_until = self._clock.monotonic() + outage_rest_s(self._failures)
        self._pulse.settled()
        log.warning("alert not sent", deliveries=[each.id for each in claimed], chat=chat_id, error=str(error))
        async with self._database.transaction() as tx:
            await hold_chat(tx, chat_id)
            for each in claimed:
                match after_failure(error, attempts=each.attempts, lost_before=each.lost_before, now=now):
                    case RetryAt(when=when, state=state, why=why, counts=counts):
                        await outbox.record_retry(tx, each, when=when, state=state, why=why, counts=counts)
                    case GiveUp(state=state, why=why, pause_chat=paused):
                        await outbox.close(tx, each, state, why, now)
                        if paused:
                            await put_aside(tx, chat_id, why, now)
            await outbox.drop_unfollowed(tx, claimed[0].target, [each.id for each in claimed])
        if isinstance(error, ChatMovedError):
            await self._follow_move(chat_id, error.new_chat_id)


async def put_aside(tx: AsyncConnection, chat_id: int, why: str, now: datetime) -> None:
    """The chat does not want us, or cannot be written to: nothing goes there until it comes back."""
    chat = await chat_of(tx, chat_id)
    if why in FINAL:
        await give_up_chat(tx, chat_id, why)
    else:
        await pause_chat(tx, chat_id, why, now, recheck_at=recheck_at(why, now, now))
    await outbox.suppress_waiting(tx, chat_id, why, now)
    if why == "no-rights" and chat is not None and chat.state == ACTIVE:
        called = chat.title or str(chat_id)
        await add_notice(tx, "chat-no-rights", now, chat=called)
        for user_id in await makers_of(tx, chat_id):  # who can mend it is seldom who runs the bot
            await add_chat_notice(tx, "chat-no-rights", now, Target(user_id), chat=called)
