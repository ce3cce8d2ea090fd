"""Names in bulk: a file or a pasted list that an admin sends, previewed, then written into a watchlist's YAML."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.errors import UsageError
from bot.lookback import rates_of
from bot.model import WatchedName, Watchlist
from bot.storage import names, people
from bot.storage.questions import forget_question, question_of
from bot.telegram import bulk_screen
from bot.telegram.commands.admin import for_admins, lists_seen
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered
from bot.telegram.screens import said, shown
from bot.watchlists import writer
from bot.watchlists.bulk import Preview, decoded, preview, read_bulk, to_write

MOST_BYTES = 200_000
"""Some five thousand names; more are imported on the command line."""
MOST_RATED = 200
LEAST_LINES = 3
"""So many lines of an admin's message are a pasted list."""


def is_list(words: str) -> bool:
    """Whether a message without a command is a pasted list."""
    return len([line for line in words.splitlines() if line.strip()]) >= LEAST_LINES


async def receive_file(desk: Desk, visit: Visit, data: bytes) -> Rendered:
    """A file that was sent."""
    if not _is_text(data):
        return said(visit.language, "bulk.not-text")
    return await receive_list(desk, visit, decoded(data))


def _is_text(data: bytes) -> bool:
    """Spreadsheets, documents and pictures hold zero bytes; text does so in UTF-16 only, at every other place."""
    return b"\0" not in data or data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[1:2] == b"\0"


@for_admins
async def receive_list(desk: Desk, visit: Visit, pasted: str) -> Rendered:
    """A list, or the text of a file: what is in it, and for which watchlist?"""
    bulk = await asyncio.to_thread(read_bulk, pasted)
    lists = await lists_seen(desk, visit)
    if bulk.names and not lists:
        return said(visit.language, "lists.none")
    return bulk_screen.received(bulk, pasted, lists, visit.language)


@for_admins
async def press_bulk(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`no`, `pick:LIST` (the preview) or `write:LIST`."""
    word, _, list_id = argument.partition(":")
    async with desk.database.read() as connection:
        kept = await question_of(connection, visit.target.chat_id, visit.message_id or 0)
        target = await names.watchlist(connection, list_id) if list_id else None
    if kept is None or kept.about != "bulk":
        return said(visit.language, "button.expired")
    if word == "no" or target is None or not visit.sees(target):
        await _close(desk, visit)
        return said(visit.language, "bulk.dropped")
    seen = await _previewed(desk, kept.argument, target)
    if word == "pick":
        rates = await _rates(desk, visit, target, seen.fresh)
        return bulk_screen.previewed(seen, target, rates, visit.language)
    return await _write(desk, visit, target, seen)


async def _rates(
    desk: Desk, visit: Visit, target: Watchlist, fresh: Sequence[WatchedName]
) -> Mapping[str, float] | None:
    """Alerts a week of each; of a long list it would take longer than somebody waits for a screen."""
    if not 0 < len(fresh) <= MOST_RATED:
        return None
    return await rates_of(desk.database, fresh, target.names, window=desk.story_window, now=visit.now)


async def _previewed(desk: Desk, pasted: str, target: Watchlist) -> Preview:
    async with desk.database.read() as connection:
        lists = [await names.watchlist(connection, each.id) for each in await names.watchlist_rows(connection)]
    bulk = await asyncio.to_thread(read_bulk, pasted)
    return await asyncio.to_thread(preview, bulk, target, [each for each in lists if each is not None])


async def _write(desk: Desk, visit: Visit, target: Watchlist, seen: Preview) -> Rendered:
    path: Path = desk.watchlist_file(target.scope)
    if not seen.fresh:  # another press was faster
        return said(visit.language, "button.expired")
    try:
        await asyncio.to_thread(writer.add_names, path, [to_write(name) for name in seen.fresh])
    except UsageError as error:
        return said(visit.language, "feedback.not-written", error=shown(str(error), 300))
    async with desk.database.transaction() as tx:
        detail = {"watchlist": target.id, "names": len(seen.fresh)}
        await people.log_action(tx, visit.user_id, "import names", detail, visit.now)
    await _close(desk, visit)
    return bulk_screen.written(len(seen.fresh), target, visit.language)


async def _close(desk: Desk, visit: Visit) -> None:
    async with desk.database.transaction() as tx:
        await forget_question(tx, visit.target.chat_id, visit.message_id or 0)
