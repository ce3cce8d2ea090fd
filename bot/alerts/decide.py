"""Who is owed what, once an article has its matches and its story.

What is new is (story, entity), per target: a target hears of a name once in a story, and again only when what was
merely possible has become certain. Nothing is dropped: what does not ring is held, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.model import DeliveryState, Match, MatchField, Priority, Scope, Subscription, Target, Tier, WatchedName
from bot.text import fold_text


@dataclass(frozen=True, slots=True)
class Hit:
    """A match with the name it was found for."""

    name: WatchedName
    match: Match


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery to be made."""

    target: Target
    state: DeliveryState
    why: str | None
    """`possible` or `digest` for what is held."""
    tier: Tier
    priority: Priority
    hits: tuple[Hit, ...]
    """What is new for this target, the leading one first."""

    @property
    def told(self) -> dict[str, Tier]:
        """The identities that this delivery tells, with the tier at which it tells them."""
        return {identity: hit.match.tier for hit in reversed(self.hits) for identity in identities_of(hit.name)}


def identities_of(name: WatchedName) -> tuple[str, ...]:
    """What a name is remembered by when it has been told.

    The name as folded, so that one person in two lists and a chat is told once; and the explicit id, so that renaming
    keeps history.
    """
    by_name = f"name:{fold_text(name.entity.name)}"
    return (by_name, f"{name.scope}/{name.id}") if name.explicit_id else (by_name,)


def decide(
    hits: Sequence[Hit],
    subscriptions: Sequence[Subscription],
    told: Mapping[Target, Mapping[str, Tier]],
    *,
    article_tags: frozenset[str],
    list_tags: Mapping[Scope, frozenset[str]],
    today: date,
) -> list[Owed]:
    """One `Owed` a target at most, in the order of targets.

    Args:
        subscriptions: of targets that can be reached.
        told: what each target heard of in this story.
        article_tags: the tags of all feeds that list the article.
        list_tags: the feeds a scope looks at; absent or empty means all.
        today: the reader's day, for names with an end.
    """
    live = [hit for hit in hits if _is_live(hit, article_tags, list_tags, today)]
    followed: dict[Target, set[Scope]] = {}
    for each in subscriptions:
        followed.setdefault(each.target, set()).add(each.scope)
    owed = []
    for target, scopes in sorted(followed.items(), key=lambda item: item[0]):
        news = [hit for hit in live if hit.name.scope in scopes and _is_news(hit, told.get(target, {}))]
        if news:
            owed.append(_owe(target, _once_each(news)))
    return owed


def lead_first(hits: Sequence[Hit]) -> list[Hit]:
    """Certain before possible, urgent first, then the earliest in the article (the title before the text)."""
    return sorted(hits, key=_rank)


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


def _is_live(hit: Hit, article_tags: frozenset[str], list_tags: Mapping[Scope, frozenset[str]], today: date) -> bool:
    tags = list_tags.get(hit.name.scope, frozenset())
    ended = hit.name.until is not None and today > hit.name.until
    return not ended and (not tags or bool(tags & article_tags))


def _is_news(hit: Hit, told: Mapping[str, Tier]) -> bool:
    tiers = [told[identity] for identity in identities_of(hit.name) if identity in told]
    return not tiers or (hit.match.tier is Tier.CERTAIN and Tier.CERTAIN not in tiers)


def _once_each(hits: Sequence[Hit]) -> list[Hit]:
    """The same person from two lists is shown once, as the leading list has it."""
    shown: dict[str, Hit] = {}
    for hit in lead_first(hits):
        shown.setdefault(identities_of(hit.name)[0], hit)
    return list(shown.values())


def _owe(target: Target, news: Sequence[Hit]) -> Owed:
    lead = news[0]
    rings = [hit for hit in news if hit.match.tier is Tier.CERTAIN and hit.name.priority is not Priority.DIGEST]
    state = DeliveryState.PENDING if rings else DeliveryState.HELD
    why = None if rings else "possible" if lead.match.tier is Tier.POSSIBLE else "digest"
    return Owed(
        target=target,
        state=state,
        why=why,
        tier=lead.match.tier,
        priority=lead.name.priority,
        hits=tuple(news),
    )
