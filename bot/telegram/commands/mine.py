"""What is stored about who asks, or about this group: shown, handed over, deleted."""

from __future__ import annotations

import json

from bot.storage.erasure import export_person, forget_chat, forget_person
from bot.storage.names import personal_names
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Button, Document, Rendered
from bot.telegram.screens import said
from bot.texts import text


async def privacy(_: Desk, visit: Visit, __: str) -> Rendered:
    return said(visit.language, "privacy")


async def my_data(_: Desk, visit: Visit, __: str) -> Rendered:
    """What one may do about one's data."""
    export = Button(text(visit.language, "data.button.export"), data="mydata:export")
    forget = Button(text(visit.language, "data.button.forget"), data="mydata:forget")
    return Rendered(text(visit.language, "privacy"), ((export, forget),))


async def press_my_data(desk: Desk, visit: Visit, what: str) -> Rendered:
    action = {"export": export, "forget": forget}.get(what, my_data)
    return await action(desk, visit, "")


async def export(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/export: everything as one file, to the person alone."""
    if not visit.private or visit.user_id is None:
        return said(visit.language, "data.private")
    async with desk.database.read() as connection:
        stored = await export_person(connection, visit.user_id)
    data = json.dumps(stored, ensure_ascii=False, indent=1).encode()
    return Rendered(text(visit.language, "data.exported"), document=Document("guetteur.json", data))


async def forget(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/forget: asks first."""
    key = "data.forget-me" if visit.private else "data.forget-chat"
    sure = Button(text(visit.language, "data.button.sure"), data="forget:yes")
    keep = Button(text(visit.language, "data.button.keep"), data="forget:no")
    return Rendered(text(visit.language, key), ((sure, keep),))


async def press_forget(desk: Desk, visit: Visit, word: str) -> Rendered:
    """`yes` deletes all that is stored about the person, or about this group."""
    if word != "yes":
        return said(visit.language, "data.kept")
    async with desk.database.transaction() as tx:
        watched = await personal_names(tx, visit.target.chat_id)
        if visit.private and visit.user_id is not None:
            await forget_person(tx, visit.user_id)
        else:
            await forget_chat(tx, visit.target.chat_id)
    for scope, name_id in watched:
        await desk.matching.remove(scope, name_id)
    await desk.database.clear_log()
    return said(visit.language, "data.forgotten" if visit.private else "data.chat-forgotten")

