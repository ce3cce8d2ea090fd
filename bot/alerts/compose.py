"""What an alert says, gathered from the article, its matches and its story; the words and the HTML come later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.alerts.decide import Hit, identities_of, lead_first
from bot.model import AlertView, Article, MatchField, Mention, Outlet, Scope, StoredArticle, Target, chat_scope
from bot.text import sentence_around


def compose(
    article: Article,
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
        told_hits: the names this delivery tells, the leading one first.
        other_hits: every other name found in the article in the target's scopes.
        story: the articles of the story, oldest first.
        feed_titles: feed id → title.
        list_titles: scope → title, of the watchlists.
    """
    told = {identities_of(hit.name)[0] for hit in told_hits}
    also = {identities_of(hit.name)[0]: hit.name.shown for hit in lead_first(other_hits)}
    personal = chat_scope(target)
    hit_scopes = dict.fromkeys(hit.name.scope for hit in [*told_hits, *other_hits] if hit.name.scope != personal)
    return AlertView(
        mentions=tuple(_mention(article, hit) for hit in told_hits),
        also=tuple(shown for identity, shown in also.items() if identity not in told),
        outlets=_outlets(article, story, feed_titles),
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


def _outlets(article: Article, story: Sequence[StoredArticle], feed_titles: Mapping[str, str]) -> tuple[Outlet, ...]:
    """The article itself, then every other outlet of the story once."""
    first = _outlet(article, feed_titles)
    others: dict[str, Outlet] = {}
    for each in story:
        if each.article.feed_id != article.feed_id:
            others.setdefault(each.article.feed_id, _outlet(each.article, feed_titles))
    return (first, *others.values())


def _outlet(article: Article, feed_titles: Mapping[str, str]) -> Outlet:
    return Outlet(
        title=article.title,
        name=feed_titles.get(article.feed_id) or article.feed_id,
        url=article.url,
        published_at=article.published_at,
        language=article.language,
    )
