"""The help: every command in one line each, in groups. A new command gets a line in `GROUPS` and a text. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.telegram.render import Button, Rendered
from bot.texts import text

GROUPS: Mapping[str, tuple[str, ...]] = {
    "follow": ("watchlists", "subscribe", "unsubscribe", "watch", "unwatch", "list"),
    "read": ("latest", "search", "trend", "why", "test"),
    "told": ("settings", "mute", "unmute", "quiet", "digest", "timezone", "language"),
    "end": ("privacy", "export", "forget", "stop"),
}
"""Heading → commands: `help.group.KEY`, `help.command.NAME`."""
ADMINS = ("status", "feeds", "addfeed", "removefeed", "addname", "invite", "broadcast")


def help_page(language: str, *, admin: bool) -> Rendered:
    """`admin`: of the bot, in private."""
    groups = {**GROUPS, **({"admin": ADMINS} if admin else {})}
    blocks = []
    for group, commands in groups.items():
        lines = [text(language, f"help.command.{each}") for each in commands]
        blocks.append("\n".join([f"<b>{text(language, f'help.group.{group}')}</b>", *lines]))
    if admin:
        blocks.append(text(language, "help.bulk"))
    blocks.append(f"<i>{text(language, 'help.groups')}</i>")
    settings = Button(text(language, "settings.button"), data="adjust:")
    return Rendered("\n\n".join(blocks), ((settings,),))
