"""What is stored about who asks, or about this group: told, handed over, deleted."""

from __future__ import annotations

import json

from bot.storage.erasure import export_person, forget_chat, forget_person
from bot.storage.names import personal_names
from bot.storage.people import Role, admin_ids, person
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Button, Document, Rendered
from bot.telegram.screens import said
from bot.texts import text

FILE = "guetteur.json"


async def my_data(_: Desk, visit: Visit, __: str) -> Rendered:
    """/privacy: what is stored, for how long, who sees it, and what one may do about it."""
    export = Button(text(visit.language, "data.button.export"), data="mydata:export")
    forget = Button(text(visit.language, "data.button.forget"), data="mydata:forget")
    back = Button(text(visit.language, "settings.button.back"), data="settings:")
    return Rendered(text(visit.language, "privacy"), ((export, forget) if visit.private else (forget,), (back,)))


async def press_my_data(desk: Desk, visit: Visit, what: str) -> Rendered:
    action = {"export": export, "forget": forget}.get(what, my_data)
    return await action(desk, visit, "")


async def export(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/export: everything as one file, to the person alone."""
    if not visit.private or visit.user_id is None:
        return said(visit.language, "access.in-private")
    async with desk.database.read() as connection:
        stored = await export_person(connection, visit.user_id)
    data = json.dumps(stored, ensure_ascii=False, indent=1).encode(errors="replace")
    return Rendered(text(visit.language, "data.exported"), document=Document(FILE, data))


async def forget(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/forget: says what that means, and asks."""
    lines = [text(visit.language, "data.forget-me" if visit.private else "data.forget-chat")]
    if visit.private:
        lines += [text(visit.language, key) for key in await _lost_with_it(desk, visit)]
    sure = Button(text(visit.language, "data.button.sure"), data="forget:yes")
    keep = Button(text(visit.language, "data.button.keep"), data="forget:no")
    return Rendered("\n\n".join(lines), ((sure,), (keep,)))


async def _lost_with_it(desk: Desk, visit: Visit) -> list[str]:
    """The keys of what else somebody loses: an access that was given to them; being the one who administers."""
    async with desk.database.read() as connection:
        known = await person(connection, visit.user_id or 0)
        admins = await admin_ids(connection)
    if known is None or known.user_id in desk.access.admins:
        return []
    if known.role is Role.ADMIN:
        return ["data.last-admin" if admins == [known.user_id] and not desk.access.admins else "data.no-admin-then"]
    return ["data.no-access-then"] if desk.access.mode == "invite" else []


async def press_forget(desk: Desk, visit: Visit, word: str) -> Rendered:
    """`yes` deletes all that is stored about the person, or about this group with all its topics."""
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
