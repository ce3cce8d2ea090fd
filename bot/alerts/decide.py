"""Who is owed what, once an article has its matches and its story.

What is new is (story, entity), per target: a target hears of a name once in a story, and again only when what was
merely possible has become certain, or when as many outlets tell the story as it asked for. Nothing is dropped: what
does not ring is held, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    """`possible` or `digest` for what is held, `shown-already` for what an alert on its way will show."""
    tier: Tier
    priority: Priority
    hits: tuple[Hit, ...]
    """What is told to this target, the leading one first."""
    outlets_reached: bool = False
    """As many outlets tell the story as this target asked for."""
    again: bool = False
    """It rings for that alone: the names were told before."""

    @property
    def told(self) -> dict[str, Tier]:
        """The identities that this delivery tells, with the tier at which it tells them."""
        fresh = () if self.again else reversed(self.hits)
        names = {identity: hit.match.tier for hit in fresh for identity in identities_of(hit.name)}
        return names | ({OUTLETS: Tier.CERTAIN} if self.outlets_reached else {})


OUTLETS = "outlets"
"""What is remembered, beside names, once a target was rung for the number of outlets of a story."""


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
    outlets: Mapping[str, frozenset[str]] | None = None,
    on_their_way: Collection[Target] = (),
) -> list[Owed]:
    """One `Owed` a target at most, in the order of targets.

    Args:
        subscriptions: of targets that can be reached.
        told: what each target heard of in this story.
        article_tags: the tags of all feeds that list the article.
        list_tags: the feeds a scope looks at; absent or empty means all.
        today: the reader's day, for names with an end.
        outlets: the feeds whose articles tell this story, this one's included, with the tags of each.
        on_their_way: targets whose first alert of this story has not left yet; it will show every outlet.
    """
    live = [hit for hit in hits if _is_live(hit, article_tags, list_tags, today)]
    followed: dict[Target, list[Subscription]] = {}
    for each in subscriptions:
        followed.setdefault(each.target, []).append(each)
    owed = []
    for target, mine in sorted(followed.items(), key=lambda item: item[0]):
        scopes = {each.scope for each in mine}
        heard = told.get(target, {})
        here = [hit for hit in live if hit.name.scope in scopes]
        reached = _outlets_reached(mine, here, heard, outlets or {}, list_tags)
        news = [hit for hit in here if _is_news(hit, heard)]
        if news:
            owed.append(_owe(target, _once_each(news), outlets_reached=reached))
        elif reached:
            owed.append(_ring_again(target, _once_each(here), on_their_way))
    return owed


def covers(tags: frozenset[str], article_tags: frozenset[str]) -> bool:
    """Whether a list that looks at the feeds with `tags` looks at an article's feeds; no tags are all feeds."""
    return not tags or bool(tags & article_tags)


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
    return not ended and covers(tags, article_tags)


def _is_news(hit: Hit, told: Mapping[str, Tier]) -> bool:
    tiers = [told[identity] for identity in identities_of(hit.name) if identity in told]
    return not tiers or (hit.match.tier is Tier.CERTAIN and Tier.CERTAIN not in tiers)


def _outlets_reached(
    subscriptions: Sequence[Subscription],
    hits: Sequence[Hit],
    told: Mapping[str, Tier],
    outlets: Mapping[str, frozenset[str]],
    list_tags: Mapping[Scope, frozenset[str]],
) -> bool:
    """Whether so many outlets tell the story as one of these subscriptions asks for, and it was not told yet."""
    if OUTLETS in told:
        return False
    ringing = {hit.name.scope for hit in hits if _rings(hit)}
    for each in subscriptions:
        if each.ring_at_outlets is not None and each.scope in ringing:
            tags = list_tags.get(each.scope, frozenset())
            if sum(covers(tags, of_feed) for of_feed in outlets.values()) >= each.ring_at_outlets:
                return True
    return False


def _once_each(hits: Sequence[Hit]) -> list[Hit]:
    """The same person from two lists is shown once, as the leading list has it."""
    shown: dict[str, Hit] = {}
    for hit in lead_first(hits):
        shown.setdefault(identities_of(hit.name)[0], hit)
    return list(shown.values())


def _rings(hit: Hit) -> bool:
    return hit.match.tier is Tier.CERTAIN and hit.name.priority is not Priority.DIGEST


def _owe(target: Target, news: Sequence[Hit], *, outlets_reached: bool) -> Owed:
    lead = news[0]
    rings = [hit for hit in news if _rings(hit)]
    state = DeliveryState.PENDING if rings else DeliveryState.HELD
    why = None if rings else "possible" if lead.match.tier is Tier.POSSIBLE else "digest"
    return Owed(
        target=target,
        state=state,
        why=why,
        tier=lead.match.tier,
        priority=lead.name.priority,
        hits=tuple(news),
        outlets_reached=outlets_reached and bool(rings),
    )


def _ring_again(target: Target, hits: Sequence[Hit], on_their_way: Collection[Target]) -> Owed:
    """For the number of outlets alone; silent where the first alert has not left yet and will show them."""
    lead = hits[0]
    waits = target in on_their_way
    return Owed(
        target=target,
        state=DeliveryState.SUPPRESSED if waits else DeliveryState.PENDING,
        why="shown-already" if waits else None,
        tier=lead.match.tier,
        priority=lead.name.priority,
        hits=tuple(hits),
        outlets_reached=True,
        again=True,
    )
