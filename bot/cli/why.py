"""`guetteur why URL`: what became of an article."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli import EXIT_FAILED, config_option
from bot.cli.words import at
from bot.errors import UsageError
from bot.matching.reasons import explain
from bot.model import CONSOLE, DeliveryState, Target
from bot.texts import story_reason

if TYPE_CHECKING:  # the help page lists this command, and need not load the database for it
    from bot.storage.articles import Listing
    from bot.storage.why import Earlier, Explanation, Told

STATES = {
    "baseline": "It was there when the feed was first read (or was too old by then): kept, not alerted.",
    "new": "It was seen and waits to be looked at.",
    "done": "It was looked at.",
}
SHOWN = {
    "at-once": "that alert named it from the start",
    "edited": "added to that message, silently,",
    "due": "to be added to that message, silently,",
    "not-edited": "that message was not edited",
    "other-feeds": "not added there: the watchlist does not look at this feed",
}
"""Of `storage.why.Shown`."""
KNOWN_BY = {
    "guid": "its guid",
    "url": "its address",
    "content": "its words",
    "title": "its headline",
    "page": "what its page calls itself, or where its link led",
}
"""Of `storage.articles.Listing`."""


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.argument("url")
def why(config_path: Path, url: str, *, as_json: bool) -> int:
    """Say what became of the article at URL: listed, seen, matched, sent to whom; or never listed."""
    from bot.config import load
    from bot.config.values import is_web_url

    if not is_web_url(url):
        raise UsageError(f"why: {url} is not an address; give the article's, like https://…")
    loaded = load(config_path, os.environ, need_token=False)
    explanation = asyncio.run(_ask(loaded.settings.storage.url, url))
    if explanation is None:
        click.echo(json.dumps({"url": url, "listed": False}) if as_json else _never_listed(len(loaded.feeds)))
        return EXIT_FAILED
    zone = ZoneInfo(loaded.settings.alerts.timezone)
    click.echo(
        json.dumps(_data(url, explanation), ensure_ascii=False) if as_json else "\n".join(lines(explanation, zone))
    )
    return 0


async def _ask(database_url: str, url: str) -> Explanation | None:
    from bot.storage.upkeep import open_existing
    from bot.storage.why import explain_url

    database = await open_existing(database_url)
    try:
        async with database.read() as connection:
            return await explain_url(connection, url)
    finally:
        await database.close()


def _never_listed(feeds: int) -> str:
    return f"None of our feeds ({feeds}) ever listed this article (addresses are compared without trackers)."


def lines(explanation: Explanation, zone: ZoneInfo) -> Iterator[str]:
    article = explanation.article.article
    yield article.title
    times = f"published {at(article.published_at, zone)}, seen {at(article.seen_at, zone)} (times of {zone.key})"
    yield f"{explanation.feed_title}, {times}"
    for listing in explanation.listings:
        yield f"  {_listed(listing, article.feed_id)}"
    yield STATES.get(explanation.state, explanation.state)
    if explanation.story_id is not None:
        yield from _story(explanation, zone)
    if explanation.state == "done" and not explanation.found:
        yield "It names nobody on the watchlists."
    for found in explanation.found:
        match = found.match
        name = found.name.shown if found.name else f"{match.name_id} (no longer watched)"
        yield f"  {name}: « {match.text} » in the {match.field}, {match.score}/100, {match.tier} ({match.scope})"
        for reason in match.reasons:
            yield f"    {explain(reason, 'en')}"
    for told in explanation.deliveries:
        yield f"  {_place(told.target)}: {_fate(told, told.edited_at, zone)}"
    for earlier in explanation.earlier:
        yield f"  {_place(earlier.target)}: {_told_before(earlier, zone)}"
    silent = not explanation.deliveries and not explanation.earlier
    if explanation.state == "done" and explanation.found and silent:
        yield "Nobody was owed an alert: no chat that can be reached follows these names."


def _listed(listing: Listing, first: str) -> str:
    by = KNOWN_BY[listing.known_by]
    if listing.feed_id != first:
        return f"Also listed by {listing.feed_title}: known again by {by}."
    others = " and another ".join("address" if kind == "url" else kind for kind in listing.others)
    return f"Also known under another {others}, by {by}."


def _story(explanation: Explanation, zone: ZoneInfo) -> Iterator[str]:
    joined = explanation.joined
    if joined is None:
        yield f"Story {explanation.story_id}."
        return
    reason = story_reason(joined.why.code, joined.why.values, "en")
    yield f"Story {explanation.story_id}, since {_to_the_second(joined.at, zone)}: {reason}."
    if joined.follows:
        yield f"  It follows the earlier story « {joined.follows} »."


def _told_before(earlier: Earlier, zone: ZoneInfo) -> str:
    by = f"« {earlier.title} » ({earlier.feed_title})"
    if earlier.state is DeliveryState.SENT and earlier.sent_at is not None:
        return f"told of this story {_to_the_second(earlier.sent_at, zone)}, by {by}; {_shown(earlier, zone)}"
    return f"owed this story, by {by}: {_fate(earlier, None, zone)}"


def _shown(earlier: Earlier, zone: ZoneInfo) -> str:
    when = f" {_to_the_second(earlier.at, zone)}" if earlier.at else ""
    why = f" ({earlier.why})" if earlier.why else ""
    return SHOWN[earlier.shown.value] + when + why


def _place(target: Target) -> str:
    if target == CONSOLE:
        return "the console"
    return f"chat {target.chat_id}" + (f", topic {target.topic_id}" if target.topic_id else "")


def _to_the_second(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _fate(told: Told | Earlier, edited_at: datetime | None, zone: ZoneInfo) -> str:
    if told.why == "possible":
        return "waits to be checked: the mention is only possible, so it did not ring"
    if told.why == "no-access":
        return "not told: this chat had no access to it (telegram.access, or visible_to of the watchlist)"
    if told.why == "shown-already":
        return "not rung again for the number of outlets: the alert about to leave showed them"
    sent = f" {_to_the_second(told.sent_at, zone)}" if told.sent_at else ""
    edited = f", edited {_to_the_second(edited_at, zone)}" if edited_at else ""
    return f"{told.state}{sent}{edited}{f' ({told.why})' if told.why else ''}"


def _joined(explanation: Explanation) -> dict[str, Any] | None:
    joined = explanation.joined
    if joined is None:
        return None
    reason = {"code": joined.why.code, "text": story_reason(joined.why.code, joined.why.values, "en")}
    return {"at": joined.at.isoformat(), "reason": reason, "follows": joined.follows}


def _data(url: str, explanation: Explanation) -> dict[str, Any]:
    article = explanation.article.article
    return {
        "url": url,
        "listed": True,
        "article": explanation.article.id,
        "title": article.title,
        "feed": article.feed_id,
        "published": article.published_at.isoformat(),
        "seen": article.seen_at.isoformat(),
        "state": explanation.state,
        "listings": [
            {"feed": each.feed_id, "known_by": each.known_by, "others": list(each.others)}
            for each in explanation.listings
        ],
        "story": explanation.story_id,
        "joined": _joined(explanation),
        "matches": [
            {
                "scope": found.match.scope,
                "entity": found.match.name_id,
                "text": found.match.text,
                "field": found.match.field.value,
                "start": found.match.start,
                "end": found.match.end,
                "score": found.match.score,
                "tier": found.match.tier.value,
                "reasons": [{"code": each.code, "text": explain(each, "en")} for each in found.match.reasons],
            }
            for found in explanation.found
        ],
        "deliveries": [
            {
                "chat": told.target.chat_id,
                "topic": told.target.topic_id,
                "state": told.state.value,
                "why": told.why,
                "sent": told.sent_at.isoformat() if told.sent_at else None,
                "edited": told.edited_at.isoformat() if told.edited_at else None,
            }
            for told in explanation.deliveries
        ],
        "earlier": [
            {
                "chat": earlier.target.chat_id,
                "topic": earlier.target.topic_id,
                "title": earlier.title,
                "feed": earlier.feed_title,
                "state": earlier.state.value,
                "sent": earlier.sent_at.isoformat() if earlier.sent_at else None,
                "shown": earlier.shown.value,
                "at": earlier.at.isoformat() if earlier.at else None,
                "why": earlier.why,
            }
            for earlier in explanation.earlier
        ],
    }
