"""The whole flow with real parts but Telegram's: what is new is told once, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import access_by
from bot.config import Settings
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError
from bot.matching import MatchingThread
from bot.model import Feed, Match, Target
from bot.pipeline import Editor
from bot.storage import outbox
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.erasure import forget_chat
from bot.storage.schema import articles
from bot.telegram.drafts import Draft, Drafter
from bot.telegram.sender import Sender
from bot.worker import Worker
from tests.desk import ANNA, BORIS, OPEN, PARIS, VANTADOUR, WATCHED, Desk, about, desk, watchlist
from tests.fates import fates
from tests.newsstand import Newsstand, newsstand


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def test_a_new_entry_is_told_once_to_who_follows(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        await here.round()
        [message] = here.phone.of(ANNA)
        assert "<b>Aurélie Vantadour</b>" in message
        assert here.phone.of(BORIS) == []


async def test_the_first_poll_is_a_baseline(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    stand.publish(VANTADOUR)
    made = Desk(sqlite, worker, [Feed("feed", stand.url(), interval_s=30)], [watchlist(*WATCHED)])
    await made.start()
    await made.follow(ANNA)
    await made.round()
    await made.round()
    assert made.phone.sent == []
    explanation = await made.why(stand.url(f"/articles/{VANTADOUR.number}.html"))
    assert explanation.state == "baseline"
    await made.stop()


async def test_an_edited_baseline_article_tells_only_the_name_it_adds(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, items=[VANTADOUR]) as here:
        stand.publish(replace(VANTADOUR, title=f"{VANTADOUR.title}, dès lundi"))
        await here.round()
        assert here.phone.sent == []
        stand.publish(replace(VANTADOUR, text=f"{VANTADOUR.text} Tomás Berenguel lui succède."))
        await here.round()
        [message] = here.phone.of(ANNA)
        assert message.startswith("<b>Tomás Berenguel</b>")


async def test_a_name_that_an_edit_of_a_baseline_makes_certain_rings(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    old = about("Le marché couvert rouvre dimanche à Sainte-Ombre")
    async with desk(sqlite, worker, stand, items=[old], lists=[watchlist("Hélène Martin")]) as here:
        stand.publish(replace(old, text=f"{old.text} Mme Martin s'en félicite."))
        await here.round()
        assert await fates(sqlite) == {"held": 1}
        stand.publish(replace(old, text=f"{old.text} Hélène Martin s'en félicite."))
        await here.round()
        [message] = here.phone.of(ANNA)
        assert message.startswith("<b>Hélène Martin</b>")


async def test_another_guid_or_tracker_is_the_same_article(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        link = f"/articles/{VANTADOUR.number}.html?utm_source=rss"
        stand.publish(replace(VANTADOUR, guid="churned", link=link))
        await here.round()
        assert len(here.phone.sent) == 1


async def test_a_name_that_an_edit_adds_is_told_alone(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        stand.publish(replace(VANTADOUR, text=f"{VANTADOUR.text} Tomás Berenguel lui succède."))
        await here.round()
        first, second = here.phone.of(ANNA)
        assert second.startswith("<b>Tomás Berenguel</b>")
        assert "Berenguel" not in first


async def test_a_story_of_two_outlets_is_told_once(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, "/phare", "/dune") as here:
        stand.publish(VANTADOUR, path="/phare")
        stand.publish(about("Sainte-Ombre : Aurélie Vantadour quitte la direction du port"), path="/dune")
        await here.round()
        await here.round()
        assert len(here.phone.sent) == 1


@pytest.mark.parametrize("order", [("/phare", "/dune"), ("/dune", "/phare")])
async def test_the_earliest_article_leads_whatever_feed_came_first(
    sqlite: Database, worker: Worker, stand: Newsstand, order: tuple[str, str]
) -> None:
    async with desk(sqlite, worker, stand, *order) as here:
        early = here.clock.now() - timedelta(hours=1)
        stand.publish(replace(VANTADOUR, published=early), path="/dune")
        later = about("Sainte-Ombre : Aurélie Vantadour quitte la direction du port")
        stand.publish(replace(later, published=early + timedelta(minutes=20)), path="/phare")
        await here.round()
        [message] = here.phone.of(ANNA)
        assert "Dune" in message.splitlines()[2]


async def test_one_bad_feed_disturbs_no_other(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, "/phare", "/dune") as here:
        stand.answer(500, path="/phare")
        stand.publish(VANTADOUR, path="/dune")
        await here.round()
        assert len(here.phone.sent) == 1
        assert here.poller.failed == 1


async def test_a_broken_feed_tells_afterwards_what_it_published(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.serve(b"<html><body>Bad gateway</body></html>", content_type="text/html")
        await here.round()
        stand.publish(VANTADOUR)
        here.clock.advance(3600)
        await here.round()
        assert len(here.phone.sent) == 1


async def test_a_document_that_breaks_off_is_asked_for_again(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.serve(b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Aur')
        await here.round()
        await here.round()
        _, asked_broken, asked_again = (asked.headers.get("If-None-Match") for asked in stand.asked())
        assert asked_again == asked_broken, "the validators of the broken document were kept"


async def test_an_old_entry_is_never_told(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(replace(VANTADOUR, published=here.clock.now() - timedelta(days=3)))
        await here.round()
        assert here.phone.sent == []


async def test_a_list_looks_at_the_feeds_of_its_tags(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    lists = [watchlist(*WATCHED, tags=frozenset({"dune"}))]
    async with desk(sqlite, worker, stand, "/phare", "/dune", lists=lists) as here:
        stand.publish(VANTADOUR, path="/phare")
        await here.round()
        assert here.phone.sent == []
        stand.publish(replace(VANTADOUR, link=stand.url(f"/articles/{VANTADOUR.number}.html")), path="/dune")
        await here.round()
        assert len(here.phone.sent) == 1


async def test_an_article_that_breaks_the_matcher_holds_up_no_other(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    class Brittle:
        def __init__(self, sound: MatchingThread) -> None:
            self._sound = sound

        async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
            if "Berenguel" in documents[0][0]:
                raise ZeroDivisionError
            return await self._sound.match(documents)

    async with desk(sqlite, worker, stand) as here:
        here.editor = Editor(sqlite, Brittle(here.matching), here.clock, OPEN)
        stand.publish(about("Tomás Berenguel gagne la régate"), VANTADOUR)
        await here.round()
        assert len(here.phone.sent) == 1
        await here.restart()
        await here.round()
        assert len(here.phone.sent) == 2


# --- After an outage of ours -----------------------------------------------------------------------------------------


async def test_what_an_outage_held_back_is_told_in_one_message(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, "/phare", "/dune") as here:
        await here.stop()
        here.clock.advance(3600 * 60)
        early = here.clock.now() - timedelta(hours=58)
        stand.publish(replace(VANTADOUR, published=early), path="/phare")
        stand.publish(about("Tomás Berenguel ouvre une école de voile à Tarvel"), path="/dune")
        await here.start()
        await here.round()
        assert here.phone.sent == [], "the feeds may still be coming back"
        here.clock.advance(60)
        await here.send()
        [message] = here.phone.of(ANNA)
        assert "<b>Aurélie Vantadour</b>" in message
        assert "<b>Tomás Berenguel</b>" in message
        assert "2 affaires" in message
        assert "Ont pu publier et retirer des articles entre-temps : Dune, Phare." in message.replace(
            "\u2068", ""
        ).replace("\u2069", "")
        assert await fates(here.database) == {"sent": 2}


async def test_what_is_published_after_the_catch_up_is_told_at_once(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await here.stop()
        here.clock.advance(3600 * 5)
        await here.start()
        await here.round()
        stand.publish(VANTADOUR)
        await here.round()
        assert len(here.phone.of(ANNA)) == 1


# --- Interrupted -------------------------------------------------------------------------------------------------


async def test_killed_before_the_article_was_looked_at(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.poll()
        await here.restart()
        await here.editor.edit_new()
        await here.send()
        assert len(here.phone.sent) == 1


async def test_killed_before_the_alert_was_sent(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.poll()
        await here.editor.edit_new()
        await here.restart()
        await here.round()
        assert len(here.phone.sent) == 1


async def test_killed_while_sending_repeats_at_most_once(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand) as here:
        await here.follow(BORIS)
        stand.publish(VANTADOUR)
        await here.poll()
        await here.editor.edit_new()
        async with database.transaction() as tx:
            [(delivery_id, _), *_] = await outbox.due_targets(tx, here.clock.now(), waiting=[], only=None, limit=9)
            await outbox.claim(tx, delivery_id, here.clock.now(), lease_s=60)
        await here.restart()
        await here.round()
        assert (len(here.phone.of(ANNA)), len(here.phone.of(BORIS))) == (1, 1)


async def test_a_lost_answer_is_repeated_until_one_comes(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand) as here:
        here.phone.refusals = [DeliveryUnknownError("lost")]
        stand.publish(VANTADOUR)
        await here.round()
        for _ in range(3):
            here.clock.advance(600)
            await here.send()
        assert len(here.phone.of(ANNA)) == 2
        assert await fates(here.database) == {"sent": 1}


async def test_a_network_that_is_away_loses_nothing(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        here.phone.refusals = [DeliveryError("network", "no connection") for _ in range(20)]
        stand.publish(VANTADOUR)
        await here.round()
        for _ in range(25):
            here.clock.advance(600)
            await here.send()
        assert len(here.phone.of(ANNA)) == 1


async def test_a_blocked_chat_is_paused_and_the_others_are_served(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        await here.follow(BORIS)
        here.phone.refusals = [DeliveryError("blocked", "blocked", permanent=True)]
        stand.publish(VANTADOUR)
        await here.round()
        stand.publish(about("Tomás Berenguel gagne la régate"), VANTADOUR)
        await here.round()
        paused = [target for target in (ANNA, BORIS) if not here.phone.of(target)]
        [served] = {ANNA, BORIS} - set(paused)
        assert len(here.phone.of(served)) == 2
        async with sqlite.read() as connection:
            chat = await chat_of(connection, paused[0].chat_id)
        assert chat is not None
        assert chat.state == "paused"


async def test_a_topic_that_is_gone_does_not_swallow_the_alert(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    topic = Target(BORIS.chat_id, 7)
    async with desk(sqlite, worker, stand) as here:
        await here.follow(topic)
        here.phone.closed_topics = {topic}
        stand.publish(VANTADOUR)
        await here.round()
        assert len(here.phone.of(BORIS)) == 1
        assert await fates(here.database) == {"sent": 2}


async def test_a_group_that_moved_gets_its_alert_under_the_new_id(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        here.phone.refusals = [ChatMovedError(-1001)]
        stand.publish(VANTADOUR)
        await here.round()
        assert [target.chat_id for target, _ in here.phone.sent] == [-1001]


async def test_why_names_the_alert_that_told_the_story_before(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, "/phare", "/dune") as here:
        second = about("Sainte-Ombre : Aurélie Vantadour quitte la direction du port")
        stand.publish(VANTADOUR, path="/phare")
        await here.round()
        stand.publish(second, path="/dune")
        await here.round()
        found = await here.why(stand.url(f"/articles/{second.number}.html"))
        assert found.deliveries == ()
        [earlier] = found.earlier
        assert (earlier.target, earlier.title, earlier.feed_title) == (ANNA, VANTADOUR.title, "Phare")


async def test_why_tells_what_became_of_an_article(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        found = await here.why(stand.url(f"/articles/{VANTADOUR.number}.html?utm_medium=social"))
        assert found.state == "done"
        assert [each.match.name_id for each in found.found] == ["Aurélie Vantadour"]
        assert [(told.target, told.state.value) for told in found.deliveries] == [(ANNA, "sent")]


async def test_a_baseline_article_that_is_edited_before_it_was_looked_at_stays_silent(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    stand.publish(VANTADOUR)
    made = Desk(sqlite, worker, [Feed("feed", stand.url(), interval_s=30)], [watchlist(*WATCHED)])
    await made.start()
    await made.follow(ANNA)
    await made.poll()
    stand.publish(replace(VANTADOUR, title=f"{VANTADOUR.title}, dès lundi"))
    await made.round()
    await made.stop()
    assert made.phone.sent == []


async def test_two_feeds_with_one_article_tell_it_once(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand, "/phare", "/dune") as here:
        for path in ("/phare", "/dune"):
            stand.publish(replace(VANTADOUR, guid=path), path=path)
        await here.round()
        assert len(here.phone.sent) == 1
        async with database.read() as connection:
            stored = await connection.execute(select(articles).where(articles.c.title == VANTADOUR.title))
            assert len(stored.all()) == 1


async def test_feeds_of_a_host_that_hangs_do_not_fill_the_room_of_others(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with newsstand(host="127.0.1.8") as slow:
        slow.hang("/hang")
        hanging = [Feed(f"h{number}", slow.url(f"/hang?{number}"), interval_s=30) for number in range(60)]
        made = Desk(sqlite, worker, [*hanging, Feed("z", stand.url(), interval_s=30)], [watchlist(*WATCHED)])
        stand.publish(VANTADOUR)
        await made.start()
        made.clock.advance(60)
        await made.poller.poll_due()
        await stand.arrived(1)
        assert len(slow.requests) <= Settings().polling.per_host
        await made.poller.stop()
        await made.stop()


class Forgetful(Drafter):
    """Somebody asks to be forgotten when their message has been put into words."""

    async def draft(self, connection: AsyncConnection, deliveries: Sequence[outbox.Delivery], now: datetime) -> Draft:
        drafted = await super().draft(connection, deliveries, now)
        async with self.database.transaction() as tx:
            await forget_chat(tx, deliveries[0].target.chat_id)
        return drafted

    database: Database


async def test_who_was_forgotten_a_moment_ago_is_told_nothing(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand) as here:
        drafter = Forgetful("fr", PARIS, access_by(OPEN))
        drafter.database = database
        here.sender = Sender(database, here.phone, here.phone, here.clock, drafter, follow_move=nowhere)
        stand.publish(VANTADOUR)
        await here.round()
        assert here.phone.sent == []
        assert await fates(database) == {}


async def nowhere(_old: int, _new: int) -> None:
    pass
