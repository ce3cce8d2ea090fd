from __future__ import annotations

import pytest

from bot.model import Watchlist
from bot.telegram.access import Access, may_see, may_use

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
