"""What an alert and its explanation look like in Telegram: names first, headline second, the sentence verbatim.

Pure. Every text is cut before it is marked up, and what does not fit is counted, never silently gone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.bidi import within
from bot.model import AlertView, Blindness, Mention, Outlet, Question, Tier
from bot.telegram.markup import (
    Html,
    bold,
    clean,
    cut,
    cut_start,
    italic,
    join,
    link,
    plain,
    quote,
    struck,
    utf16_length,
)
from bot.texts import clock, day, language_name, listed, plural, text

NAME = 120
HEADLINE = 300
OUTLET = 60
SENTENCE = 320
"""What is quoted around a mention, the mention not counted."""
ALERT_BUTTONS = (("right", "other"), ("mute", "why"))
"""What a reader may do about an alert, as the verbs of its buttons: four at most, and two a row on a phone."""
LEADING_NAMES = 3
"""Names in the first line: a lock screen shows no more."""
QUOTES = 4
OTHER_NAMES = 12
OUTLETS = 20


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: `data` (at most 64 bytes) comes back when it is pressed, `url` opens."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is handed over."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons."""
    asks: Question | None = None
    """The reader is to answer to it."""
    photo: bytes | None = None
    """A picture, PNG; `html` is its caption."""
    document: Document | None = None
    """A file; `html` is its caption."""

    @property
    def digest(self) -> str:
        """Equal for what looks and works alike: 32 hexadecimal digits."""
        return hashlib.blake2b(repr((self.html, self.buttons)).encode(errors="replace"), digest_size=16).hexdigest()


def render_alert(view: AlertView, *, delivery_id: int, language: str, timezone: ZoneInfo, now: datetime) -> Rendered:
    """The message of one delivery."""
    article = view.outlets[0]
    head = [_names_line(view, language), _headline(article, view.mentions, language)]
    head += _remarks(view, language, timezone, now)
    head.append(_source_line(view, language, timezone, now))
    body = [*_quotes(view.mentions, article.title, language), _also_line(view, language)]
    if len(view.outlets) > 1:
        body.append(_other_outlets(view.outlets[1:], language, timezone, now))
    return Rendered(_fitted(join("\n", head), body).markup, alert_buttons(delivery_id, language))


def alert_buttons(delivery_id: int, language: str) -> tuple[tuple[Button, ...], ...]:
    """What stands under the message of a delivery."""
    return tuple(
        tuple(Button(text(language, f"alert.button.{verb}"), data=f"{verb}:{delivery_id}") for verb in row)
        for row in ALERT_BUTTONS
    )


def render_bundle(
    views: Sequence[AlertView],
    blind: Blindness | None,
    *,
    bundle: str,
    language: str,
    timezone: ZoneInfo,
    now: datetime,
) -> tuple[Rendered, int]:
    """The first of these alerts, as many as fit into one message (one at least), and how many they are.

    Each is a story; before them stands what was missed meanwhile. `bundle`: why they come together, as in
    `storage/outbox.py`.
    """
    head = [bold(plain(plural(language, f"bundle.{bundle}", len(views))))]
    if blind:
        times = {
            "since": shown_time(blind.begin_at, language, timezone, now),
            "until": shown_time(blind.end_at, language, timezone, now),
        }
        head.append(plain(text(language, "bundle.blind", **times) + " " + _lost(blind, language)))
    message = join("\n", head)
    for number, view in enumerate(views):
        longer = join("\n", [message, _bundled(view, language, timezone, now)])
        if number and not longer.fits():
            return Rendered(message.markup), number
        message = longer
    return Rendered(message.markup), len(views)


def _bundled(view: AlertView, language: str, timezone: ZoneInfo, now: datetime) -> Html:
    lines = [
        Html(),
        _names_line(view, language),
        _headline(view.outlets[0], view.mentions, language),
        _source_line(view, language, timezone, now),
    ]
    if view.old:
        lines.append(italic(plain(text(language, "alert.old"))))
    return join("\n", lines)


def _lost(blind: Blindness, language: str) -> str:
    if not blind.lost:
        return text(language, "bundle.nothing-lost")
    more = len(blind.lost) - OTHER_NAMES
    rest = [plural(language, "more", more)] if more > 0 else []
    titles = [cut(clean(title), OUTLET) for title in blind.lost[:OTHER_NAMES]]
    return text(language, "bundle.lost", titles=listed(language, [*titles, *rest]))


