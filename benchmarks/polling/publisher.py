"""Thousands of invented feeds on loopback: `python -m benchmarks.polling.publisher`, a process of its own.

Prints its origins as one line of JSON, and ends when its standard input does, so that it never outlives who began it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

from aiohttp import web

HOSTS = 50
"""Feeds of one host wait for each other: 5,000 feeds at one address would measure only that."""
ITEMS = 40
CHANGED_EVERY = 20
"""A change adds one item to every twentieth feed: 5 %."""
GAP = timedelta(minutes=30)
"""Between two items of a feed."""

TOWNS = ("Port-Salins", "Vauclère", "Sainte-Ondine", "Marbeuil", "Tréfontaine", "Anse-Rousse", "Lormont", "Quérigny")
EVENTS = (
    "le conseil municipal reporte le vote du budget",
    "la passerelle du port rouvre après onze mois de travaux",
    "un incendie maîtrisé dans un entrepôt de sel",
    "la grève des bacs reconduite jusqu'à vendredi",
    "les archives de la saline exposées à l'hôtel de ville",
    "trois communes partagent désormais leur régie d'eau",
    "la cour d'appel confirme la relaxe de l'armateur",
)
SENTENCES = (
    "La décision, attendue depuis le printemps, a été annoncée mardi soir devant une salle comble.",
    "Les riverains demandent une étude indépendante avant toute reprise du chantier.",
    "Selon la préfecture, aucun blessé n'est à déplorer et la circulation a repris vers midi.",
    "Le syndicat des pilotes dit n'avoir reçu aucune proposition écrite.",
    "Une seconde réunion est prévue la semaine prochaine, à huis clos.",
    "Le coût total est estimé à 4,2 millions d'euros, dont un tiers à la charge du département.",
    "« Nous n'avons rien à cacher », a répété l'adjointe chargée des quais.",
)

Number = int


class Publisher:
    """Feed `n` has had `changes(n)` items added since the start; its ETag and Last-Modified say how many."""

    def __init__(self, opened: datetime) -> None:
        self._opened = opened.replace(microsecond=0)
        self._changes: Counter[Number] = Counter()
        self._round = 0
        self._answered: Counter[int] = Counter()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path:
            case "/change":
                return web.Response(text=str(self.change(int(request.query["feeds"]))))
            case "/answered":
                answered, self._answered = self._answered, Counter()
                return web.json_response(answered)
        response = self._feed(request)
        self._answered[response.status] += 1
        return response

    def _feed(self, request: web.BaseRequest) -> web.Response:
        number = int(request.path.strip("/").removesuffix(".xml"))
        changes = self._changes[number]
        headers = {"ETag": f'"{number}-{changes}"', "Last-Modified": format_datetime(self._date(changes), usegmt=True)}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = "application/rss+xml; charset=utf-8"
        return web.Response(text=self.document(number), headers=headers)

    def document(self, number: Number) -> str:
        newest = self._changes[number] + ITEMS - 1
        items = "".join(self._item(number, each) for each in range(newest, newest - ITEMS, -1))
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>Le Phare {number}</title><link>https://phare{number}.example/</link>"
            f"<description>Les nouvelles du port</description><language>fr</language>{items}</channel></rss>\n"
        )

    def _item(self, feed: Number, each: int) -> str:
        mixed = feed * 7919 + each * 104_729
        title = f"{TOWNS[mixed % len(TOWNS)]} : {EVENTS[mixed % len(EVENTS)]} ({feed}.{each})"
        link = f"https://phare{feed}.example/{each}/article.html"
        text = " ".join(SENTENCES[(mixed + step) % len(SENTENCES)] for step in range(3))
        return (
            f'\n<item><title>{title}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>'
            f"<pubDate>{format_datetime(self._date(each - ITEMS))}</pubDate><dc:creator>La rédaction</dc:creator>"
            f"<category>Locale</category><description><![CDATA[<p>{text}</p>]]></description></item>"
        )

    def _date(self, step: int) -> datetime:
        return self._opened + step * GAP

    def change(self, feeds: int) -> int:
        """One item more in 5 % of the first `feeds` feeds, each time in others; returns in how many."""
        changed = range(self._round % CHANGED_EVERY, feeds, CHANGED_EVERY)
        self._changes.update(changed)
        self._round += 1
        return len(changed)


async def _listen(runner: web.ServerRunner) -> list[str]:
    """Origins: an address each as far as the machine has so many (Linux has all of 127/8), else one for all."""
    with suppress(OSError):
        for host in range(1, HOSTS + 1):
            await web.TCPSite(runner, f"127.0.2.{host}", 0).start()
    if not runner.addresses:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    return [f"http://{address[0]}:{address[1]}" for address in runner.addresses]


async def _serve() -> None:
    # Items are dated back from two days hence: what is added counts as new, and nothing lies in the future.
    server = web.Server(Publisher(datetime.now(UTC) - timedelta(days=1)).handle)
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    try:
        sys.stdout.write(json.dumps(await _listen(runner)) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
