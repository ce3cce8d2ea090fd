"""What became of an article: by its URL, its alert, or the button under the alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.matching.reasons import explain
from bot.model import Scope
from bot.storage import names, why
from bot.storage.views import subject_of
from bot.telegram import screens
from bot.telegram.desk import Desk, Visit, number_of, scopes_seen
from bot.telegram.render import Rendered
from bot.telegram.screens import said


async def why_url(desk: Desk, visit: Visit, url: str) -> Rendered:
    """/why URL"""
    if not url:
        return said(visit.language, "why.ask")
    async with desk.database.read() as connection:
        explanation = await why.explain_url(connection, url)
    return await _why(desk, visit, explanation, otherwise="why.unknown-url")


async def why_links(desk: Desk, visit: Visit, urls: Sequence[str]) -> Rendered:
    """A message with links, of which the first that a feed listed is meant."""
    explanation = None
    async with desk.database.read() as connection:
        for url in urls:
            explanation = explanation or await why.explain_url(connection, url)
    return await _why(desk, visit, explanation, otherwise="why.unknown-url")


async def why_message(desk: Desk, visit: Visit, message_id: int, urls: Sequence[str] = ()) -> Rendered:
    """/why as a reply to an alert, or to any message with links."""
    async with desk.database.read() as connection:
        delivery = await why.delivery_of_message(connection, visit.target.chat_id, message_id)
    if delivery is not None:
        return await press_why(desk, visit, str(delivery))
    return await why_links(desk, visit, urls) if urls else said(visit.language, "why.ask")


async def press_why(desk: Desk, visit: Visit, delivery: str) -> Rendered:
    """The button under an alert; only for an alert of this chat."""
    delivery_id = number_of(delivery)
    async with desk.database.read() as connection:
        subject = await subject_of(connection, delivery_id)
        explanation = await why.explain_delivery(connection, delivery_id)
    if subject is None or subject.target.chat_id != visit.target.chat_id:
        return said(visit.language, "why.gone")
    meant = replace(visit, target=subject.target)  # alerts of a closed topic are told in General
    return await _why(desk, meant, explanation, otherwise="why.gone")


async def _why(desk: Desk, visit: Visit, explanation: why.Explanation | None, *, otherwise: str) -> Rendered:
    if explanation is None:
        return said(visit.language, otherwise)
    async with desk.database.read() as connection:
        followed = await scopes_seen(connection, visit)
        titles = {each.scope: each.title for each in await names.watchlist_rows(connection)}
    return screens.render_why(
        _for_this_chat(explanation, visit, followed),
        titles,
        explain=explain,
        language=visit.language,
        timezone=visit.timezone,
        now=visit.now,
    )


def _for_this_chat(explanation: why.Explanation, visit: Visit, followed: list[Scope]) -> why.Explanation:
    """Without what other chats watch for and were told."""
    return replace(
        explanation,
        found=tuple(each for each in explanation.found if each.match.scope in followed),
        deliveries=tuple(each for each in explanation.deliveries if each.target == visit.target),
        earlier=tuple(each for each in explanation.earlier if each.target == visit.target),
    )
