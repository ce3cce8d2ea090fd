"""A match together with the name it was found for, what it is remembered by, and which of several comes first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Match, MatchField, Priority, Tier, WatchedName
from bot.text import fold_text


@dataclass(frozen=True, slots=True)
class Hit:
    """A match with the name it was found for."""

    name: WatchedName
    match: Match

    @property
    def rings(self) -> bool:
        return self.match.tier is Tier.CERTAIN and self.name.priority is not Priority.DIGEST


def identities_of(name: WatchedName) -> tuple[str, ...]:
    """What a name is remembered by when it has been told.

    The name as folded, so that one person in two lists and a chat is told once; and the explicit id, so that renaming
    keeps history.
    """
    by_name = f"name:{fold_text(name.entity.name)}"
    return (by_name, f"{name.scope}/{name.id}") if name.explicit_id else (by_name,)


def lead_first(hits: Sequence[Hit]) -> list[Hit]:
    """Certain before possible, urgent first, then the earliest in the article (the title before the text)."""
    return sorted(hits, key=_rank)


def once_each(hits: Sequence[Hit]) -> list[Hit]:
    """The same person from two lists is shown once, as the leading list has it."""
    shown: dict[str, Hit] = {}
    for hit in lead_first(hits):
        shown.setdefault(identities_of(hit.name)[0], hit)
    return list(shown.values())


def _rank(hit: Hit) -> tuple[object, ...]:
    match = hit.match
    return (
        match.tier is not Tier.CERTAIN,
        list(Priority).index(hit.name.priority),
        match.field is not MatchField.TITLE,
        match.start,
        hit.name.scope,
        hit.name.id,
    )
