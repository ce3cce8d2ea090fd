"""What an alert says, gathered from the article, its matches and its story; the words and the HTML come later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.alerts.hit import Hit, identities_of, lead_first
from bot.model import AlertView, Article, MatchField, Mention, Outlet, Scope, StoredArticle, Target, chat_scope
from bot.text import sentence_around


def compose(
    lead: StoredArticle,
    told_hits: Sequence[Hit],
    other_hits: Sequence[Hit],
    *,
    target: Target,
    story: Sequence[StoredArticle],
    feed_titles: Mapping[str, str],
    list_titles: Mapping[Scope, str],
) -> AlertView:
    """The view of one delivery.

    Args:
        lead: the article that is told.
        told_hits: the names this delivery tells, the leading one first.
        other_hits: every other name found in the article in the target's scopes.
        story: the articles of the story that this target is shown, oldest first.
        feed_titles: feed id → title.
        list_titles: scope → title, of the watchlists.
    """
    article = lead.article
    told = {identities_of(hit.name)[0] for hit in told_hits}
    also = {identities_of(hit.name)[0]: hit.name.shown for hit in lead_first(other_hits)}
    personal = chat_scope(target)
    hit_scopes = dict.fromkeys(hit.name.scope for hit in [*told_hits, *other_hits] if hit.name.scope != personal)
    return AlertView(
        mentions=tuple(_mention(article, hit) for hit in told_hits),
        also=tuple(shown for identity, shown in also.items() if identity not in told),
        outlets=_outlets(lead, story, feed_titles),
        watchlists=tuple(list_titles[scope] for scope in hit_scopes if scope in list_titles),
    )


def _mention(article: Article, hit: Hit) -> Mention:
    match = hit.match
    source = article.title if match.field is MatchField.TITLE else article.text
    start, end = sentence_around(source, match.start, match.end)
    return Mention(
        shown=hit.name.shown,
        spelling=match.text,
        priority=hit.name.priority,
        tier=match.tier,
        score=match.score,
        sentence=source[start:end],
        sentence_start=match.start - start,
        sentence_end=match.end - start,
        reasons=match.reasons,
        scope=hit.name.scope,
        note=hit.name.note,
    )


def _outlets(lead: StoredArticle, story: Sequence[StoredArticle], feed_titles: Mapping[str, str]) -> tuple[Outlet, ...]:
    """The article itself, then every other outlet of the story once, by its first article that still stands."""
    others: dict[str, StoredArticle] = {}
    for each in story:
        shown = others.setdefault(each.article.feed_id, each)
        if shown.withdrawn_at is not None and each.withdrawn_at is None:
            others[each.article.feed_id] = each
    others.pop(lead.article.feed_id, None)
    return tuple(_outlet(each, feed_titles) for each in (lead, *others.values()))


def _outlet(stored: StoredArticle, feed_titles: Mapping[str, str]) -> Outlet:
    article = stored.article
    return Outlet(
        title=article.title,
        name=feed_titles.get(article.feed_id) or article.feed_id,
        url=article.url,
        published_at=article.published_at,
        language=article.language,
        withdrawn=stored.withdrawn_at is not None,
    )
