"""Who is owed what, once an article has its matches and its story.

What is new is (story, entity), per target: a target hears of a name once in a story, and again only when what was
merely possible has become certain, or when as many outlets tell the story as it asked for. Nothing is dropped: what
does not ring is held, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.alerts.hit import Hit, identities_of, once_each
from bot.alerts.hours import in_peace
from bot.alerts.wishes import Heard, Wishes, heard, muted_by
from bot.model import Article, DeliveryState, Priority, Rings, Scope, Subscription, Target, Tier


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery to be made."""

    target: Target
    state: DeliveryState
    why: str | None
    """Of what does not ring: `possible`, `digest` or `muted` for what is held, `shown-already` for what an alert on its
    way will show, `other-person` for what a verdict of this target refuses, `no-access` where it has none any more."""
    tier: Tier
    priority: Priority
    hits: tuple[Hit, ...]
    """What is told to this target, the leading one first."""
    outlets_reached: bool = False
    """As many outlets tell the story as this target asked for."""
    again: bool = False
    """It rings for that alone: the names were told before."""
    due_at: datetime | None = None
    """When quiet hours end, told together with what else they held; None for at once."""
    silent: bool = False
    mute_id: int | None = None

    @property
    def told(self) -> dict[str, Tier]:
        """The identities that this delivery tells, with the tier at which it tells them."""
        if self.why in {"other-person", NO_ACCESS}:
            return {}
        fresh = () if self.again else reversed(self.hits)
        names = {identity: hit.match.tier for hit in fresh for identity in identities_of(hit.name)}
        return names | ({OUTLETS: Tier.CERTAIN} if self.outlets_reached else {})


@dataclass(frozen=True, slots=True)
class News:
    """The article that is told, in its story."""

    article_id: int
    article: Article
    story_id: int
    tags: frozenset[str]
    """Of all feeds that list the article."""
    outlets: Mapping[str, frozenset[str]]
    """The feeds whose articles tell this story, this one's included, with the tags of each."""


NO_ACCESS = "no-access"
"""Why a delivery was not sent: the target may not be told of this any more, or had no access when it came up."""
OUTLETS = "outlets"
"""What is remembered, beside names, once a target was rung for the number of outlets of a story."""


def decide(
    hits: Sequence[Hit],
    subscriptions: Sequence[Subscription],
    told: Mapping[Target, Mapping[str, Tier]],
    *,
    news: News,
    list_tags: Mapping[Scope, frozenset[str]],
    wishes: Mapping[Target, Wishes],
    today: date,
    now: datetime,
    on_their_way: Collection[Target] = (),
    refused_already: Collection[Target] = (),
) -> list[Owed]:
    """One `Owed` a target at most, in the order of targets.

    Args:
        subscriptions: of targets that can be reached.
        told: what each target heard of in this story.
        list_tags: the feeds a scope looks at; absent or empty means all.
        wishes: of the targets that have any.
        today: the day on which names with an end are looked at.
        on_their_way: targets whose first alert of this story has not left yet; it will show every outlet.
        refused_already: targets of which it is kept already that they had no access when this story came up.
    """
    live = [hit for hit in hits if _is_live(hit, news.tags, list_tags, today)]
    followed: dict[Target, list[Subscription]] = {}
    for each in subscriptions:
        followed.setdefault(each.target, []).append(each)
    owed = []
    for target, every in sorted(followed.items(), key=lambda item: item[0]):
        wish, known = wishes.get(target, NO_WISHES), told.get(target, {})
        mine = [each for each in every if each.served]
        here = _heard_here(live, mine, wish, news)
        one = _owed_to(target, mine, here, known, news, list_tags, waits=target in on_their_way)
        if one is None and len(mine) < len(every) and target not in refused_already:
            one = _without_access(target, _heard_here(live, every, wish, news), known)
        if one is not None:
            owed.append(_as_wished(one, wish, news.story_id, now))
    return owed


NO_WISHES = Wishes()


def covers(tags: frozenset[str], article_tags: frozenset[str]) -> bool:
    """Whether a list that looks at the feeds with `tags` looks at an article's feeds; no tags are all feeds."""
    return not tags or bool(tags & article_tags)


def _is_live(hit: Hit, article_tags: frozenset[str], list_tags: Mapping[Scope, frozenset[str]], today: date) -> bool:
    tags = list_tags.get(hit.name.scope, frozenset())
    ended = hit.name.until is not None and today > hit.name.until
    return not ended and covers(tags, article_tags)