def _fitted(message: Html, parts: Iterable[Html]) -> Html:
    """`message` with every part that still fits, in order."""
    for part in parts:
        longer = join("\n", [message, part])
        message = longer if longer.fits() else message
    return message


# --- The lines of an alert ------------------------------------------------------------------------------------------


def _names_line(view: AlertView, language: str) -> Html:
    """Where a correction left no name, those that were told, struck out."""
    mentions = view.mentions
    if not mentions:
        return join(" · ", (struck(_shown(name, NAME, language)) for name in view.no_longer[:LEADING_NAMES]))
    line = join(" · ", (_name(mention, language) for mention in mentions[:LEADING_NAMES]))
    more = len(mentions) - LEADING_NAMES
    return join(" ", [line, plain(plural(language, "alert.more-names", more))]) if more > 0 else line


def _name(mention: Mention, language: str) -> Html:
    spelling = clean(mention.spelling)
    parts = [bold(_shown(mention.shown, NAME, language))]
    if differs(mention.shown, spelling):
        parts.append(plain(text(language, "alert.spelling", spelling=cut(spelling, NAME))))
    if mention.tier is Tier.POSSIBLE:
        parts.append(plain("(" + text(language, "alert.possible", score=mention.score) + ")"))
    return join("  ", parts)


def _headline(article: Outlet, mentions: Sequence[Mention], language: str) -> Html:
    title = clean(article.title) or text(language, "alert.no-title")
    in_title = [clean(mention.spelling) for mention in mentions if _quotes_title(mention, article.title)]
    shown = _isolated(emphasised(cut(title, HEADLINE), in_title), language)
    return link(struck(shown) if article.withdrawn else shown, article.url)


