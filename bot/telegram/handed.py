"""What people hand over without a command: a link is a question about its article, an admin's file or list is names.

Reads Telegram's messages; what is done with them is in `commands/`.
"""

from __future__ import annotations

from telegram import Document, Message, MessageEntity

from bot.telegram.commands import bulk, why
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered
from bot.telegram.screens import said

LINKS = 5
"""Of one message: a forwarded post often ends with links to its channel."""
LINKED: list[str | None] = [MessageEntity.URL, MessageEntity.TEXT_LINK]


async def taken(desk: Desk, visit: Visit, message: Message) -> Rendered | None:
    """The answer to a private message that is no command; None where it holds nothing that we could take.

    A forwarded message is somebody else's, so its lines are no list.

    Raises:
        TelegramError: the file cannot be fetched.
    """
    if visit.admin and message.document is not None:
        return await _file(desk, visit, message.document)
    links = links_in(message)
    if links:
        return await why.why_links(desk, visit, links)
    words = message.text or ""
    if visit.admin and message.forward_origin is None and bulk.is_list(words):
        return await bulk.receive_list(desk, visit, words)
    return None


def links_in(message: Message) -> list[str]:
    """The addresses that are written or linked in a message or in the caption of what it shows."""
    written = message.parse_entities(LINKED) if message.text else {}
    captioned = message.parse_caption_entities(LINKED) if message.caption else {}
    found = (entity.url or words for entity, words in (*written.items(), *captioned.items()))
    return list(dict.fromkeys(each if "://" in each else f"https://{each}" for each in found))[:LINKS]


async def _file(desk: Desk, visit: Visit, document: Document) -> Rendered:
    """Its size is known before it is fetched."""
    if document.file_size is None or document.file_size > bulk.MOST_BYTES:
        return said(visit.language, "bulk.too-long")
    file = await document.get_file()
    return await bulk.receive_file(desk, visit, bytes(await file.download_as_bytearray()))
