"""When a permanent redirect (301, 308) is remembered, so that later polls go to its target at once.

feedparser's documentation ("HTTP redirects") asks clients to take over the new address; a mistaken redirect, in a
maintenance or by a careless rule, must not move a feed for good. So NewsBlur waits for 10 answers and lion-reader for
7 days, with two exceptions that are followed here as well: the https door of the same address, and an old address that
is no longer there. 302 and 307 never come this far (`feeds/fetch.py`). Pure: nothing is asked or stored here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlsplit

from bot.model import Feed

PROBATION = timedelta(days=7)
NOT_THERE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Move:
    """What is known of a feed's target: its columns `redirected_to` and `redirected_since`.

    Without `to`, nothing. With `since`, every good poll since then was sent to `to`, and polls still start at the
    configured URL. With `to` alone, the redirect is remembered: polls go to `to`.
    """

    to: str | None = None
    since: datetime | None = None


NOWHERE = Move()


def feed_to_poll(feed: Feed, move: Move, failures: int) -> Feed:
    """The feed with the URL to ask now: the remembered target, else the configured one.

    After a failure the other of the two is asked, and so on in turns (`failures` in a row): whichever works first wins,
    and neither a dead target nor a dead old address loses the feed. A feed with headers of its own starts at its
    configured URL, since they may be secret, except for https: that keeps them off the open road.
    """
    if move.to is None or move.since is not None or failures % 2:
        return feed
    if feed.headers and not _is_https_door(feed.url, move.to):
        return feed
    return replace(feed, url=move.to)


def after_good_poll(feed: Feed, move: Move, *, polled: str, moved_to: str | None, now: datetime) -> Move:
    """What to store after a 304, or a document that was read to its end.

    `feed` is the configured one, `polled` the URL of `feed_to_poll`, `moved_to` what `fetch_feed` said of it.
    """
    if polled != feed.url and moved_to is None:
        return move
    if moved_to in {None, feed.url}:
        return NOWHERE
    if _is_https_door(polled, moved_to):
        return Move(moved_to)
    if move.to != moved_to:
        return Move(moved_to, now)
    held = move.since is None or now - move.since >= PROBATION
    return Move(moved_to) if held else move


def after_failure(feed: Feed, move: Move, *, answered: str | None, status: int | None) -> Move:
    """What to store after a poll that failed; `answered` is who gave the `status`, after redirects.

    When this remembers a target, the old address is what is gone (410), not the feed. The same holds for a 410 of the
    target itself: the feed is gone when its configured URL says so and no target is left to ask.
    """
    old_is_gone = status in NOT_THERE and answered == urldefrag(feed.url).url
    return Move(move.to) if move.to and old_is_gone else move


def _is_https_door(before: str, after: str | None) -> bool:
    """The same host, path and query, only by https; ports must be the usual ones."""
    old, new = urlsplit(before), urlsplit(after or "")
    return (
        (old.scheme, old.port or 80) == ("http", 80)
        and (new.scheme, new.port or 443) == ("https", 443)
        and (old.hostname, old.path or "/", old.query) == (new.hostname, new.path or "/", new.query)
    )
