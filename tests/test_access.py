from __future__ import annotations

from typing import Any

import pytest

from bot.access import Access, may_be_told, may_see, may_use
from bot.model import CONSOLE, Watchlist

GROUP, MOVED_FROM = -1001, -42


def served(mode: str, *, user_id: int | None = 7, chat_ids: set[int] = frozenset({GROUP}), **who: bool) -> bool:  # type: ignore[assignment]  # never changed
    access = Access(mode, allow=frozenset({MOVED_FROM, 9}))
    given = {"admin": False, "member": False, "adopted": False} | who
    return may_use(access, user_id=user_id, chat_ids=chat_ids, **given)


def test_by_invitation() -> None:
    assert not served("invite")
    assert served("invite", member=True)
    assert served("invite", admin=True)
    assert served("invite", adopted=True, user_id=None)


def test_by_a_list_of_people_and_chats() -> None:
    assert not served("allowlist", member=True, adopted=True)
    assert served("allowlist", admin=True)
    assert served("allowlist", user_id=9)
    assert served("allowlist", user_id=None, chat_ids={GROUP, MOVED_FROM})


def test_open_to_all() -> None:
    assert served("open", user_id=None)


@pytest.mark.parametrize(
    ("visible_to", "admin", "private", "expected"),
    [
        ("everyone", False, False, True),
        ("admins", False, True, False),
        ("admins", True, True, True),
        ("admins", True, False, False),  # the others in the group would see it too
        ((GROUP,), False, False, True),
        ((MOVED_FROM,), False, False, True),  # the file names the group as it was before it moved
        ((-5,), True, True, False),
    ],
)
def test_who_sees_a_watchlist(visible_to: str | tuple[int, ...], admin: bool, private: bool, expected: bool) -> None:
    watchlist = Watchlist("a", "A", (), visible_to=visible_to)
    assert may_see(watchlist, chat_ids={GROUP, MOVED_FROM}, admin=admin, private=private) is expected


# --- What a chat follows already ------------------------------------------------------------------------------------

EVERYBODYS, ADMINS_OWN, OF_THE_GROUP = (
    Watchlist("a", "A", (), visible_to=visible_to) for visible_to in ("everyone", "admins", (MOVED_FROM,))
)


def told(mode: str, watchlist: Watchlist | None = EVERYBODYS, *, chat_id: int = 7, **who: Any) -> bool:
    access = Access(mode, allow=frozenset({9, -9}), admins=frozenset({1}))
    private = chat_id > 0
    chat_ids = {chat_id} if private else {chat_id, MOVED_FROM}
    given: dict[str, Any] = {"user_id": chat_id if private else None, "admin": False, "member": False} | who
    return may_be_told(access, watchlist, chat_ids=chat_ids, private=private, **given)


def test_by_invitation_members_and_admins_are_told_and_groups_that_somebody_set_up() -> None:
    assert not told("invite")
    assert told("invite", member=True)
    assert told("invite", admin=True)
    assert told("invite", chat_id=1)  # an admin by the settings
    assert told("invite", chat_id=GROUP)
    assert not told("invite", None)  # its own names as little


def test_by_the_list_it_tells_whom_and_what_the_list_names_and_where_these_follow_something() -> None:
    assert not told("allowlist", member=True)
    assert told("allowlist", chat_id=9)
    assert told("allowlist", chat_id=1)
    assert told("allowlist", chat_id=-9)
    assert not told("allowlist", chat_id=GROUP)
    assert not told("allowlist", chat_id=GROUP, user_id=7, member=True)
    assert told("allowlist", chat_id=GROUP, user_id=9)
    assert told("allowlist", chat_id=GROUP, user_id=7, admin=True)


def test_who_may_no_longer_see_a_list_is_told_nothing_of_it() -> None:
    assert told("open", None)
    assert told("open", ADMINS_OWN, admin=True)
    assert told("open", ADMINS_OWN, chat_id=1)
    assert not told("open", ADMINS_OWN)
    assert not told("open", ADMINS_OWN, chat_id=GROUP, user_id=1)
    assert told("open", OF_THE_GROUP, chat_id=GROUP)
    assert not told("open", OF_THE_GROUP, admin=True)


@pytest.mark.parametrize("mode", ["invite", "allowlist", "open"])
def test_the_terminal_is_told_everything(mode: str) -> None:
    console = {"chat_ids": {CONSOLE.chat_id}, "user_id": None, "private": False, "admin": False, "member": False}
    assert may_be_told(Access(mode), ADMINS_OWN, **console)  # type: ignore[arg-type]
