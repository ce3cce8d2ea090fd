"""Words of their own for the tests of matching: fictional people, watched and looked for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.matching import Matcher
from bot.matching.index import matcher_of
from bot.model import Entity, Kind, Match, Scope, Tier, WatchedName

NEWSROOM = Scope("list:newsroom")


def watched(
    name: str,
    *,
    scope: Scope = NEWSROOM,
    name_id: str | None = None,
    kind: Kind = Kind.PERSON,
    aliases: Sequence[str] = (),
    context: Sequence[str] = (),
    excluded: Sequence[str] = (),
    excluded_context: Sequence[str] = (),
    threshold: int = 85,
) -> WatchedName:
    entity = Entity(
        name, kind, tuple(aliases), tuple(context), tuple(excluded), tuple(excluded_context), threshold=threshold
    )
    return WatchedName(scope, name_id or name, entity)


def look(text: str, *names: WatchedName, title: str = "", language: str | None = None) -> list[Match]:
    return matcher_of(names).find(title, text, language)


def tier(text: str, name: WatchedName, *, title: str = "", language: str | None = None) -> Tier | None:
    """The tier of the one match, None without one."""
    found = look(text, name, title=title, language=language)
    return found[0].tier if found else None


def found_in(matcher: Matcher, text: str) -> list[tuple[str, str, str]]:
    return [(match.scope, match.name_id, match.text) for match in matcher.find("", text)]