def _remarks(view: AlertView, language: str, timezone: ZoneInfo, now: datetime) -> list[Html]:
    """What has to be known to read the rest: why it rings, what became of the article, what came before."""
    said = []
    if view.late:
        said.append(text(language, "alert.old" if view.old else "alert.late"))
    if view.outlets_reached:
        said.append(plural(language, "alert.outlets-reached", len(view.outlets)))
    elif view.reply_to_story:
        said.append(text(language, "alert.new-in-story"))
    if view.outlets[0].withdrawn:
        said.append(text(language, "alert.withdrawn"))
    if view.retitled_at is not None:
        said.append(text(language, "alert.retitled", when=shown_time(view.retitled_at, language, timezone, now)))
    if view.no_longer:
        names = [cut(clean(name), NAME // 2) for name in view.no_longer[:OTHER_NAMES]]
        said.append(text(language, "alert.no-longer", names=listed(language, names)))
    if view.follows is not None:
        said.append(text(language, "alert.follows", title=cut(clean(view.follows), NAME)))
    return [italic(plain(each)) for each in said]


def _source_line(view: AlertView, language: str, timezone: ZoneInfo, now: datetime) -> Html:
    article, count = view.outlets[0], len(view.outlets)
    return join(
        " · ",
        [
            _shown(article.name, OUTLET, language) + _foreign(article, language),
            plain(shown_time(article.published_at, language, timezone, now)),
            bold(plain(plural(language, "alert.outlets", count))) if count > 1 else Html(),
            plain(_lists(view.watchlists, language)),
        ],
    )


def _lists(watchlists: Sequence[str], language: str) -> str:
    """Whole titles, for a cut through the list could leave a direction mark open."""
    titles = [cut(clean(title), NAME) for title in watchlists]
    room = [sum(map(utf16_length, titles[: number + 1])) <= HEADLINE for number in range(len(titles))]
    more = room.count(False)
    rest = [plural(language, "more", more)] if more else []
    return listed(language, [*titles[: len(titles) - more], *rest])


def _quotes(mentions: Sequence[Mention], title: str, language: str) -> list[Html]:
    """The sentences, each once, with every name that was found in it in bold; what stands in the headline is there."""
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        if not _quotes_title(mention, title):
            found.setdefault(clean(mention.sentence), []).append(mention)
    return [quote(_sentence(group, language)) for group in list(found.values())[:QUOTES] if clean(group[0].sentence)]


def _sentence(group: Sequence[Mention], language: str) -> Html:
    """The first mention's sentence, trimmed around it."""
    first = group[0]
    start = min(max(first.sentence_start, 0), len(first.sentence))
    end = min(max(first.sentence_end, start), len(first.sentence))
    before, after = first.sentence[:start], first.sentence[end:]
    others = [clean(mention.spelling) for mention in group[1:]]
    parts = [
        emphasised(_spaced(before, cut_start(clean(before), SENTENCE // 2), at_end=True), others),
        bold(plain(cut(clean(first.sentence[start:end]), NAME))),
        emphasised(_spaced(after, cut(clean(after), SENTENCE // 2), at_end=False), others),
    ]
    return _isolated(Html() + parts[0] + parts[1] + parts[2], language)


def _also_line(view: AlertView, language: str) -> Html:
    names = [*(mention.shown for mention in view.mentions[LEADING_NAMES:]), *view.also]
    shown = [cut(clean(name), NAME // 2) for name in names if clean(name)]
    if not shown:
        return Html()
    more = len(shown) - OTHER_NAMES
    rest = [plural(language, "more", more)] if more > 0 else []
    return plain(text(language, "alert.also", names=listed(language, [*shown[:OTHER_NAMES], *rest])))


def _other_outlets(others: Sequence[Outlet], language: str, timezone: ZoneInfo, now: datetime) -> Html:
    lines = [_outlet(outlet, language, timezone, now) for outlet in others[:OUTLETS]]
    more = len(others) - OUTLETS
    if more > 0:
        lines.append(plain(plural(language, "more", more)))
    return quote(join("\n", lines), expandable=True)


def _outlet(outlet: Outlet, language: str, timezone: ZoneInfo, now: datetime) -> Html:
    name = _shown(outlet.name, OUTLET, language) or plain("?")
    when = plain(" " + shown_time(outlet.published_at, language, timezone, now))
    gone = plain(f" ({text(language, 'alert.outlet-withdrawn')})") if outlet.withdrawn else Html()
    name = struck(name) if outlet.withdrawn else name
    return plain("+ ") + link(name, outlet.url) + when + _foreign(outlet, language) + gone


def _foreign(outlet: Outlet, language: str) -> Html:
    """A remark where the article is written in another language than the reader's."""
    written_in = language_name(language, outlet.language or language)
    if written_in is None or written_in == language_name(language, language):
        return Html()
    return plain(f" ({written_in})")


def _quotes_title(mention: Mention, title: str) -> bool:
    return folded(mention.sentence) in folded(title)


def _shown(name: str, length: int, language: str) -> Html:
    return plain(within(language, cut(clean(name), length)))


def _isolated(inner: Html, language: str) -> Html:
    """What was marked up already; a line that is in one language as a whole keeps the direction of that."""
    if not inner:
        return inner
    before, _, after = within(language, inner.markup).partition(inner.markup)
    return plain(before) + inner + plain(after)


def _spaced(whole: str, trimmed: str, *, at_end: bool) -> str:
    """`clean` took the blank beside the mention; an elided l' or a comma has none."""
    if not trimmed:
        return ""
    if at_end:
        return trimmed + " " if whole[-1:].isspace() else trimmed
    return " " + trimmed if whole[:1].isspace() else trimmed


# --- Words shared with the other screens -----------------------------------------------------------------------------


def emphasised(line: str, spellings: Sequence[str]) -> Html:
    """`line` with each of the spellings in bold wherever it stands first."""
    spans: list[tuple[int, int]] = []
    for spelling in spellings:
        at = line.find(spelling) if spelling else -1
        if at >= 0 and not any(start < at + len(spelling) and at < end for start, end in spans):
            spans.append((at, at + len(spelling)))
    marked, done = Html(), 0
    for start, end in sorted(spans):
        marked = marked + plain(line[done:start]) + bold(plain(line[start:end]))
        done = end
    return marked + plain(line[done:])


def differs(name: str, spelling: str) -> bool:
    """Whether a reader would see another spelling: not for case, accents, order or a part left out."""
    return not set(folded(spelling).split()) <= set(folded(name).split())


def folded(words: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFKD", words) if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def shown_time(moment: datetime, language: str, timezone: ZoneInfo, now: datetime) -> str:
    """In the reader's zone; with the day when it is not today's."""
    local, today = moment.astimezone(timezone), now.astimezone(timezone).date()
    at = clock(language, local)
    if local.date() == today:
        return at
    if local.date() == today - timedelta(days=1):
        return text(language, "time.yesterday", clock=at)
    if local.date() == today + timedelta(days=1):
        return text(language, "time.tomorrow", clock=at)
    date = day(language, local.date(), with_year=local.year != today.year)
    return text(language, "time.day", date=date, clock=at)
