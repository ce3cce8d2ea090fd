"""What is watched, as the index holds it: an entity's rules, who asked for it, and its aliases as filed words."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.matching.alias import Alias, aliases_of
from bot.matching.vocabulary import Word
from bot.model import Entity, Scope
from bot.text import fold_text


@dataclass(eq=False, slots=True)
class Entry:
    """An entity, once, however many scopes ask for it; its rules are folded once."""

    key: str
    entity: Entity
    asked: list[tuple[Scope, str]] = field(default_factory=list)
    """Scope and id of every name that is this entity."""
    filed: list[Filed] = field(default_factory=list)
    context: frozenset[str] = frozenset()
    excluded: tuple[str, ...] = ()
    excluded_context: frozenset[str] = frozenset()

    @staticmethod
    def of(key: str, entity: Entity) -> Entry:
        return Entry(
            key,
            entity,
            context=frozenset(fold_text(word) for word in entity.context),
            excluded=tuple(fold_text(phrase) for phrase in entity.excluded),
            excluded_context=frozenset(fold_text(word) for word in entity.excluded_context),
        )

    def is_asked_only_by(self, scopes: frozenset[Scope]) -> bool:
        return bool(scopes) and all(scope in scopes for scope, _ in self.asked)

    def aliases(self) -> tuple[Alias, ...]:
        return aliases_of(self.entity)


@dataclass(eq=False, slots=True)
class Filed:
    """An alias of an entry; `words` are those of the alias, in its order."""

    entry: Entry
    alias: Alias
    words: tuple[Word, ...]
    initial: str = ""
    """The first letter of a person's given name, in Latin letters where they have one."""
