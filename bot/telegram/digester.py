"""Tells what did not ring: digests, what a mute hid once it is over, and a sign of life where nothing was told.

Each is due in the tables, sent, and only then recorded: a crash or a lost answer in between repeats one message, and
what did not fit goes on waiting for the next one. Decides neither what is held nor when (`alerts/`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access, access_by
from bot.alerts.hours import in_peace, next_digest, quiet_until
from bot.alerts.outbox import GiveUp, after_failure
from bot.clock import Clock
from bot.config import Settings
from bot.errors import ChatMovedError, DeliveryUnknownError, GuetteurError
from bot.model import Mute, Preferences, Rhythm, Target
from bot.storage import digests, outbox, wishes
from bot.storage.access import count_names_served, scopes_served
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.waiting import close_held
from bot.telegram.digest_screen import Reader, render_digest, render_mute_end, render_sign_of_life
from bot.telegram.sender import Messenger, Pace, put_aside

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Chats looked at by one tick: a digest for a thousand chats at eight must not hold up what is urgent."""
LOOK_BACK = timedelta(days=1)
"""What a first digest covers."""


class Digester:
    """One a bot token."""

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        pace: Pace,
        clock: Clock,
        *,
        language: str,
        timezone: ZoneInfo,
        access: Access,
        follow_move: Callable[[int, int], Awaitable[None]],
    ) -> None:
        """`language`, `timezone`: of chats that chose none."""
        self._database = database
        self._messenger = messenger
        self._pace = pace
        self._clock = clock
        self._language = language
        self._timezone = timezone
        self._access = access
        self._follow_move = follow_move
        self._failures: dict[Target, tuple[int, datetime]] = {}
        """Target → failures in a row, and when it is tried again. A restart tries at once."""
        self._asleep: set[Target] = set()
        """Where a mute ended within quiet hours: what it hid would ring in them."""

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._language, self._timezone = settings.alerts.language, ZoneInfo(settings.alerts.timezone)
        self._access = access_by(settings)

    async def tell_due(self) -> int:
        """Tell what is due, to some chats; returns how many messages went out."""
        if self._pace.held():
            return 0
        now = self._clock.now()
        resting = {target for target, (_, until) in self._failures.items() if now < until}
        async with self._database.read() as connection:
            self._asleep = await self._still_asleep(connection, now)
            ended = await wishes.ended_mutes(connection, now, without=resting | self._asleep, limit=AT_ONCE)
            due = await wishes.due_digests(connection, now, without=resting, limit=AT_ONCE)
            silent = await wishes.due_signs(connection, now, without=resting, limit=AT_ONCE)
        told = 0
        for mute in ended:
            told += await self._guarded(mute.target, partial(self._end_mute, mute))
        for each in due:
            told += await self._guarded(each.target, partial(self._digest, each))
        for each in silent:
            told += await self._guarded(each.target, partial(self._sign_of_life, each))
        return told

    async def _still_asleep(self, connection: AsyncConnection, now: datetime) -> set[Target]:
        """By the quiet hours and the zones as they are now: somebody may have changed them since."""
        wanted = await wishes.wishes_of(connection, self._asleep, now, self._timezone) if self._asleep else {}
        return {target for target, each in wanted.items() if in_peace(each.preferences.quiet, now, each.zone)[0] > now}

    async def _guarded(self, target: Target, tell: Callable[[], Awaitable[bool]]) -> int:
        """One message to one target, or what its failure means; 1 if it went out."""
        _, rests_until = self._failures.get(target, (0, None))
        if rests_until is not None and self._clock.now() < rests_until:
            return 0  # since a moment ago
        try:
            sent = await tell()
        except GuetteurError as error:
            await self._record_failure(target, error)
            return 0
        except Exception as error:  # a job's boundary: what one chat cannot be told must not hold up the others
            log.exception("a digest failed unexpectedly", chat=target.chat_id)
            await self._record_failure(target, GuetteurError(type(error).__name__))
            return 0
        self._failures.pop(target, None)
        return int(sent)

    @asynccontextmanager
    async def _written_down(self) -> AsyncIterator[AsyncConnection]:
        """What follows a message that arrived: a database that takes nothing must not have it told at every tick.

        Raises:
            DeliveryUnknownError: it could not be written down; the message comes again, ever more rarely.
        """
        try:
            async with self._database.transaction() as tx:
                yield tx
        except SQLAlchemyError as error:
            raise DeliveryUnknownError("it was told, and that could not be written down") from error

    # --- Digests --------------------------------------------------------------------------------------------------

    async def _digest(self, due: wishes.DueDigest) -> bool:
        now, target = self._clock.now(), due.target
        await self._close_held(target)
        async with self._database.read() as connection:
            reader = await self._reader(connection, target, now)
            served = await scopes_served(connection, target.chat_id, self._access, topic_id=target.topic_id)
            resting = _rests_until(due.preferences, now, reader.timezone)
            since = due.since or now - LOOK_BACK
            digest = await digests.digest_of(connection, target, since, now, self._access)
        next_at = resting or next_digest(due.preferences.digest, due.preferences.digest_at, now, reader.timezone)
        if resting is not None or digest.is_empty or not served:
            async with self._database.transaction() as tx:
                await wishes.put_off_digest(tx, target, next_at)
            return False
        told = render_digest(digest, reader)
        quiet = quiet_until(due.preferences.quiet, now, reader.timezone) is not None
        message_id = await self._messenger.send(
            target, told.shown.html, told.shown.buttons, silent=quiet or not digest.is_news
        )
        held = {line.delivery_id for line in (*digest.waiting, *digest.to_check)}
        left = held - set(told.delivery_ids)
        async with self._written_down() as tx:
            await _record_told(tx, target, message_id, [each for each in told.delivery_ids if each in held], now)
            await wishes.record_digest(tx, target, now, now if left else next_at)
        log.info("digest sent", chat=target.chat_id, told=len(told.delivery_ids), left=len(left))
        return True

    # --- Mutes that are over --------------------------------------------------------------------------------------

    async def _end_mute(self, mute: Mute) -> bool:
        now, target = self._clock.now(), mute.target
        await self._close_held(target)
        async with self._database.read() as connection:
            reader = await self._reader(connection, target, now)
            wanted = await wishes.preferences_of(connection, target)
            held = await digests.held_by_mute(connection, target, mute.id)
            lines = await digests.lines_of(connection, held, self._access)
        due_at, silent = in_peace(wanted.quiet, now, reader.timezone)
        if lines and due_at > now:
            self._asleep.add(target)
            return False
        told = render_mute_end(mute, lines, reader) if lines else None
        message_id = None
        if told is not None:
            message_id = await self._messenger.send(target, told.shown.html, (), silent=silent)
        async with self._written_down() as tx:
            if told is not None and message_id is not None:
                await _record_told(tx, target, message_id, told.delivery_ids, now)
            if len(held) < digests.MOST_HELD and (told is None or len(told.delivery_ids) == len(lines)):
                await wishes.close_mute(tx, mute.id, now)
        return told is not None

    # --- Signs of life --------------------------------------------------------------------------------------------

    async def _sign_of_life(self, due: wishes.DueDigest) -> bool:
        now, target = self._clock.now(), due.target
        async with self._database.read() as connection:
            reader = await self._reader(connection, target, now)
            names = await count_names_served(connection, target, self._access)
            feeds = await digests.feeds_read(connection, target, now - wishes.SIGN_OF_LIFE, self._access)
            to_check = await digests.held_for(connection, target, ("possible", "digest", "muted"))
        if names:
            shown = render_sign_of_life(feeds, names, len(to_check), reader)
            await self._messenger.send(target, shown.html, shown.buttons, silent=True)
        async with self._written_down() as tx:
            await wishes.heard_from_us(tx, target, now)
        return bool(names)

    # --- What they share ------------------------------------------------------------------------------------------

    async def _close_held(self, target: Target) -> None:
        """What is held for a chat that may not be told of it any more is not told."""
        async with self._database.transaction() as tx:
            await close_held(tx, target, self._access)

    async def _reader(self, connection: AsyncConnection, target: Target, now: datetime) -> Reader:
        chat = await chat_of(connection, target.chat_id)
        return Reader(
            language=(chat and chat.language) or self._language,
            timezone=ZoneInfo(chat.timezone) if chat and chat.timezone else self._timezone,
            now=now,
        )

    async def _record_failure(self, target: Target, error: GuetteurError) -> None:
        now = self._clock.now()
        attempts, _ = self._failures.get(target, (0, now))
        log.warning("a digest was not told", chat=target.chat_id, error=str(error))
        match after_failure(error, attempts=attempts, lost_before=False, now=now):
            case GiveUp(why=why, pause_chat=paused):
                self._failures[target] = (attempts + 1, now + LOOK_BACK)
                if paused:
                    async with self._database.transaction() as tx:
                        await put_aside(tx, target.chat_id, why, now)
            case retry:
                self._failures[target] = (attempts + 1, retry.when)
        if isinstance(error, ChatMovedError):
            await self._follow_move(target.chat_id, error.new_chat_id)


def _rests_until(wanted: Preferences, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Hourly digests stop at night; a daily one comes at the hour that somebody chose."""
    return quiet_until(wanted.quiet, now, zone) if wanted.digest is Rhythm.HOURLY else None


async def _record_told(
    tx: AsyncConnection, target: Target, message_id: int, delivery_ids: Sequence[int], now: datetime
) -> None:
    for each in delivery_ids:
        await outbox.record_sent(tx, each, target, message_id, now, bundle=outbox.DIGEST)
    await wishes.heard_from_us(tx, target, now)
