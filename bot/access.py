"""Who may use the bot, who may see which watchlist, and whether a chat may still be told of what it follows. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.config import Settings
from bot.model import CONSOLE, Watchlist


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


def may_be_told(
    access: Access,
    watchlist: Watchlist | None,
    *,
    chat_ids: Collection[int],
    user_id: int | None,
    private: bool,
    admin: bool,
    member: bool,
) -> bool:
    """Whether a chat that follows something may be told of it now: what it follows outlives its access.

    Args:
        watchlist: what is followed; None for names of the chat's own.
        chat_ids: the chat's id and those it had before.
        user_id: in private whose chat it is, elsewhere who made it follow this; None where that is not known.
        admin, member: whether that person is one.
    """
    if CONSOLE.chat_id in chat_ids:  # whoever reads the terminal can read the files
        return True
    admin = admin or user_id in access.admins
    served = may_use(access, user_id=user_id, chat_ids=chat_ids, admin=admin, member=member, adopted=not private)
    return served and (watchlist is None or may_see(watchlist, chat_ids=chat_ids, admin=admin, private=private))