def _heard_here(live: Sequence[Hit], subscriptions: Sequence[Subscription], wish: Wishes, news: News) -> Heard:
    scopes = {each.scope for each in subscriptions}
    priorities = {
        (each.scope, name_id): priority for each in subscriptions for name_id, priority in each.priorities.items()
    }
    here = [hit for hit in live if hit.name.scope in scopes]
    return heard(here, wish, news.article, news.article_id, priorities)


def _owed_to(
    target: Target,
    subscriptions: Sequence[Subscription],
    here: Heard,
    told: Mapping[str, Tier],
    news: News,
    list_tags: Mapping[Scope, frozenset[str]],
    *,
    waits: bool,
) -> Owed | None:
    """What the article owes to one target, its mutes and quiet hours apart."""
    reached = _outlets_reached(subscriptions, here.accepted, told, news.outlets, list_tags)
    fresh = [hit for hit in here.accepted if _is_news(hit, told)]
    if fresh:
        return _owe(target, once_each(fresh), outlets_reached=reached)
    if reached:
        return _ring_again(target, once_each(here.accepted), waits=waits)
    refused = [hit for hit in here.refused if _is_news(hit, told)]
    return _refuse(target, once_each(refused)) if refused else None


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
    ringing = {hit.name.scope for hit in hits if hit.rings}
    for each in subscriptions:
        if each.ring_at_outlets is not None and each.scope in ringing:
            tags = list_tags.get(each.scope, frozenset())
            if sum(covers(tags, of_feed) for of_feed in outlets.values()) >= each.ring_at_outlets:
                return True
    return False


def _owe(target: Target, news: Sequence[Hit], *, outlets_reached: bool) -> Owed:
    lead = news[0]
    rings = [hit for hit in news if hit.rings]
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


def _ring_again(target: Target, hits: Sequence[Hit], *, waits: bool) -> Owed:
    """For the number of outlets alone; silent where the first alert has not left yet and will show them."""
    lead = hits[0]
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


def _refuse(target: Target, hits: Sequence[Hit]) -> Owed:
    """Somebody else, as a verdict of this target says: kept, so that it can be asked why there was no alert."""
    lead = hits[0]
    return Owed(target, DeliveryState.SUPPRESSED, "other-person", lead.match.tier, lead.name.priority, tuple(hits))


def _without_access(target: Target, here: Heard, told: Mapping[str, Tier]) -> Owed | None:
    """What would be news to a target whose access ended: kept for the same question, told neither now nor later."""
    fresh = once_each([hit for hit in here.accepted if _is_news(hit, told)])
    if not fresh:
        return None
    lead = fresh[0]
    return Owed(target, DeliveryState.SUPPRESSED, NO_ACCESS, lead.match.tier, lead.name.priority, tuple(fresh))


# --- Mutes, digests, quiet hours ------------------------------------------------------------------------------------


def _as_wished(owed: Owed, wish: Wishes, story_id: int, now: datetime) -> Owed:
    """The delivery as the target wants to be told: what is muted or waits for the digest is held, the night kept."""
    if owed.state is DeliveryState.SUPPRESSED:
        return owed
    owed = _without_muted(owed, wish, story_id)
    if owed.state is not DeliveryState.PENDING or owed.priority is Priority.URGENT:
        return owed
    if wish.preferences.rings is Rings.DIGEST:
        return replace(owed, state=DeliveryState.HELD, why="digest")
    due_at, silent = in_peace(wish.preferences.quiet, now, wish.zone)
    return replace(owed, due_at=due_at if due_at > now else None, silent=silent)


def _without_muted(owed: Owed, wish: Wishes, story_id: int) -> Owed:
    """Names that ring in spite of the mutes go first; where none does, the whole delivery is held."""
    mutes = [muted_by(hit, story_id, wish.mutes) for hit in owed.hits]
    loud = [hit for hit, mute in zip(owed.hits, mutes, strict=True) if mute is None]
    muting = [mute for mute in mutes if mute is not None]
    if not muting or (loud and owed.state is DeliveryState.HELD):
        return owed
    if not any(hit.rings for hit in loud):
        return replace(owed, state=DeliveryState.HELD, why="muted", mute_id=muting[0].id)
    quiet = [hit for hit, mute in zip(owed.hits, mutes, strict=True) if mute is not None]
    lead = loud[0]
    return replace(owed, hits=(*loud, *quiet), tier=lead.match.tier, priority=lead.name.priority)
