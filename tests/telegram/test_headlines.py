"""Whatever a feed writes, Telegram takes: from the feed through the whole program and the library to the stand-in.

Each headline comes as a first alert, as an edit when outlets join, in a digest and in a bundle; the stand-in is as
strict as the real server (`tests/telegram_html.py`) and complains of what it would refuse.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from bot.model import Preferences, Quiet, Rhythm, Rings
from bot.storage import wishes
from bot.storage.database import Database
from bot.storage.schema import deliveries
from bot.telegram.bot import BotApplication
from bot.telegram.messenger import TelegramMessenger
from bot.worker import Worker
from tests.botapi import BotApi
from tests.desk import ANNA, FILLER, PARIS, PATHS, Desk, desk
from tests.newsstand import Newsstand, newsstand

NAME = "Aurélie Vantadour"
HEADLINES = {
    "markup": f'{NAME} <b>& "l\'accord"</i> &nbsp; &lt;b&gt; <script>1 < 2 && 3 > 2</script> `*_[x](y)',
    "emoji": f"{NAME} 👩🏽‍⚖️ 🇲🇦 " + "😀" * 300,
    "long": f"{NAME} " + "parle & " * 620,
    "right-to-left": f"\u202e\u2067 {NAME} \u200f\u202b كتبت رسالة \u202c\u2069 \u200e",
    "surrogates": f"\ud800 {NAME} \udfff \ud83d et \udc00",
}
assert len(HEADLINES["long"]) > 4_900
BEGIN = datetime(2026, 2, 3, 9, 0, tzinfo=PARIS)
"""When the desk's clock begins."""


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


def item(title: str, number: int, outlet: str) -> dict[str, str]:
    """An entry with an address of 300 characters whose host has no dot."""
    head = f"http://redaction/{number}/{outlet}/"
    link = head + "a" * (300 - len(head))
    return {"id": f"{outlet}-{number}", "url": link, "title": title, "content_text": f"{title}, dit {outlet}.{FILLER}"}


def tell(stand: Newsstand, *titles: str, path: str) -> None:
    """A feed in JSON, which can write what XML cannot: half of a surrogate pair."""
    items = [item(title, number, path.strip("/")) for number, title in enumerate(titles, 1)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Le <Phare> & Cie", "items": items}
    stand.serve(json.dumps(feed).encode(), path=path, content_type="application/feed+json")


async def wants(here: Desk, **wanted: Any) -> None:
    async with here.database.transaction() as tx:
        await wishes.save_preferences(tx, ANNA, Preferences(**wanted), here.clock.now(), PARIS)


async def wait_until(here: Desk, hour: int) -> None:
    here.clock.advance((BEGIN.replace(hour=hour, minute=1) - here.clock.now()).total_seconds())
    await here.send()
    while await here.digester.tell_due():
        pass


async def states(here: Desk) -> set[str]:
    async with here.database.read() as connection:
        return set((await connection.execute(select(deliveries.c.state))).scalars())


@pytest.mark.parametrize("headline", HEADLINES)
async def test_as_a_first_alert_and_as_an_edit(
    headline: str, botapi: BotApi, application: BotApplication, database: Database, worker: Worker, stand: Newsstand
) -> None:
    botapi.chat(ANNA.chat_id, "private")
    messenger = TelegramMessenger(application.bot)
    async with desk(database, worker, stand, *PATHS[:3], messenger=messenger) as here:
        tell(stand, HEADLINES[headline], path=PATHS[0])
        await here.round()
        [alert] = botapi.sent_to(ANNA.chat_id)
        assert NAME in alert.text
        assert "<a" not in alert.html, "Telegram drops such a link without a word"
        for path in PATHS[1:3]:
            tell(stand, HEADLINES[headline], path=path)
        await here.round()
        await here.revise(after_s=20)
        assert len(botapi.sent_to(ANNA.chat_id)) == 1
        assert alert.edits == 1
        assert "3 médias" in alert.text
        assert await states(here) == {"sent"}
    assert botapi.violations == []


async def test_in_a_digest(
    botapi: BotApi, application: BotApplication, database: Database, worker: Worker, stand: Newsstand
) -> None:
    botapi.chat(ANNA.chat_id, "private")
    messenger = TelegramMessenger(application.bot)
    async with desk(database, worker, stand, *PATHS[:5], messenger=messenger) as here:
        await wants(here, rings=Rings.DIGEST, digest=Rhythm.DAILY, digest_at=time(18))
        for path, headline in zip(PATHS, HEADLINES.values(), strict=False):
            tell(stand, headline, path=path)
        await here.round()
        assert botapi.sent_to(ANNA.chat_id) == []
        await wait_until(here, 18)
        assert botapi.sent_to(ANNA.chat_id)
        assert "Votre revue" in botapi.sent_to(ANNA.chat_id)[0].text
        assert await states(here) == {"sent"}
    assert botapi.violations == []


async def test_in_a_bundle(
    botapi: BotApi, application: BotApplication, database: Database, worker: Worker, stand: Newsstand
) -> None:
    botapi.chat(ANNA.chat_id, "private")
    messenger = TelegramMessenger(application.bot)
    async with desk(database, worker, stand, *PATHS[:5], messenger=messenger) as here:
        await wants(here, quiet=Quiet(time(8), time(12)))
        for path, headline in zip(PATHS, HEADLINES.values(), strict=False):
            tell(stand, headline, path=path)
        await here.round()
        assert botapi.sent_to(ANNA.chat_id) == []
        await wait_until(here, 12)
        assert botapi.sent_to(ANNA.chat_id)[0].text.startswith("Cette nuit : ")
        assert await states(here) == {"sent"}
    assert botapi.violations == []
