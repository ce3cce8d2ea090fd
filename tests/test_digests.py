"""What did not ring is told in the digest, in the morning or when a mute is over: once, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.errors import DeliveryError, DeliveryUnknownError
from bot.model import Muted, Preferences, Priority, Quiet, Rhythm, Rings, Target
from bot.storage import wishes
from bot.storage.database import Database
from bot.storage.schema import chats, deliveries, feeds
from bot.worker import Worker
from tests.desk import ANNA, PARIS, PATHS, VANTADOUR, Desk, about, desk, tell, watchlist
from tests.newsstand import Newsstand, newsstand

BEGIN = datetime(2026, 2, 3, 9, 0, tzinfo=PARIS)
"""When the desk's clock begins, as a reader in Paris sees it."""


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def wants(here: Desk, target: Target = ANNA, **wanted: Any) -> None:
    async with here.database.transaction() as tx:
        await wishes.save_preferences(tx, target, Preferences(**wanted), here.clock.now(), PARIS)


async def wait_until(here: Desk, hour: int, minute: int = 0, *, days: int = 0) -> None:
    """Time passes; what is due by then is told."""
    moment = BEGIN.replace(hour=hour, minute=minute) + timedelta(days=days)
    here.clock.advance((moment - here.clock.now()).total_seconds())
    await here.send()
    while await here.digester.tell_due():
        pass


async def fates(here: Desk) -> list[tuple[str, str | None]]:
    async with here.database.read() as connection:
        rows = await connection.execute(select(deliveries).order_by(deliveries.c.id))
        return [(row.state, row.why) for row in rows]


async def mute(here: Desk, what: Muted, hours: float, **more: Any) -> int:
    async with here.database.transaction() as tx:
        now = here.clock.now()
        until = now + timedelta(hours=hours)
        return await wishes.add_mute(tx, ANNA, what, now=now, until=until, made_by=None, **more)


LAZREGUI = about("Le procès de Karim Lazregui s’ouvre à Sainte-Ombre")


