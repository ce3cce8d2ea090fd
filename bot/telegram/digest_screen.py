"""What a digest, the end of a mute and a sign of life look like in Telegram. Pure.

What does not fit is not told: its deliveries go on waiting for the next message, and are counted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts.digest import Digest, FeedsRead, Line, by_name
from bot.bidi import within
from bot.matching.reasons import explain
from bot.model import AlertView, Mute, Muted, Reason, Tier
from bot.telegram.markup import MAX_LENGTH, Html, bold, clean, cut, italic, join, link, plain
from bot.telegram.render import Button, Rendered, shown_time
from bot.texts import clock, listed, plural, text, weekday

HEADLINE = 160
NAME = 80
OUTLET = 40
TITLES = 5
MUTES = 8
"""Of a line that names feeds or mutes; the others are counted."""
VALUE = 40
DOUBTS = 2
"""Reasons why a match did not ring; /why has them all."""
NO_DOUBT = frozenset(
    {
        "acronym", "all-words", "asked-for", "context", "doubled", "full-name", "inflected", "initial", "joined",
        "named-in-full", "rare-surname", "same-name", "shorter-name", "sounds-alike", "surname", "surname-first",
        "transliterated", "typo",
    }
)  # fmt: skip
"""Reasons that say what was taken for the name, not why it is to be checked."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and the held deliveries that it tells."""

    shown: Rendered
    delivery_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom it is written for."""

    language: str
    timezone: ZoneInfo
    now: datetime

    def when(self, moment: datetime) -> str:
        return shown_time(moment, self.language, self.timezone, self.now)

    def until(self, moment: datetime) -> str:
        """As in "jusqu’à demain 18 h 00" and "jusqu’au 10 févr., 9 h 42"."""
        days = (moment.astimezone(self.timezone).date() - self.now.astimezone(self.timezone).date()).days
        return text(self.language, "mute.until" if days <= 1 else "mute.until-day", when=self.when(moment))


def render_digest(digest: Digest, reader: Reader) -> Told:
    """The digest, as much of it as fits: what waited and what is to check go before what rang already."""
    language = reader.language
    local = reader.now.astimezone(reader.timezone)
    when = text(language, "digest.when", day=weekday(language, local.date()), clock=clock(language, local))
    head = join("\n", [bold(plain(when)), plain(_counts(digest, language))])
    foot = join("\n", [_hidden(digest, reader), italic(plain(feeds_line(digest.feeds, reader)))])
    page = _Page(head, room=MAX_LENGTH - foot.length - 2 * NAME)
    for name, lines in by_name(digest.waiting):
        page.section(bold(_shown(name, NAME, language)), lines, reader)
    page.section(_heading("digest.to-check", language), digest.to_check, reader)
    heading = _heading("digest.told", language)
    for name, lines in by_name(digest.told):
        if page.section(join("\n", [heading, bold(_shown(name, NAME, language))]), lines, reader):
            heading = Html()  # once, above the first name
    more = [plain(plural(language, "digest.more", page.left_out))] if page.left_out else []
    settings = Button(text(language, "settings.button"), data="adjust:digest")
    return Told(Rendered(join("\n", [page.html, *more, foot]).markup, ((settings,),)), tuple(page.told))


def render_mute_end(mute: Mute, lines: Sequence[Line], reader: Reader) -> Told:
    """What a mute hid, now that it is over."""
    language = reader.language
    title = text(language, f"mute.over.{mute.what.value}", what=cut(clean(mute.shown), HEADLINE))
    head = join("\n", [bold(plain(title)), plain(plural(language, "mute.hid", len(lines)))])
    page = _Page(head, room=MAX_LENGTH - NAME)
    if mute.what is Muted.NAME:  # the heading says whom
        page.section(Html(), lines, reader)
    else:
        for name, about in by_name(lines):
            page.section(bold(_shown(name, NAME, language)), about, reader)
    more = [plain(plural(language, "digest.more", page.left_out))] if page.left_out else []
    return Told(Rendered(join("\n", [page.html, *more]).markup), tuple(page.told))


def render_sign_of_life(feeds: FeedsRead, names: int, to_check: int, reader: Reader) -> Rendered:
    """Nothing was found for a week: that is news, too."""
    language = reader.language
    lines = [
        bold(plain(text(language, "sign.title"))),
        plain(plural(language, "sign.names", names)),
        plain(plural(language, "sign.to-check", to_check)) if to_check else Html(),
        italic(plain(feeds_line(feeds, reader))),
    ]
    return Rendered(join("\n", lines).markup)


class _Page:
    """A message that fills up; lines that find no room are counted."""

    def __init__(self, head: Html, *, room: int) -> None:
        self.html = head
        self.told: list[int] = []
        self.left_out = 0
        self._room = room

    def section(self, heading: Html, lines: Sequence[Line], reader: Reader) -> bool:
        """A heading (or none) and its lines, as many as fit; whether any does."""
        opened = False
        for line in lines:
            parts = [self.html, *([] if opened else [heading]), _line(line, reader)]
            longer = join("\n", parts)
            if not longer.fits(length=self._room):
                self.left_out += 1
                continue
            self.html, opened = longer, True
            self.told.append(line.delivery_id)
        return opened


def _line(line: Line, reader: Reader) -> Html:
    view = line.view
    article, more = view.outlets[0], len(view.outlets) - 1
    title = cut(clean(article.title), HEADLINE)
    shown = within(reader.language, title) if title else text(reader.language, "alert.no-title")
    outlet = within(reader.language, cut(clean(article.name), OUTLET))
    said = [
        _why_to_check(view, reader.language),
        link(plain(shown), article.url),
        plain(listed(reader.language, [outlet, reader.when(article.published_at)])),
        plain(f"+{more}" if more else ""),
        plain(text(reader.language, "digest.kept") if line.kept else ""),
    ]
    return plain("• ") + join(" · ", said)


def _why_to_check(view: AlertView, language: str) -> Html:
    lead = view.mentions[0]
    if lead.tier is not Tier.POSSIBLE:
        return Html()
    words = {"spelling": cut(clean(lead.spelling), NAME), "score": lead.score}
    codes = {reason.code for reason in lead.reasons}
    doubts = [explain(_cut(each, language), language) for each in lead.reasons if each.code not in NO_DOUBT]
    if "surname" in codes:
        reasons = listed(language, [text(language, "digest.no-given-name"), *doubts][:DOUBTS])
        return plain(text(language, "digest.alone", reasons=reasons, **words))
    if doubts:
        return plain(text(language, "digest.possible-why", reasons=listed(language, doubts[:DOUBTS]), **words))
    return plain(text(language, "digest.possible", **words))


def _cut(reason: Reason, language: str) -> Reason:
    """Values are the publisher's words: cut before they are put into ours."""
    return replace(
        reason, values={key: within(language, cut(clean(value), VALUE)) for key, value in reason.values.items()}
    )


