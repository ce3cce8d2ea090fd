"""What commands show: each screen is built from plain data and knows nothing of Telegram or the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts.decide import NO_ACCESS
from bot.bidi import within
from bot.matching.advice import Advice, Caution, Example
from bot.matching.advice_words import apart, caution_words
from bot.model import DeliveryState, Kind, MatchField, Reason, Scope, Tier, WatchedName, Watchlist
from bot.storage.why import Earlier, Explanation, Found, Told
from bot.telegram.markup import clean, cut, link, plain
from bot.telegram.render import Button, Rendered, folded, shown_time
from bot.texts import listed as listed_words
from bot.texts import percent, plural, story_reason, text
from bot.watchlists.names import NameRefusal, guess_kind

LISTS_A_PAGE = 8
NAMES_SHOWN = 30
REASONS_SHOWN = 8
FOUND_ROOM = 3800
"""Characters for the headline and all that was found; the outcome comes after it."""
LISTS_SHOWN = 20
TITLE = 120
LABEL = 40
"""Longer labels are cut by Telegram's apps in the middle of the screen."""

SPELLING = 60
VALUE = 60

Explain = Callable[[Reason, str], str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A name of a watchlist, and the title of the list."""

    name: WatchedName
    title: str


def back(missed: int, language: str) -> Rendered:
    """The chat can be reached again after it missed so many stories."""
    return said(language, "back", stories=plural(language, "back.stories", missed))


def said(language: str, key: str, **values: object) -> Rendered:
    """A screen of one text."""
    return Rendered(text(language, key, **values))


def shown(value: str, length: int = TITLE) -> str:
    """A value for a text: cut and escaped. Beside a text it goes through `within` or `listed`."""
    return plain(cut(clean(value), length)).markup


def token_of(name: WatchedName) -> str:
    """The name in a button, where 64 bytes are all there is."""
    return hashlib.blake2b(name.id.encode(errors="replace"), digest_size=8).hexdigest()


def _values(values: Mapping[str, str], language: str) -> dict[str, str]:
    """Those of a reason or a caution, not escaped yet: cut and isolated before they are put into words."""
    shares = {key: percent(language, int(value.rstrip("%")) / 100) for key, value in values.items() if key == "percent"}
    return {key: within(language, cut(clean(value), VALUE)) for key, value in values.items()} | shares


# --- Start, help, access --------------------------------------------------------------------------------------


def welcome(language: str, opening: str | None = None) -> Rendered:
    """`opening`: the key of a sentence that comes first."""
    lines = [text(language, opening), ""] if opening else []
    lists = Button(text(language, "start.button.watchlists"), data="lists:0")
    sample = Button(text(language, "start.button.sample"), data="sample:show")
    settings = Button(text(language, "settings.button"), data="adjust:")
    return Rendered("\n".join([*lines, text(language, "start.welcome")]), ((lists,), (sample, settings)))


# --- Watchlists -----------------------------------------------------------------------------------------------


def lists_page(
    lists: Sequence[Watchlist], followed: set[str], page: int, language: str, opening: str | None = None
) -> Rendered:
    """One page of the watchlists; a button follows or stops following."""
    settings = (Button(text(language, "settings.button.back"), data="settings:"),)
    if not lists:
        return Rendered(text(language, "lists.none"), (settings,))
    pages = -(-len(lists) // LISTS_A_PAGE)
    page = min(max(page, 0), pages - 1)
    here = lists[page * LISTS_A_PAGE : (page + 1) * LISTS_A_PAGE]
    title = f"<b>{text(language, 'lists.title')}</b>"
    if pages > 1:
        title += f" · {text(language, 'lists.page', page=page + 1, pages=pages)}"
    lines = [*([opening, ""] if opening else []), title, ""]
    lines += [_list_line(each, language, followed=each.scope in followed) for each in here]
    rows = [(_follow_button(each, each.scope in followed, str(page), each.title),) for each in here]
    turns = [(page > 0, "lists.older", page - 1), (page < pages - 1, "lists.newer", page + 1)]
    nav = tuple(Button(text(language, key), data=f"lists:{to}") for there, key, to in turns if there)
    return Rendered(
        "\n".join([*lines, "", f"<i>{text(language, 'lists.hint')}</i>"]), (*rows, *((nav,) if nav else ()), settings)
    )


def list_page(watchlist: Watchlist, *, followed: bool, language: str, opening: str | None = None) -> Rendered:
    """One watchlist with its names."""
    names = listed_words(language, (shown(name.shown, LABEL) for name in watchlist.names[:NAMES_SHOWN]))
    more = len(watchlist.names) - NAMES_SHOWN
    lines = [
        *([opening, ""] if opening else []),
        _list_line(watchlist, language, followed=followed),
        text(language, "lists.holds", count=plural(language, "lists.names", len(watchlist.names)), names=names),
        *([plural(language, "list.more", more)] if more > 0 else []),
    ]
    label = text(language, "lists.button.unfollow" if followed else "lists.button.follow")
    return Rendered("\n".join(lines), ((_follow_button(watchlist, followed, "-", label, mark=False),),))


def _list_line(watchlist: Watchlist, language: str, *, followed: bool) -> str:
    mark = "✓ " if followed else "• "
    description = f"\n{within(language, shown(watchlist.description, 200))}" if watchlist.description else ""
    return f"{mark}<b>{within(language, shown(watchlist.title))}</b>{description}"


def _follow_button(watchlist: Watchlist, followed: bool, page: str, label: str, *, mark: bool = True) -> Button:
    verb = "unfollow" if followed else "follow"
    tick = "✓ " if followed and mark else ""
    return Button(tick + cut(clean(label), LABEL), data=f"{verb}:{watchlist.id}:{page}")


# --- Personal names -------------------------------------------------------------------------------------------


def watching(name: WatchedName, advice: Advice, listed: Listed | None, found: Sequence[str], language: str) -> Rendered:
    """The answer to /watch.

    Args:
        listed: a name of a watchlist followed here that is, or may be, the same.
        found: what the stored articles say of it (`found_screens.py`).
    """
    head = text(language, "watch.done", name=shown(name.shown))
    lines = [f"{head} · {text(language, 'watch.here')}", *reading(name, advice, language)]
    if listed is not None:
        key = "watch.also-listed" if folded(listed.name.shown) == folded(name.shown) else "watch.perhaps-listed"
        lines.append(text(language, key, name=shown(listed.name.shown), title=shown(listed.title)))
    if name.entity.in_full:
        lines.append(text(language, "watch.in-full"))
    if name.entity.context:
        context = [shown(word, LABEL) for word in name.entity.context]
        lines.append(text(language, "watch.context", words=listed_words(language, context)))
    lines += [*found, text(language, "watch.no-replay")]
    return Rendered("\n".join(lines), _narrowing(name, listed, language))


def reading(name: WatchedName, advice: Advice, language: str) -> list[str]:
    """How a name is taken, which spellings ring and which do not, and what to be careful about; one text a line."""
    lines = [*_how_it_is_read(name, language), *_spellings(advice, language)]
    return lines + [f"⚠️ {_caution(each, language)}." for each in advice.cautions]


def _narrowing(name: WatchedName, listed: Listed | None, language: str) -> tuple[tuple[Button, ...], ...]:
    """Buttons that change what was asked for, two a row."""
    token = token_of(name)
    whole = name.entity.name if " " in name.entity.name else listed.name.entity.name if listed else ""
    given, _, _ = whole.rpartition(" ")
    data = f"only:{token}:{'' if whole == name.entity.name else whole}"
    is_person = name.entity.kind is Kind.PERSON
    narrow = is_person and not name.entity.in_full and given and len(data.encode()) <= 64
    buttons = [
        *([Button(text(language, "watch.button.only", given=cut(clean(given), LABEL)), data=data)] if narrow else []),
        *([Button(text(language, "watch.button.organisation"), data=f"organisation:{token}")] if is_person else []),
        Button(text(language, "watch.button.spellings"), data=f"spellings:{token}"),
        Button(text(language, "watch.button.context"), data=f"context:{token}"),
        Button(text(language, "watch.button.undo"), data=f"unwatch:{token}"),
    ]
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


def all_spellings(name: WatchedName, advice: Advice, language: str) -> Rendered:
    """More examples than the answer to /watch has room for; as many as fit."""
    lines = [f"<b>{within(language, shown(name.shown))}</b>"]
    for line in _spellings(advice, language):
        if len("\n".join([*lines, line])) < FOUND_ROOM:
            lines.append(line)
    return Rendered("\n".join(lines))


def _spellings(advice: Advice, language: str) -> list[str]:
    """One line for each outcome: what rings in a few examples, what does not with its reason."""
    accepted = [shown(each.written, SPELLING) for each in advice.accepts]
    rows = [("watch.accepts", accepted)]
    for key, examples in (("watch.checks", advice.checks), ("watch.refuses", advice.refuses)):
        rows.append((key, [_set_apart(each, language) for each in examples]))
    return [text(language, key, spellings=listed_words(language, spellings)) for key, spellings in rows if spellings]


def _set_apart(example: Example, language: str) -> str:
    written, why = shown(example.written, SPELLING), plain(apart(example, language)).markup
    return f"{within(language, written)} ({within(language, why)})"


def _caution(caution: Caution, language: str) -> str:
    return plain(caution_words(replace(caution, values=_values(caution.values, language)), language)).markup


def _how_it_is_read(name: WatchedName, language: str) -> list[str]:
    if name.entity.kind is Kind.PHRASE:
        return [text(language, "watch.phrase")]
    if name.entity.kind is Kind.ORGANISATION:
        return [text(language, _how_organised(name.entity.name))]
    return [] if " " in name.entity.name else [text(language, "watch.surname")]


def _how_organised(name: str) -> str:
    """The key of why it is an organisation: its form, or somebody's word."""
    if guess_kind(name) is not Kind.ORGANISATION:
        return "watch.told-organisation"
    return "watch.organisation" if " " in name else "watch.acronym"


def refused(name: str, refusal: NameRefusal, language: str) -> Rendered:
    reason = text(language, f"watch.refused.{refusal.code}", name=shown(name, 60))
    return said(language, "watch.refused", name=shown(name, 60), reason=reason)


def which_name(names: Sequence[WatchedName], language: str, asked: str | None = None) -> Rendered:
    """The personal names as buttons, to stop watching for one."""
    if not names:
        return said(language, "unwatch.none")
    key, values = ("unwatch.unknown", {"name": shown(asked, 60)}) if asked else ("unwatch.which", {})
    rows = tuple(
        (Button("✗ " + cut(clean(name.shown), LABEL), data=f"unwatch:{token_of(name)}"),)
        for name in names[:NAMES_SHOWN]
    )
    return Rendered(text(language, key, **values), rows)


def followed_here(lists: Sequence[tuple[str, str | None]], names: Sequence[WatchedName], language: str) -> Rendered:
    """What /list shows. `lists`: (title, why nothing of it is told here: `paused` with its file gone, or `closed`)."""
    if not lists and not names:
        return said(language, "list.empty")
    sections = [
        (
            "list.lists",
            LISTS_SHOWN,
            [_followed_line(title, silent, language) for title, silent in lists],
        ),
        ("list.names", NAMES_SHOWN, [within(language, shown(name.shown, LABEL)) for name in names]),
    ]
    lines = [text(language, "list.title")]
    for heading, most, items in sections:
        if items:
            more = len(items) - most
            lines += ["", text(language, heading), *(f"• {item}" for item in items[:most])]
            lines += [plural(language, "list.more", more)] if more > 0 else []
    return Rendered("\n".join(lines))


def _followed_line(title: str, silent: str | None, language: str) -> str:
    return within(language, shown(title, 60)) + (f" {text(language, f'list.{silent}')}" if silent else "")


# --- Why ------------------------------------------------------------------------------------------------------


def render_why(
    explanation: Explanation,
    titles: Mapping[Scope, str],
    *,
    explain: Explain,
    language: str,
    timezone: ZoneInfo,
    now: datetime,
) -> Rendered:
    """Why an article alerted, or did not.

    Args:
        explanation: only what this chat may know (`commands/why.py` leaves the rest out).
        titles: scope → title of the watchlists it follows.
    """
    article = explanation.article.article
    title = within(language, cut(clean(article.title), 300)) or text(language, "alert.no-title")
    feed = within(language, shown(explanation.feed_title, 60))
    lines = [
        f"<b>{text(language, 'why.title')}</b>",
        link(plain(title), article.url).markup,
        f"{feed} · {shown_time(article.published_at, language, timezone, now)}",
    ]
    for found in explanation.found:
        block = _found(found, titles, explain, language)
        if len("\n".join([*lines, *block])) < FOUND_ROOM:
            lines += ["", *block]
    reasons = {*(each.why for each in explanation.deliveries), *(each.why for each in explanation.earlier)}
    if not explanation.found and NO_ACCESS not in reasons:
        lines += ["", text(language, "why.nothing")]
    lines += ["", *_outcome(explanation, language, timezone, now)]
    return Rendered("\n".join(lines))


def _found(found: Found, titles: Mapping[Scope, str], explain: Explain, language: str) -> list[str]:
    match, name = found.match, found.name
    tier = text(language, "why.certain" if match.tier is Tier.CERTAIN else "why.possible", score=match.score)
    where = "why.found-title" if match.field is MatchField.TITLE else "why.found-text"
    origin = titles.get(match.scope)
    source = text(language, "why.from-list", title=shown(origin, 60)) if origin else text(language, "why.personal")
    who = within(language, shown(name.shown if name else match.name_id))
    lines = [f"<b>{who}</b> · {tier} · {source}"]
    lines.append("• " + text(language, where, spelling=shown(match.text, 80)))
    reasons = [_reason(reason, explain, language) for reason in match.reasons[:REASONS_SHOWN]]
    lines += [f"• {reason}" for reason in dict.fromkeys(reasons)]
    if name is not None and name.note:
        lines.append(f"<i>{text(language, 'why.note', note=shown(name.note, 200))}</i>")
    return lines


def _reason(reason: Reason, explain: Explain, language: str) -> str:
    return plain(explain(replace(reason, values=_values(reason.values, language)), language)).markup


def _outcome(explanation: Explanation, language: str, timezone: ZoneInfo, now: datetime) -> list[str]:
    joined = explanation.joined
    follows = [text(language, "why.follows", title=shown(joined.follows))] if joined and joined.follows else []
    if explanation.deliveries:
        return [*follows, *_delivered(explanation.deliveries[-1], language, timezone, now)]
    if explanation.earlier:
        return [*_told_before(explanation, language, timezone, now), *follows]
    key = {"baseline": "why.baseline", "new": "why.waiting"}.get(explanation.state, "why.not-sent")
    return [text(language, key)]


def _delivered(told: Told, language: str, timezone: ZoneInfo, now: datetime) -> list[str]:
    if told.state is DeliveryState.SENT and told.sent_at is not None:
        lines = [text(language, "why.delivery.sent", when=shown_time(told.sent_at, language, timezone, now))]
        if told.edited_at is not None:
            lines.append(text(language, "why.edited", when=shown_time(told.edited_at, language, timezone, now)))
        return lines
    return [_not_sent(told, language)]


def _not_sent(told: Told | Earlier, language: str) -> str:
    if told.why in {"shown-already", NO_ACCESS}:
        return text(language, f"why.{told.why}")
    return text(language, f"why.delivery.{_OUTCOMES.get(told.state, 'waiting')}")


def _told_before(explanation: Explanation, language: str, timezone: ZoneInfo, now: datetime) -> list[str]:
    sent = [each for each in explanation.earlier if each.sent_at is not None]
    first, joined = (sent or explanation.earlier)[0], explanation.joined
    title, outlet = shown(first.title, 150), shown(first.feed_title, 60)
    if first.sent_at is not None:
        when = shown_time(first.sent_at, language, timezone, now)
        lines = [text(language, "why.told-before", title=title, outlet=outlet, when=when)]
    else:
        lines = [text(language, "why.same-story", title=title, outlet=outlet), _not_sent(first, language)]
    if joined is not None:
        reason = plain(story_reason(joined.why.code, _values(joined.why.values, language), language)).markup
        lines.append(text(language, "why.joined", reason=reason))
    if joined is not None and first.sent_at is not None:
        when = shown_time(first.at, language, timezone, now) if first.at else ""
        lines.append(text(language, f"why.shown.{first.shown}", when=when))
    return lines


_OUTCOMES = {
    DeliveryState.HELD: "held",
    DeliveryState.FAILED: "failed",
    DeliveryState.SUPPRESSED: "suppressed",
}
"""Every other state is on its way."""
