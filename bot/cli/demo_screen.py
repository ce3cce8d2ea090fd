"""What the demo prints around the alerts: what is going on, why each fired, and at the end what was shown.

Reads the database as any screen would; the alerts themselves come from the sender, as in Telegram.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TextIO
from zoneinfo import ZoneInfo

import click

from bot.access import access_by
from bot.app import Parts
from bot.clock import Clock
from bot.matching.reasons import explain
from bot.model import CONSOLE, AlertView, DeliveryState, Watchlist
from bot.newsroom.day import Situation
from bot.newsroom.server import Newsroom
from bot.storage import edits, outbox
from bot.storage.views import view_of
from bot.storage.why import Explanation, explain_url
from bot.telegram.console import drawn
from bot.telegram.render import render_alert

LOOK_S = 0.25
LINGER_S = 3.0
"""After the last news is out: a poll, a settle batch and a message take their time."""

NEXT_STEPS = """\
Next, with your own feeds and names:
  1. Ask @BotFather in Telegram for a bot (/newbot) and put its token in .env:  TELEGRAM_BOT_TOKEN=…
  2. Look at config/feeds.yaml and watchlists/, then check them:               .venv/bin/guetteur check
  3. make run       The first start prints a link: whoever opens it becomes the admin.
Without a token:    .venv/bin/guetteur run --console
"""


class DemoScreen:
    """Follows one run of the demo."""

    def __init__(self, out: TextIO, newsroom: Newsroom, clock: Clock) -> None:
        self._out = out
        self._newsroom = newsroom
        self._clock = clock
        self._sent: set[int] = set()
        self._held: set[int] = set()

    def open(self, watchlists: Sequence[Watchlist], day_s: float) -> None:
        names = ", ".join(name.shown for each in watchlists for name in each.names)
        self._say("Guetteur, demo: a day of the sample newsroom in " + f"{day_s:.0f} seconds.", bold=True)
        self._say(f"Feeds:  {', '.join(feed.title for feed in self._newsroom.feeds)}")
        self._say(f"Looks for:  {names}")
        self._say("Outlets, events and most people are invented. Waiting for news …\n")

    async def follow(self, parts: Parts, *, patience_s: float) -> None:
        """Until the day is over and what it brought has been told."""
        async with asyncio.timeout(patience_s):
            while self._newsroom.remaining(self._clock.now()) > 0:
                await self._look(parts)
                await asyncio.sleep(LOOK_S)
            for _ in range(round(LINGER_S / LOOK_S)):
                await self._look(parts)
                await asyncio.sleep(LOOK_S)
            while await self._edits_wait(parts):
                await self._look(parts)
                await asyncio.sleep(LOOK_S)

    async def close(self, parts: Parts) -> bool:
        """The summary; whether the day showed what it is there to show."""
        await self._look(parts)
        self._say("\nThe day is over.", bold=True)
        edited = parts.reviser.edited
        self._say(f"  Alerts that rang: {len(self._sent)}; edits of messages, as more outlets joined: {edited};")
        self._say(f"  mentions that wait to be checked and did not ring: {len(self._held)}.\n")
        shown = [await self._report(parts, situation) for situation in REPORTED]
        self._say("\n" + NEXT_STEPS)
        return all(shown) and edited > 0

    # --- While the day goes on -----------------------------------------------------------------------------------

    async def _look(self, parts: Parts) -> None:
        access = access_by(parts.current.settings)
        async with parts.database.read() as connection:
            sent = await outbox.deliveries_to(connection, CONSOLE, DeliveryState.SENT)
            held = await outbox.deliveries_to(connection, CONSOLE, DeliveryState.HELD)
            views = {each.id: await view_of(connection, each, access) for each in [*sent, *held]}
        for each in sent:
            view = views[each.id]
            if view and each.id not in self._sent:
                self._sent.add(each.id)
                self._explain(view)
        for each in held:
            view = views[each.id]
            if view and each.id not in self._held:
                self._held.add(each.id)
                self._say("○ To check (a possible mention: it does not ring)", bold=True)
                self._draw(each.id, view)
                self._explain(view)

    async def _edits_wait(self, parts: Parts) -> bool:
        async with parts.database.read() as connection:
            return await edits.count_marked(connection, CONSOLE.chat_id) > 0

    def _draw(self, delivery_id: int, view: AlertView) -> None:
        now = self._clock.now()
        shown = render_alert(view, delivery_id=delivery_id, language="fr", timezone=ZoneInfo("Europe/Paris"), now=now)
        self._out.write(drawn(shown.html, (), colour=self._out.isatty()))
        self._out.flush()

    def _explain(self, view: AlertView) -> None:
        for mention in view.mentions:
            reasons = "; ".join(explain(reason, "en") for reason in mention.reasons)
            self._say(f"  why: {mention.shown}, {mention.score}/100, {mention.tier}: {reasons}")
        self._say("")

    # --- At the end ----------------------------------------------------------------------------------------------

    async def _report(self, parts: Parts, situation: Situation) -> bool:
        """One line for each article that is there to show the situation."""
        sentence, fates = REPORTED[situation]
        good = True
        for article in self._newsroom.showing(situation):
            async with parts.database.read() as connection:
                explanation = await explain_url(connection, article.url)
            fate = _fate_again(explanation) if situation in AGAIN else _fate(explanation)
            mark = "✓" if fate in fates else "✗"
            good = good and fate in fates
            self._say(f"  {mark} {sentence}: « {article.title} » ({article.outlet}): {fate}")
        return good

    def _say(self, text: str, *, bold: bool = False) -> None:
        self._out.write((click.style(text, bold=True) if bold and self._out.isatty() else text) + "\n")
        self._out.flush()


RANG, JOINED, WAITS, SILENT, BASELINE = (
    "rang",
    "joined the alert",
    "waits to be checked",
    "did not ring",
    "kept, did not ring",
)
AGAIN_SILENT, AGAIN_RANG = "did not ring again", "rang again"
UNSEEN = "not seen"
AGAIN = {Situation.EDITED_HEADLINE, Situation.REPUBLISHED}
"""Situations of articles that had rung before."""

REPORTED: dict[Situation, tuple[str, set[str]]] = {
    Situation.BASELINE: ("There before the first poll", {BASELINE}),
    Situation.NEW_STORY: ("A new story", {RANG}),
    Situation.SAME_STORY: ("The same story elsewhere", {JOINED}),
    Situation.EDITED_HEADLINE: ("Another headline for it, shown in the message", {AGAIN_SILENT}),
    Situation.REPUBLISHED: ("The same page under another guid and link", {AGAIN_SILENT}),
    Situation.NEW_NAME: ("A watched name new in the story", {RANG}),
    Situation.MISSPELT: ("A misspelt name", {RANG}),
    Situation.ARABIC: ("In Arabic", {RANG}),
    Situation.REORDERED: ("Surname first, possessive", {RANG}),
    Situation.POSSIBLE: ("A frequent surname alone", {WAITS}),
    Situation.NAMESAKE: ("A namesake (another given name before the surname)", {SILENT}),
    Situation.SUBSTRING: ("Part of a word, or a given name alone", {SILENT}),
    Situation.RECOVERED: ("Told once its broken feed was back", {RANG}),
}
"""What is said of each situation, and what may have become of its articles."""


def _fate_again(explanation: Explanation | None) -> str:
    rung = [each for each in explanation.deliveries if each.state is DeliveryState.SENT] if explanation else []
    return AGAIN_SILENT if len(rung) == 1 else AGAIN_RANG if rung else UNSEEN


def _fate(explanation: Explanation | None) -> str:
    if explanation is None:
        return UNSEEN
    states = {each.state for each in explanation.deliveries}
    if DeliveryState.SENT in states:
        return RANG
    if DeliveryState.HELD in states:
        return WAITS
    if explanation.state == "baseline":
        return BASELINE
    return JOINED if explanation.found else SILENT