def _counts(digest: Digest, language: str) -> str:
    names = {line.name for line in (*digest.told, *digest.waiting, *digest.to_check)}
    parts = [
        plural(language, "count.stories", digest.stories),
        plural(language, "count.articles", digest.articles),
        plural(language, "count.names", len(names)),
    ]
    kept = sum(line.kept for line in digest.told)
    night = [f"({plural(language, 'digest.night', kept)})"] if kept else []
    return " ".join([" · ".join(parts), *night])


def _hidden(digest: Digest, reader: Reader) -> Html:
    language = reader.language
    if not digest.hidden:
        return Html()
    items = []
    for each in digest.hidden[:MUTES]:
        what = cut(clean(each.mute.shown), NAME) or text(language, "mute.everything")
        until = reader.until(each.mute.until) if each.mute.until else text(language, "mute.until-lifted")
        stories = plural(language, "count.stories", each.stories)
        line = text(language, "digest.muted-one", what=what, until=until, stories=stories)
        named = each.mute.what is Muted.NAME
        items.append(text(language, "digest.muted-latest", line=line, name=what) if named else line)
    more = len(digest.hidden) - MUTES
    items += [plural(language, "more", more)] if more > 0 else []
    return bold(plain(text(language, "digest.muted"))) + plain(" " + " · ".join(items))


def feeds_line(feeds: FeedsRead, reader: Reader) -> str:
    """What was read, and what is missing."""
    language = reader.language
    read = text(
        language,
        "silence.read",
        feeds=plural(language, "count.feeds", feeds.feeds),
        articles=plural(language, "count.articles", feeds.articles),
    )
    if feeds.whole:
        return f"{read} {text(language, 'silence.nothing-missing')}"
    said = [read]
    if feeds.blind:
        since, until = reader.when(feeds.blind.begin_at), reader.when(feeds.blind.end_at)
        said.append(text(language, "bundle.blind", since=since, until=until))
    for key, dated in (("silence.quiet", feeds.quiet), ("silence.failing", feeds.failing)):
        if dated:
            said.append(text(language, key, titles=_titles([_since(each, reader) for each in dated], language)))
    if feeds.refused:
        said.append(
            text(language, "silence.refused", titles=_titles([_title(each) for each in feeds.refused], language))
        )
    return " ".join([*said, text(language, "silence.nothing-else-missing")])


def _since(feed: tuple[str, datetime], reader: Reader) -> str:
    return text(reader.language, "silence.since", title=_title(feed[0]), when=reader.when(feed[1]))


def _title(title: str) -> str:
    return cut(clean(title), OUTLET)


def _titles(titles: Sequence[str], language: str) -> str:
    more = len(titles) - TITLES
    return listed(language, [*titles[:TITLES], *([plural(language, "more", more)] if more > 0 else [])])


def _heading(key: str, language: str) -> Html:
    return bold(plain(text(language, key)))


def _shown(name: str, length: int, language: str) -> Html:
    return plain(within(language, cut(clean(name), length)))
