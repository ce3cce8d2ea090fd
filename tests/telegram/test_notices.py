"""Notices reach the people who run the bot, together and once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.feeds.health import Trouble
from bot.model import Feed, Target
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.feeds import sync_feeds
from bot.storage.notices import Notice, add_chat_notice, add_notice, waiting_notices, withdraw
from bot.telegram.notices import Notifier, render_notices
from bot.telegram.render import Button
from bot.texts import LANGUAGES
from tests.faketime import StandingClock
from tests.telegram_html import HtmlError, parse

ANNA, BORIS = Target(1), Target(2)
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
HOUR = 3600.0


class Phone:
    def __init__(self) -> None:
        self.sent: list[tuple[Target, str]] = []
        self.tried: list[Target] = []
        self.buttons: list[str] = []
        self.refusal: GuetteurError | None = None
        self.refusals: dict[Target, GuetteurError] = {}

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        self.tried.append(target)
        refusal = self.refusals.get(target, self.refusal)
        if refusal:
            raise refusal
        try:
            parse(html)
        except HtmlError as error:
            raise DeliveryError("bad-request", str(error), permanent=True) from error
        self.sent.append((target, html))
        self.buttons += [str(each.data) for row in buttons for each in row]
        return len(self.sent)

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        raise AssertionError("a notice stays as it was told")

    def is_crowded(self, _: int) -> bool:
        return False

    def held(self) -> bool:
        return False

    def waiting_chats(self, *, edits: bool = False) -> Sequence[int]:
        return ()


def notifier(database: Database, phone: Phone, *targets: Target, clock: StandingClock | None = None) -> Notifier:
    async def recipients(_connection: AsyncConnection) -> Sequence[Target]:
        return targets

    clock = clock or StandingClock(NOW)
    return Notifier(database, phone, phone, clock, recipients=recipients, language="fr", timezone=PARIS)


async def happen(database: Database, *kinds: str) -> None:
    async with database.transaction() as tx:
        await sync_feeds(tx, [Feed("phare", "https://phare.example/feed", "Le Phare <du> Sud")], {"phare": NOW})
        for kind in kinds:
            await add_notice(tx, kind, NOW, feed_id="phare", since=NOW.isoformat(), error="no answer")


async def test_what_waits_is_told_together_and_once(database: Database) -> None:
    phone = Phone()
    told = notifier(database, phone, ANNA, BORIS)
    await happen(database, "feed-failing", "feed-recovered")
    assert await told.tell() == 2
    assert await told.tell() == 0
    assert [target for target, _ in phone.sent] == [ANNA, BORIS]
    assert phone.sent[0][1].count("Le Phare &lt;du&gt; Sud") == 2


async def test_everybody_reads_it_in_their_language(sqlite: Database) -> None:
    phone = Phone()
    async with sqlite.transaction() as tx:
        await save_chat(tx, Chat(2, "private", "", language="en"), NOW)
    await happen(sqlite, "feed-recovered")
    await notifier(sqlite, phone, ANNA, BORIS).tell()
    assert "est de retour" in phone.sent[0][1]
    assert "is back" in phone.sent[1][1]


async def test_nobody_to_tell_yet(sqlite: Database) -> None:
    phone = Phone()
    await happen(sqlite, "feed-failing")
    assert await notifier(sqlite, phone).tell() == 0
    assert await notifier(sqlite, phone, ANNA).tell() == 1


@pytest.mark.parametrize(
    ("refusal", "again"),
    [
        (DeliveryError("network", "no connection"), 1),
        (DeliveryError("flood", "wait", retry_after_s=300.0), 1),
        (DeliveryUnknownError("lost"), 0),
        (DeliveryError("blocked", "blocked", permanent=True), 1),
        (DeliveryError("bad-request", "too long", permanent=True), 1),
    ],
)
async def test_what_reached_nobody_is_told_again(sqlite: Database, refusal: GuetteurError, again: int) -> None:
    phone, clock = Phone(), StandingClock(NOW)
    told = notifier(sqlite, phone, ANNA, clock=clock)
    await happen(sqlite, "feed-failing")
    phone.refusal = refusal
    await told.tell()
    phone.refusal = None
    clock.advance(2 * HOUR)
    assert await told.tell() == again


async def test_who_cannot_be_told_now_is_told_later_and_the_others_once(sqlite: Database) -> None:
    phone, clock = Phone(), StandingClock(NOW)
    told = notifier(sqlite, phone, ANNA, BORIS, clock=clock)
    phone.refusals[BORIS] = DeliveryError("flood", "wait", retry_after_s=300.0)
    await happen(sqlite, "feed-failing")
    assert await told.tell() == 0
    await happen(sqlite, "feed-recovered")
    assert await told.tell() == 0
    assert [target for target, _ in phone.sent] == [ANNA, ANNA]
    assert phone.tried.count(BORIS) == 1
    del phone.refusals[BORIS]
    clock.advance(300)
    assert await told.tell() == 2
    assert [target for target, _ in phone.sent] == [ANNA, ANNA, BORIS]


async def test_who_blocked_us_keeps_nobody_waiting_and_counts_for_nobody(sqlite: Database) -> None:
    phone, clock = Phone(), StandingClock(NOW)
    told = notifier(sqlite, phone, ANNA, BORIS, clock=clock)
    phone.refusals[ANNA] = DeliveryError("blocked", "blocked", permanent=True)
    phone.refusals[BORIS] = DeliveryError("network", "no connection")
    await happen(sqlite, "feed-failing")
    assert await told.tell() == 0
    del phone.refusals[BORIS]
    clock.advance(60)
    assert await told.tell() == 1
    assert phone.tried == [ANNA, BORIS, BORIS]


async def test_a_group_that_moved_is_followed(sqlite: Database) -> None:
    phone, moved = Phone(), Target(-1001)
    told = notifier(sqlite, phone, Target(-1))
    phone.refusals[Target(-1)] = ChatMovedError(moved.chat_id)
    await happen(sqlite, "feed-failing")
    assert await told.tell() == 0
    assert await told.tell() == 1
    assert [target for target, _ in phone.sent] == [moved]


async def test_more_than_fits_a_message_goes_in_several(sqlite: Database) -> None:
    phone = Phone()
    told = notifier(sqlite, phone, ANNA)
    async with sqlite.transaction() as tx:
        await sync_feeds(tx, [Feed("phare", "https://phare.example/feed", "Phare <&> " * 30)], {"phare": NOW})
        for number in range(60):
            await add_notice(tx, "feed-failing", NOW, feed_id="phare", since=NOW.isoformat(), error=f"{number} <" * 99)
    numbers = [await told.tell() for _ in range(9)]
    assert sum(numbers) == 60
    assert len([number for number in numbers if number]) == len(phone.sent) > 1


async def test_what_nobody_could_be_told_in_time_is_forgotten(sqlite: Database) -> None:
    phone, clock = Phone(), StandingClock(NOW)
    await happen(sqlite, "feed-failing")
    clock.advance(47 * HOUR)
    assert await notifier(sqlite, phone, clock=clock).tell() == 0
    assert len(await waiting(sqlite)) == 1
    clock.advance(2 * HOUR)
    assert await notifier(sqlite, phone, ANNA, clock=clock).tell() == 0
    assert await waiting(sqlite) == []


async def waiting(database: Database) -> list[Notice]:
    async with database.read() as connection:
        return await waiting_notices(connection, 99)


async def test_a_notice_of_the_past_is_withdrawn(sqlite: Database) -> None:
    await happen(sqlite, "network-down", "feed-failing")
    async with sqlite.transaction() as tx:
        await withdraw(tx, "network-down")
    async with sqlite.read() as connection:
        assert [each.kind for each in await waiting_notices(connection, 9)] == ["feed-failing"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", [*(f"feed-{trouble}" for trouble in Trouble), "feed-recovered", "network-down", "network-up"]
)
def test_every_notice_has_its_words(kind: str, language: str) -> None:
    values = {"since": NOW.isoformat(), "until": NOW.isoformat(), "error": "no answer"}
    notice = Notice(1, kind, "phare", "Le Phare", values)
    shown, number = render_notices([notice], language=language, timezone=PARIS, now=NOW)
    assert number == 1
    assert "{" not in shown


# --- Edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"names_new": "2", "feeds_gone": "1", "named": "+ Ada <b>, − Phare"},
            "+2 names, −1 feed (+ Ada &lt;b&gt;, − Phare)",
        ),
        ({"names_altered": "1", "named": ""}, "changed: 1 name"),
        (
            {"keys": "alerts.language", "waiting": "web.listen", "named": ""},
            "counts from now on: alerts.language; waits for a restart: web.listen",
        ),
        ({"named": ""}, "titles and descriptions"),
    ],
)
def test_an_edit_is_told_as_a_difference(values: dict[str, str], words: str) -> None:
    notice = Notice(1, "reloaded", None, "", values)
    html, _ = render_notices([notice], language="en", timezone=PARIS, now=NOW)
    assert html.endswith(f"• Files read again: {words}.")


async def test_a_notice_for_one_chat_reaches_that_chat_alone(database: Database) -> None:
    phone = Phone()
    told = notifier(database, phone, ANNA)
    async with database.transaction() as tx:
        await add_chat_notice(tx, "list-gone", NOW, Target(77, 5), list="Les <quais>")
        await add_notice(tx, "reload-mended", NOW)
    assert await told.tell() == 2
    assert {target: "quais" in html for target, html in phone.sent} == {Target(77, 5): True, ANNA: False}
    assert await told.tell() == 0


async def test_who_runs_the_bot_and_set_up_the_chat_reads_it_once(database: Database) -> None:
    async with database.transaction() as tx:
        await add_notice(tx, "chat-no-rights", NOW, chat="Canal")
        await add_chat_notice(tx, "chat-no-rights", NOW, ANNA, chat="Canal")
    phone = Phone()
    assert await notifier(database, phone, ANNA, BORIS).tell() == 2
    assert [target for target, _ in phone.sent] == [ANNA, BORIS]
    assert all(html.count("Canal") == 1 for _, html in phone.sent)


async def test_nobody_waits_for_a_notice_to_a_chat_that_is_gone(database: Database) -> None:
    phone = Phone()
    phone.refusals[BORIS] = DeliveryError("blocked", "blocked", permanent=True)
    async with database.transaction() as tx:
        await add_chat_notice(tx, "list-gone", NOW, BORIS, list="Quais")
    assert await notifier(database, phone).tell() == 1


async def test_a_question_has_buttons(database: Database) -> None:
    phone = Phone()
    async with database.transaction() as tx:
        await add_notice(tx, "reload-asked", NOW, names_gone="4", names="5", version="0123456789abcdef")
    await notifier(database, phone, ANNA).tell()
    assert "−4 noms" in phone.sent[0][1]
    assert phone.buttons == ["reload:apply:0123456789abcdef", "reload:keep:0123456789abcdef"]
