"""Access that ends, ends: nothing is told any more, by whichever way, and it is kept why. What is followed stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from bot.access import access_by
from bot.config import Settings
from bot.model import Entity, Muted, Preferences, Quiet, Rhythm, Rings, Target, WatchedName, Watchlist, list_scope
from bot.storage import names, wishes
from bot.storage.chats import pause_chat
from bot.storage.database import Database
from bot.storage.missed import come_back
from bot.storage.people import Role, new_invitation, redeem, remove_member
from bot.storage.schema import deliveries, messages
from bot.storage.subscriptions import subscribe
from bot.worker import Worker
from tests.desk import ANNA, PARIS, PATHS, QUAIS, VANTADOUR, Desk, about, desk, tell, watchlist
from tests.newsstand import Newsstand, newsstand

LISTS = [watchlist("Aurélie Vantadour", "Karim Lazregui", "Yann Kerbrazec")]
LAZREGUI = about("Le procès de Karim Lazregui s’ouvre à Sainte-Ombre")
KERBRAZEC = about("Yann Kerbrazec prend la mer avec trois navires")
BY_INVITATION = Settings()


def allowing(*ids: int) -> Settings:
    return Settings.model_validate({"telegram": {"access": "allowlist", "allow": list(ids)}})


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def let_in(here: Desk) -> None:
    async with here.database.transaction() as tx:
        secret = await new_invitation(tx, here.clock.now(), 9)
        await redeem(tx, secret, Role.MEMBER, ANNA.chat_id, "Anna", here.clock.now())
    here.obey(BY_INVITATION)


async def remove(here: Desk) -> None:
    here.obey(BY_INVITATION)
    async with here.database.transaction() as tx:
        await remove_member(tx, ANNA.chat_id)


async def strike_off(here: Desk) -> None:
    here.obey(allowing(99))


async def narrow(here: Desk) -> None:
    await show_to(here, (99,))


async def widen(here: Desk) -> None:
    await show_to(here, "everyone")


async def show_to(here: Desk, visible_to: str | tuple[int, ...]) -> None:
    async with here.database.transaction() as tx:
        changed = [replace(each, visible_to=visible_to) for each in here.watchlists]
        await names.change_watchlists(tx, changed, [], here.clock.now())


async def put_on(here: Desk) -> None:
    here.obey(allowing(ANNA.chat_id))


Act = Callable[[Desk], Awaitable[None]]
ENDS: dict[str, tuple[Act, Act]] = {
    "struck off the list": (put_on, strike_off),
    "removed": (let_in, remove),
    "the list narrowed": (widen, narrow),
}
"""How access is given, and how it ends."""


@pytest.fixture(params=list(ENDS.values()), ids=list(ENDS))
def gives_and_ends(request: pytest.FixtureRequest) -> tuple[Act, Act]:
    given: tuple[Act, Act] = request.param
    return given


async def wants(here: Desk, target: Target = ANNA, **wanted: object) -> None:
    async with here.database.transaction() as tx:
        now = here.clock.now()
        await wishes.save_preferences(tx, target, Preferences(**wanted), now, PARIS)  # type: ignore[arg-type]


async def fates(here: Desk) -> list[tuple[str, str | None]]:
    async with here.database.read() as connection:
        rows = await connection.execute(select(deliveries).order_by(deliveries.c.id))
        return [(row.state, row.why) for row in rows]


async def later(here: Desk, **span: float) -> None:
    """Time passes; what is due by then is told."""
    here.clock.advance(timedelta(**span).total_seconds())
    await here.send()
    while await here.digester.tell_due():
        pass


async def test_what_comes_up_afterwards_is_not_told_and_the_rest_once_access_is_back(
    database: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(database, worker, stand, lists=LISTS) as here:
        await give(here)
        stand.publish(VANTADOUR)
        await here.round()
        await end(here)
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        assert len(here.phone.sent) == 1
        assert await fates(here) == [("sent", None), ("suppressed", "no-access")]
        explanation = await here.why(stand.url(f"/articles/{LAZREGUI.number}.html"))
        assert [(each.target, each.why) for each in explanation.deliveries] == [(ANNA, "no-access")]
        await give(here)
        stand.publish(VANTADOUR, LAZREGUI, KERBRAZEC)
        await here.round()
        [_, message] = here.phone.of(ANNA)
        assert "Yann Kerbrazec" in message


async def test_a_story_that_came_up_without_access_is_kept_once(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await strike_off(here)
        await tell(here, stand, *PATHS[:2])
        await tell(here, stand, PATHS[2])
        assert await fates(here) == [("suppressed", "no-access")]


async def test_what_was_to_be_told_in_the_morning_is_not(
    database: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(database, worker, stand, lists=LISTS) as here:
        await give(here)
        await wants(here, quiet=Quiet(time(8), time(10)))
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        assert await fates(here) == [("pending", None)] * 2
        await end(here)
        await later(here, hours=2)
        assert here.phone.sent == []
        assert await fates(here) == [("suppressed", "no-access")] * 2


@pytest.mark.parametrize("quiet", [True, False], ids=["a night", "a digest"])
async def test_a_story_that_goes_on_rings_once_access_is_back(
    database: Database, worker: Worker, stand: Newsstand, quiet: bool
) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        await put_on(here)
        if quiet:
            await wants(here, quiet=Quiet(time(8), time(10)))
        else:
            await wants(here, digest=Rhythm.HOURLY, rings=Rings.DIGEST)
        await tell(here, stand, PATHS[0])
        await strike_off(here)
        await later(here, hours=2)
        assert [why for _, why in await fates(here)] == ["no-access"]
        assert here.phone.sent == []
        await wants(here)
        await put_on(here)
        await tell(here, stand, PATHS[1])
        await later(here, hours=1)  # two hours without a poll: what came up meanwhile is bundled
        assert len(here.phone.sent) == 1


async def test_access_that_is_back_by_the_morning_loses_nothing(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, lists=LISTS) as here:
        await give(here)
        await wants(here, quiet=Quiet(time(8), time(10)))
        stand.publish(VANTADOUR)
        await here.round()
        await end(here)
        await give(here)
        await later(here, hours=2)
        assert len(here.phone.of(ANNA)) == 1


async def test_what_waits_for_a_digest_is_not_told_nor_what_rang_before(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, lists=LISTS) as here:
        await give(here)
        await wants(here, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        await end(here)
        await later(here, hours=10)
        assert len(here.phone.sent) == 1
        assert await fates(here) == [("sent", None), ("suppressed", "no-access")]
        await give(here)
        stand.publish(VANTADOUR, LAZREGUI, KERBRAZEC)
        await here.round()
        await later(here, days=1)
        assert "Yann Kerbrazec" in here.phone.of(ANNA)[-1]


async def test_what_a_mute_hid_is_not_told_at_its_end(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, lists=LISTS) as here:
        await give(here)
        async with sqlite.transaction() as tx:
            until = here.clock.now() + timedelta(hours=3)
            await wishes.add_mute(tx, ANNA, Muted.ALL, now=here.clock.now(), until=until, made_by=None, shown="")
        stand.publish(VANTADOUR)
        await here.round()
        assert await fates(here) == [("held", "muted")]
        await end(here)
        await later(here, hours=4)
        assert here.phone.sent == []
        assert await fates(here) == [("suppressed", "no-access")]


async def test_no_sign_of_life_goes_where_nothing_may_be_told(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, lists=LISTS) as here:
        await give(here)
        await wants(here, digest=Rhythm.OFF)
        await end(here)
        await later(here, days=8)
        assert here.phone.sent == []
        await give(here)
        await later(here, days=8)
        assert len(here.phone.of(ANNA)) == 1


async def test_messages_that_were_sent_are_not_edited_any_more(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await give(here)
        await tell(here, stand, PATHS[0])
        await end(here)
        await tell(here, stand, PATHS[1])
        await here.revise(after_s=60)
        assert (len(here.phone.sent), here.phone.edits) == (1, [])
        async with sqlite.read() as connection:
            assert (await connection.execute(select(messages.c.edit_why))).scalar_one() == "no-access"


async def test_of_two_lists_the_other_is_told_and_names_nobody_of_the_first(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    harbour = list_scope("harbour")
    other = [WatchedName(harbour, each.id, each.entity) for each in watchlist("Tomás Berenguel").names]
    lists = [watchlist("Aurélie Vantadour"), Watchlist("harbour", "Le port", tuple(other))]
    async with desk(sqlite, worker, stand, lists=lists) as here:
        await wants(here, quiet=Quiet(time(8), time(10)))
        async with sqlite.transaction() as tx:
            await subscribe(tx, ANNA, harbour, here.clock.now(), None)
        both = about("Aurélie Vantadour et Tomás Berenguel quittent la direction du port")
        stand.publish(both)
        await here.round()
        async with sqlite.transaction() as tx:
            await names.change_watchlists(tx, [replace(lists[0], visible_to="admins")], [], here.clock.now())
        await later(here, hours=2)
        [message] = here.phone.of(ANNA)
        assert "<b>Tomás Berenguel</b>" in message
        assert "Les quais" not in message
        async with sqlite.read() as connection:
            told = (await connection.execute(select(deliveries.c.names))).scalar_one()
        assert QUAIS not in {scope for scope, _ in told}


async def test_who_returns_is_told_how_much_it_missed_of_what_it_may_see(
    sqlite: Database, worker: Worker, stand: Newsstand, gives_and_ends: tuple[Act, Act]
) -> None:
    async def returns() -> int:
        async with sqlite.transaction() as tx:
            missed = await come_back(tx, ANNA.chat_id, access_by(here.settings))
            await pause_chat(tx, ANNA.chat_id, "blocked", since)
        return missed

    give, end = gives_and_ends
    async with desk(sqlite, worker, stand, lists=LISTS) as here:
        await give(here)
        since = here.clock.now()
        async with sqlite.transaction() as tx:
            await pause_chat(tx, ANNA.chat_id, "blocked", since)
        stand.publish(VANTADOUR)
        await here.round()
        assert await returns() == 1
        await end(here)
        assert await returns() == 0


async def test_an_edit_no_longer_names_whom_a_narrowed_list_watches(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    both = "Aurélie Vantadour et Karim Lazregui quittent la direction du port de Sainte-Ombre"
    other = list_scope("terminal")
    lists = [
        watchlist("Aurélie Vantadour"),
        Watchlist("terminal", "Le terminal", (WatchedName(other, "Karim Lazregui", Entity("Karim Lazregui")),)),
    ]
    async with desk(sqlite, worker, stand, *PATHS[:2], lists=lists) as here:
        await put_on(here)
        await here.follow(ANNA, scope=other)
        stand.publish(about(both), path=PATHS[0])
        await here.round()
        assert "<b>Karim Lazregui</b>" in here.phone.shown(1).split("\n")[0]
        async with here.database.transaction() as tx:
            await names.change_watchlists(tx, [replace(lists[1], visible_to=(99,))], [], here.clock.now())
        stand.publish(about(f"{both}, selon le port"), path=PATHS[1])
        await here.round()
        await here.revise(after_s=20)
        assert "<b>2 médias</b>" in here.phone.shown(1)
        assert "Karim Lazregui" not in here.phone.shown(1).split("\n")[0]
