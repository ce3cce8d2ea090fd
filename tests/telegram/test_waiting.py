"""What waits or is held follows what its readers want by then: names let go, mutes, digests turned off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.model import Entity, Scope, Target, WatchedName, chat_scope, list_scope
from bot.storage import names
from bot.storage.database import insert
from bot.storage.schema import alerts, deliveries, matches
from bot.storage.subscriptions import subscribe
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, NOW, Newsroom

HERE = Target(ADA.id)
JUSTICE, SECRET, OWN = list_scope("justice"), list_scope("secret"), chat_scope(HERE)
AMRA, BINGUI = (JUSTICE, "Mohamed Amra"), (JUSTICE, "Félix Bingui")
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def waiting(newsroom: Newsroom, told: Sent) -> Newsroom:
    """Ada follows a list and a name of her own, and was told one alert, number 5."""
    assert told
    await newsroom.ask(ADA, "/watch Karim Exemple")
    async with newsroom.database.transaction() as tx:
        for scope, name in (BINGUI, (OWN, "Karim Exemple")):
            row = {"article_id": 1, "scope": scope, "name_id": name, "alias": name, "text": name, "field": "title",
                   "start": 0, "end": 5, "score": 100, "tier": "certain", "reasons": [["full-name", {}]]}  # fmt: skip
            await tx.execute(insert(tx, matches).values(row))
    return newsroom


async def owe(newsroom: Newsroom, number: int, *about: tuple[Scope, str], state: str = "pending", **more: Any) -> None:
    async with newsroom.database.transaction() as tx:
        alert = {"id": number, "story_id": 1, "sequence": number, "article_id": 1, "created_at": NOW()}
        await tx.execute(insert(tx, alerts).values(alert))
        row = {"id": number, "alert_id": number, "chat_id": ADA.id, "topic_id": 0, "state": state, "tier": "certain",
               "priority": "normal", "names": [list(each) for each in about], "due_at": FAR,
               "created_at": NOW()}  # fmt: skip
        await tx.execute(insert(tx, deliveries).values(row | more))


async def fates(newsroom: Newsroom) -> dict[int, tuple[str, str | None]]:
    async with newsroom.database.read() as connection:
        rows = await connection.execute(select(deliveries).where(deliveries.c.id > 5).order_by(deliveries.c.id))
        return {row.id: (row.state, row.why) for row in rows}


async def row_of(newsroom: Newsroom, number: int) -> Any:
    async with newsroom.database.read() as connection:
        return (await connection.execute(select(deliveries).where(deliveries.c.id == number))).one()


# --- Names let go ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["typed", "pressed"])
async def test_a_list_that_is_left_is_told_no_more(waiting: Newsroom, how: str) -> None:
    await owe(waiting, 11, AMRA)
    await owe(waiting, 12, AMRA, BINGUI, state="held", why="digest")
    await owe(waiting, 13, AMRA, (OWN, "Karim Exemple"), state="unknown", why="answer-lost")
    await owe(waiting, 14, AMRA, state="sending")
    if how == "typed":
        await waiting.ask(ADA, "/unsubscribe justice")
    else:
        page = await waiting.ask(ADA, "/watchlists")
        await waiting.press_data(ADA, page, "unfollow:justice:0")
    assert await fates(waiting) == {
        11: ("suppressed", "name-removed"),
        12: ("suppressed", "name-removed"),
        13: ("unknown", "answer-lost"),
        14: ("sending", None),
    }
    assert (await row_of(waiting, 13)).names == [[OWN, "Karim Exemple"]]


async def test_a_name_that_is_let_go_is_told_no_more(waiting: Newsroom) -> None:
    await owe(waiting, 11, (OWN, "Karim Exemple"))
    await owe(waiting, 12, AMRA)
    await waiting.ask(ADA, "/unwatch Karim Exemple")
    assert await fates(waiting) == {11: ("suppressed", "name-removed"), 12: ("pending", None)}


async def test_who_stands_in_another_list_too_is_still_told(waiting: Newsroom) -> None:
    async with waiting.database.transaction() as tx:
        again = WatchedName(SECRET, "amra", Entity("Mohamed Amra"))
        await names.add_name(tx, again, NOW(), None)
        await subscribe(tx, HERE, SECRET, NOW(), ADA.id)
    await owe(waiting, 11, AMRA)
    await waiting.ask(ADA, "/unsubscribe justice")
    assert await fates(waiting) == {11: ("pending", None)}
    assert (await row_of(waiting, 11)).names == [[SECRET, "amra"]]


# --- Mutes ----------------------------------------------------------------------------------------------------------


async def test_a_mute_holds_what_waits_already(waiting: Newsroom) -> None:
    await owe(waiting, 11, AMRA)
    await owe(waiting, 12, AMRA, BINGUI)
    await owe(waiting, 13, BINGUI)
    await owe(waiting, 14, AMRA, state="unknown", why="answer-lost")
    await owe(waiting, 15, AMRA, state="sending")
    await waiting.ask(ADA, "/mute amra 24h")
    left = {13: ("pending", None), 14: ("held", "muted"), 15: ("sending", None)}
    assert await fates(waiting) == {11: ("held", "muted"), 12: ("pending", None), **left}
    assert (await row_of(waiting, 11)).mute_id is not None
    await waiting.ask(ADA, "/mute bingui 24h")
    assert (await fates(waiting))[12] == ("held", "muted")  # the other of its names, by now
    assert (await fates(waiting))[13] == ("held", "muted")


@pytest.mark.parametrize("data", ["mute:5:story", "hush:all:24h"])
async def test_a_story_or_everything_that_is_muted_waits(waiting: Newsroom, told: Sent, data: str) -> None:
    await owe(waiting, 11, AMRA, BINGUI, priority="urgent")
    await waiting.press_data(ADA, told, data)
    assert await fates(waiting) == {11: ("held", "muted")}


# --- Digests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", ["set:digest:off", "set:rings:at-once"])
async def test_what_waited_for_digests_rings_when_none_comes(waiting: Newsroom, told: Sent, data: str) -> None:
    await waiting.press_data(ADA, told, "set:rings:digest")
    await waiting.ask(ADA, "/mute bingui 24h")
    await owe(waiting, 11, AMRA, state="held", why="digest")
    await owe(waiting, 12, AMRA, state="held", why="digest", priority="digest")
    await owe(waiting, 13, AMRA, state="held", why="possible", tier="possible")
    await owe(waiting, 14, BINGUI, state="held", why="digest")
    await waiting.press_data(ADA, told, "set:digest:hourly")
    assert (await fates(waiting))[11] == ("held", "digest")
    await waiting.press_data(ADA, told, data)
    assert await fates(waiting) == {
        11: ("pending", None),
        12: ("held", "digest"),
        13: ("held", "possible"),
        14: ("held", "muted"),
    }
    row = await row_of(waiting, 11)
    assert (row.bundle, row.due_at <= NOW()) == ("catch-up", True)


@pytest.mark.parametrize("mode", ["", "silent"])
async def test_what_waited_for_digests_disturbs_no_night(waiting: Newsroom, told: Sent, mode: str) -> None:
    here = NOW().astimezone(ZoneInfo("Europe/Paris"))
    begin, end = ((here + timedelta(hours=hours)).strftime("%H:00") for hours in (-2, 3))
    await waiting.ask(ADA, f"/quiet {begin}-{end} {mode}")
    await waiting.press_data(ADA, told, "set:rings:digest")
    await owe(waiting, 11, AMRA, state="held", why="digest")
    await waiting.ask(ADA, "/digest off")
    row = await row_of(waiting, 11)
    silent = mode == "silent"
    assert (row.state, row.due_at <= NOW(), row.silent) == ("pending", silent, silent)
    assert row.bundle == ("catch-up" if silent else "night")
