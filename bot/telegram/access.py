"""Who may use the bot, and who may see which watchlist. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.config import Settings
from bot.model import Watchlist


@dataclass(frozen=True, slots=True)
class Access:
    """`telegram.access`, `telegram.allow` and `telegram.admins` of the settings."""

    mode: str
    """`invite`, `allowlist` or `open`."""
    allow: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()


def access_by(settings: Settings) -> Access:
    telegram = settings.telegram
    return Access(telegram.access, allow=frozenset(telegram.allow), admins=frozenset(telegram.admins))


def may_use(
    access: Access,
    *,
    user_id: int | None,
    chat_ids: Collection[int],
    admin: bool,
    member: bool,
    adopted: bool,
) -> bool:
    """Whether somebody is served here.

    Args:
        user_id: None for an anonymous administrator or a channel's post.
        chat_ids: the chat's id and those it had before.
        member: has redeemed an invitation.
        adopted: a group or channel in which somebody with access set the bot up; it shares what it follows with
            everybody in it, so they may ask about that.
    """
    if admin or access.mode == "open":
        return True
    if access.mode == "allowlist":
        return user_id in access.allow or not access.allow.isdisjoint(chat_ids)
    return member or adopted


def may_see(watchlist: Watchlist, *, chat_ids: Collection[int], admin: bool, private: bool) -> bool:
    """Whether a watchlist is shown in this chat. One for admins is not shown to a group that an admin is in."""
    if isinstance(watchlist.visible_to, tuple):
        return not set(watchlist.visible_to).isdisjoint(chat_ids)
    return watchlist.visible_to == "everyone" or (watchlist.visible_to == "admins" and admin and private)