async def test_what_waits_for_the_digest_is_told_in_it_once(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        assert here.phone.sent == []
        await wait_until(here, 18)
        [digest] = here.phone.of(ANNA)
        assert digest.startswith("<b>Votre revue · mardi 3 février, 18 h 00</b>\n1 affaire · 1 article · 1 nom")
        assert "<b>Aurélie Vantadour</b>\n• " in digest
        assert "1 flux lu, " in digest
        assert "Rien ne manque." in digest
        assert here.phone.silent == set()
        assert await fates(here) == [("sent", None)]
        await wait_until(here, 18, days=1)
        assert len(here.phone.of(ANNA)) == 1


async def test_what_rang_is_listed_and_what_is_to_check_says_why(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    lists = [watchlist("Aurélie Vantadour", "Tomás Martin")]
    async with desk(sqlite, worker, stand, lists=lists) as here:
        await wants(here, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(
            VANTADOUR, about("Le port s’interroge", "Selon le quotidien, Martin aurait vendu ses parts. " * 3)
        )
        await here.round()
        assert len(here.phone.of(ANNA)) == 1
        await wait_until(here, 18)
        [_, digest] = here.phone.of(ANNA)
        assert "2 affaires · 2 articles · 2 noms" in digest
        to_check, told = digest.index("<b>À vérifier (n’ont pas sonné)</b>"), digest.index("<b>Déjà signalées</b>")
        assert to_check < told
        assert "« Martin » seul, " in digest[to_check:told]
        assert "/100 : prénom absent, " in digest[to_check:told]
        assert "Aurélie Vantadour quitte la direction" in digest[told:]


async def test_a_recap_of_what_rang_makes_no_sound(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 18)
        assert len(here.phone.of(ANNA)) == 2
        assert here.phone.silent == {2}


async def test_a_lost_answer_repeats_one_digest_and_a_refusal_none(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        here.phone.refusals = [
            DeliveryError("network", "no network"),
            DeliveryUnknownError("lost"),
        ]
        await wait_until(here, 18)
        assert here.phone.of(ANNA) == []
        await wait_until(here, 18, 1)
        assert len(here.phone.of(ANNA)) == 1  # it came, and nobody told us
        await wait_until(here, 18, 30)
        assert len(here.phone.of(ANNA)) == 2
        await wait_until(here, 19)
        assert len(here.phone.of(ANNA)) == 2
        assert await fates(here) == [("sent", None)]


async def test_who_blocked_the_bot_is_left_alone(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        here.phone.refusals = [DeliveryError("blocked", "bot was blocked by the user", permanent=True)]
        await wait_until(here, 18)
        async with here.database.read() as connection:
            assert (await connection.execute(select(chats.c.state))).scalar_one() == "paused"
        await wait_until(here, 18, days=2)
        assert here.phone.sent == []
        assert await fates(here) == [("held", "digest")]  # told in the first digest after the return


GIVEN = [
    "Anatole",
    "Bérénice",
    "Casimir",
    "Delphine",
    "Edgard",
    "Faustine",
    "Gaspard",
    "Hortense",
    "Isidore",
    "Joséphine",
    "Killian",
    "Léonie",
] * 2
SURNAMES = [
    "Vantadour",
    "Lazregui",
    "Kerbrazec",
    "Berenguel",
    "Oudinsky",
    "Malgrange",
    "Tréguennec",
    "Fouquerolle",
    "Szalewski",
    "Quintanar",
    "Iparraguirre",
    "Bouzignac",
    "Dragomirescu",
    "Etchegoyhen",
    "Gwizdalski",
    "Haudricourt",
    "Jovellanos",
    "Kolmodin",
    "Lestringant",
    "Mazaugues",
    "Nivromont",
    "Plouhinec",
    "Ravendale",
    "Soubeyroux",
]


async def test_more_than_fits_comes_in_another_message(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    people = [f"{given} {surname}" for given, surname in zip(GIVEN, SURNAMES, strict=True)]
    long = " et le récit très long de ce que tout le monde savait depuis des années sans jamais le dire à voix haute"
    async with desk(sqlite, worker, stand, lists=[watchlist(*people)]) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        for first in range(0, 24, 3):  # many at once from a feed that had one would be taken for its archive
            stand.publish(*(about(f"{who} a vendu {first} navires{long}") for who in people[first : first + 3]))
            await here.round()
        waiting = len(await fates(here))
        assert waiting > 20
        await wait_until(here, 18)
        told = here.phone.of(ANNA)
        assert len(told) == 2
        assert set(await fates(here)) == {("sent", None)}
        for who in people:
            assert sum(f"<b>{who}</b>" in message for message in told) == 1


async def test_a_database_that_takes_nothing_has_a_digest_told_ever_more_rarely(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        async with here.database.transaction() as tx:
            await tx.execute(
                text("CREATE TRIGGER full BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        await wait_until(here, 18)
        for _ in range(10):
            here.clock.advance(3)
            await here.digester.tell_due()
        assert 1 <= len(here.phone.sent) <= 3
        async with here.database.transaction() as tx:
            await tx.execute(text("DROP TRIGGER full"))
        await wait_until(here, 19)
        told = len(here.phone.sent)
        await wait_until(here, 20)
        assert len(here.phone.sent) == told
        assert await fates(here) == [("sent", None)]


# --- Nights ------------------------------------------------------------------------------------------------------------

NIGHT = Quiet(time(8), time(10))


async def test_the_night_is_told_in_one_message_in_the_morning(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    lists = [watchlist("Aurélie Vantadour", "Karim Lazregui")]
    async with desk(database, worker, stand, lists=lists) as here:
        await wants(here, quiet=NIGHT, digest=Rhythm.OFF)
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        assert here.phone.sent == []
        await wait_until(here, 9, 59)
        assert here.phone.sent == []
        await wait_until(here, 10)
        [morning] = here.phone.of(ANNA)
        assert morning.startswith("<b>Cette nuit : 2 affaires</b>")
        assert "Karim Lazregui" in morning
        assert "Aurélie Vantadour" in morning


async def test_what_is_urgent_pierces_the_night(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    plain = watchlist("Aurélie Vantadour")
    urgent = replace(plain, names=tuple(replace(each, priority=Priority.URGENT) for each in plain.names))
    async with desk(sqlite, worker, stand, lists=[urgent]) as here:
        await wants(here, quiet=NIGHT)
        stand.publish(VANTADOUR)
        await here.round()
        assert len(here.phone.of(ANNA)) == 1
        assert here.phone.silent == set()


async def test_a_silent_night_sends_without_a_sound(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, quiet=replace(NIGHT, held=False))
        stand.publish(VANTADOUR)
        await here.round()
        assert here.phone.silent == {1}


async def test_a_night_that_is_late_disturbs_not_the_next_one_either(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    lists = [watchlist("Aurélie Vantadour", "Karim Lazregui")]
    async with desk(sqlite, worker, stand, lists=lists) as here:
        await wants(here, quiet=NIGHT, digest=Rhythm.OFF)
        stand.publish(VANTADOUR)
        await here.round()
        here.clock.advance(timedelta(days=1).total_seconds())  # nothing was sent all day: we were off
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        assert here.phone.sent == []
        await wait_until(here, 10, days=1)
        [morning] = here.phone.of(ANNA)
        assert "Aurélie Vantadour" in morning
        assert "Karim Lazregui" in morning


@pytest.mark.parametrize("held", [True, False])
async def test_an_alert_that_is_delayed_into_the_night_rings_not_there(
    database: Database, worker: Worker, stand: Newsstand, held: bool
) -> None:
    async with desk(database, worker, stand) as here:
        await wants(here, quiet=Quiet(time(11), time(15), held=held), digest=Rhythm.OFF)
        here.phone.refusals = [DeliveryError("flood", "too many requests", retry_after_s=3 * 3600.0)]
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13)
        assert len(here.phone.sent) == (0 if held else 1)
        assert here.phone.silent == (set() if held else {1})
        await wait_until(here, 15)
        assert len(here.phone.of(ANNA)) == 1


async def test_what_is_urgent_rings_in_the_night_into_which_it_was_delayed(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    plain = watchlist("Aurélie Vantadour", "Karim Lazregui")
    urgent = replace(plain, names=(plain.names[0], replace(plain.names[1], priority=Priority.URGENT)))
    async with desk(sqlite, worker, stand, lists=[urgent]) as here:
        await wants(here, quiet=Quiet(time(11), time(15)), digest=Rhythm.OFF)
        here.phone.refusals = [DeliveryError("flood", "too many requests", retry_after_s=3 * 3600.0)] * 2
        stand.publish(VANTADOUR)
        await here.round()
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        await wait_until(here, 13)
        [message] = here.phone.of(ANNA)
        assert "Karim Lazregui" in message
        assert here.phone.silent == set()
        await wait_until(here, 15)
        assert "Aurélie Vantadour" in here.phone.of(ANNA)[-1]


async def test_what_a_silent_night_could_not_send_rings_by_day(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, quiet=replace(NIGHT, held=False))
        here.phone.refusals = [DeliveryError("flood", "too many requests", retry_after_s=3 * 3600.0)]
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13)
        assert len(here.phone.of(ANNA)) == 1
        assert here.phone.silent == set()


# --- Mutes -------------------------------------------------------------------------------------------------------------


async def test_a_mute_ends_with_what_it_hid(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        await wants(here, digest=Rhythm.OFF)
        await mute(here, Muted.NAME, 3, shown="Aurélie Vantadour", identity="name:aurelie vantadour")
        await tell(here, stand, *PATHS[:2])
        assert here.phone.sent == []
        assert await fates(here) == [("held", "muted")]
        await wait_until(here, 13)
        [over] = here.phone.of(ANNA)
        assert over.startswith("<b>« Aurélie Vantadour » n’est plus en sourdine</b>\nPendant ce temps, 1 affaire :\n• ")
        assert "+1" in over
        await wait_until(here, 14)
        assert len(here.phone.of(ANNA)) == 1
        assert await fates(here) == [("sent", None)]


async def test_a_mute_that_hid_nothing_ends_without_a_word(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.OFF)
        await mute(here, Muted.ALL, 3, shown="")
        await wait_until(here, 13)
        assert here.phone.sent == []
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13, 5)
        assert len(here.phone.of(ANNA)) == 1


async def test_the_end_of_a_mute_waits_for_the_morning(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, quiet=Quiet(time(11), time(15)), digest=Rhythm.OFF)
        await mute(here, Muted.ALL, 3, shown="")
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13)
        assert here.phone.sent == []
        await wait_until(here, 15)
        assert len(here.phone.of(ANNA)) == 1


async def test_the_end_of_a_mute_waits_for_no_morning_that_is_none_any_more(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, quiet=Quiet(time(11), time(22)), digest=Rhythm.OFF)
        await mute(here, Muted.ALL, 3, shown="")
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13)
        assert here.phone.sent == []
        await wants(here, quiet=Quiet(time(11), time(14)), digest=Rhythm.OFF)
        await wait_until(here, 13, 30)
        assert here.phone.sent == []
        await wait_until(here, 14)
        assert len(here.phone.of(ANNA)) == 1


async def test_a_mute_that_ended_in_the_night_silences_nothing_any_more(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    urgent = watchlist("Aurélie Vantadour", "Karim Lazregui")
    urgent = replace(urgent, names=tuple(replace(each, priority=Priority.URGENT) for each in urgent.names))
    async with desk(sqlite, worker, stand, lists=[urgent]) as here:
        await wants(here, quiet=Quiet(time(9), time(15)), digest=Rhythm.OFF)
        await mute(here, Muted.ALL, 0.5, shown="")
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 9, 40)
        assert here.phone.sent == []  # what it hid waits for the morning
        stand.publish(VANTADOUR, LAZREGUI)
        await here.round()
        assert len(here.phone.of(ANNA)) == 1
        await wait_until(here, 15)
        assert len(here.phone.of(ANNA)) == 2


async def test_chats_that_cannot_be_told_hold_up_nobody(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        others = [Target(100 + each) for each in range(20)]
        await here.follow(*others)
        for target in (*others, ANNA):
            await wants(here, target, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR)
        await here.round()
        here.phone.refusals = [DeliveryError("network", "no network") for _ in others]
        await wait_until(here, 18)
        await here.digester.tell_due()
        assert len(here.phone.sent) == 1


async def test_a_digest_counts_what_is_muted_and_leaves_it_muted(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.DAILY, digest_at=time(18))
        await mute(here, Muted.NAME, 48, shown="Aurélie Vantadour", identity="name:aurelie vantadour")
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 18)
        [digest] = here.phone.of(ANNA)
        assert (
            "<b>En sourdine</b> Aurélie Vantadour (jusqu’au 5 févr., 9 h 01) : 1 affaire · /latest Aurélie Vantadour"
            in digest
        )
        assert here.phone.silent == {1}
        assert await fates(here) == [("held", "muted")]


async def test_muting_again_replaces_the_mute_and_lifting_tells_at_once(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.OFF)
        first = await mute(here, Muted.ALL, 3, shown="")
        assert await mute(here, Muted.ALL, 30, shown="") == first
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 13)
        assert here.phone.sent == []
        async with here.database.transaction() as tx:
            assert not await wishes.lift_mute(tx, Target(99), first, here.clock.now())
            assert await wishes.lift_mute(tx, ANNA, first, here.clock.now())
        await here.digester.tell_due()
        assert len(here.phone.of(ANNA)) == 1


async def test_a_mute_that_is_renewed_while_its_end_is_told_goes_on(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.OFF)
        await mute(here, Muted.ALL, 3, shown="")
        stand.publish(VANTADOUR)
        await here.round()

        async def again() -> None:
            await mute(here, Muted.ALL, 30, shown="")

        here.phone.meanwhile = again
        await wait_until(here, 13)
        assert len(here.phone.of(ANNA)) == 1
        async with here.database.read() as connection:
            assert len((await wishes.current_mutes(connection, [ANNA], here.clock.now()))[ANNA]) == 1


# --- Silence is explained ----------------------------------------------------------------------------------------------


async def test_a_week_of_silence_gives_a_sign_of_life(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here)
        await wait_until(here, 9, days=6)
        assert here.phone.sent == []
        await wait_until(here, 9, 5, days=7)
        [sign] = here.phone.of(ANNA)
        assert sign.startswith(
            "<b>Rien à signaler depuis une semaine, et je veille toujours</b>\nJe guette 2 noms ici."
        )
        assert here.phone.silent == {1}


async def test_an_alert_puts_the_sign_of_life_off(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        await wants(here, digest=Rhythm.OFF)
        await wait_until(here, 9, days=5)
        stand.publish(VANTADOUR)
        await here.round()
        await wait_until(here, 10, days=5)
        await wait_until(here, 9, days=8)
        assert len(here.phone.sent) == 1


async def test_the_digest_names_the_feeds_that_are_missing(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await wants(here, digest=Rhythm.DAILY, digest_at=time(18))
        stand.publish(VANTADOUR, path=PATHS[0])
        await here.round()
        async with here.database.transaction() as tx:
            gone = {"noticed": "failing", "failing_since": here.clock.now()}
            await tx.execute(update(feeds).where(feeds.c.id == "outlet1").values(gone))
            await tx.execute(update(feeds).where(feeds.c.id == "outlet2").values(noticed="refused"))
        await wait_until(here, 18)
        digest = here.phone.of(ANNA)[-1]
        assert "3 flux lus, " in digest
        assert "Illisibles : Outlet1 depuis 9 h 02. Refusés par l’éditeur : Outlet2. Rien d’autre ne manque." in digest
