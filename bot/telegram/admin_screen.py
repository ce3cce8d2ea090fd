"""What the bot's admins are shown: its state, the feeds, open invitations, names in bulk. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.bidi import within
from bot.health.report import Report
from bot.matching.advice import Advice
from bot.model import Question, WatchedName, Watchlist
from bot.storage.coverage import FeedStanding
from bot.storage.people import Invitation, Member
from bot.telegram.markup import Html, bold, clean, clean_lines, cut, plain
from bot.telegram.render import Button, Rendered, shown_time
from bot.telegram.screens import LABEL, Listed, reading, said, shown
from bot.texts import has_text, listed, number, plural, text

FEEDS_A_PAGE = 15
LISTS = 20
INVITATIONS = 10
MEMBERS = 10
A_ROW = 5


def status(report: Report, *, language: str, timezone: ZoneInfo, now: datetime) -> Rendered:
    """The same that `guetteur status` prints, in a few lines; the state also by its name at `/healthz`."""
    counts, state = report.counts, report.verdict.state.value
    head = [f"<b>{text(language, f'board.state.{state}')}</b> (<code>{state}</code>)"]
    if report.since is not None:
        head.append(text(language, "board.state.since", when=shown_time(report.since, language, timezone, now)))
    lines = [" · ".join(within(language, part) for part in head)]
    for each in report.verdict.troubles:
        values = {key: shown(value) for key, value in each.values.items()}
        lines.append("• " + text(language, f"board.trouble.{each.code}", **values))
    feeds = [f"{number(language, many)} {_state(each, language)}" for each, many in counts.feeds.items() if many]
    lines.append(text(language, "status.feeds", feeds=listed(language, feeds) or number(language, 0)))
    lines.append(
        text(
            language,
            "status.names",
            names=plural(language, "count.names", counts.names),
            lists=number(language, counts.watchlists),
            chats=number(language, counts.chats),
        )
    )
    owed = counts.deliveries.get("pending", 0) + counts.deliveries.get("unknown", 0)
    lines.append(
        text(language, "status.owed", owed=number(language, owed), articles=number(language, counts.articles_waiting))
    )
    for key, moment in (("status.polled", counts.last_good_poll_at), ("status.sent", counts.last_sent_at)):
        when = shown_time(moment, language, timezone, now) if moment else text(language, "board.never")
        lines.append(text(language, key, when=when))
    return Rendered("\n".join(lines))


def feeds_page(
    feeds: Sequence[FeedStanding], page: int, *, language: str, timezone: ZoneInfo, now: datetime
) -> Rendered:
    """The feeds by id, those in trouble first."""
    if not feeds:
        return said(language, "feeds-admin.none")
    ordered = sorted(feeds, key=lambda each: (each.state == "ok" and not each.noticed, each.id))
    pages = -(-len(ordered) // FEEDS_A_PAGE)
    page = min(max(page, 0), pages - 1)
    title = text(language, "feeds-admin.title", count=number(language, len(feeds)))
    lines = [f"<b>{title}</b>"]
    for each in ordered[page * FEEDS_A_PAGE : (page + 1) * FEEDS_A_PAGE]:
        state = each.noticed or each.state
        mark = "✓" if state == "ok" else "⚠️"
        what = [shown(each.title or each.id, 50), f"<code>{shown(each.id, 64)}</code>"]
        if state != "ok":
            what.append(_state(state, language))
        elif each.last_good_at is not None:
            what.append(shown_time(each.last_good_at, language, timezone, now))
        lines.append(f"{mark} {' · '.join(within(language, part) for part in what)}")
    turns = [(page > 0, "lists.older", page - 1), (page < pages - 1, "lists.newer", page + 1)]
    nav = tuple(Button(text(language, key), data=f"feeds:{to}") for there, key, to in turns if there)
    return Rendered("\n".join(lines), (nav,) if nav else ())


def which_list(lists: Sequence[Watchlist], name: str, language: str) -> Rendered:
    """Into which watchlist the name goes."""
    if not lists:
        return said(language, "lists.none")
    rows = tuple((Button(cut(clean(each.title), LABEL), data=f"addname:pick:{each.id}"),) for each in lists[:LISTS])
    return Rendered(text(language, "addname.which", name=shown(name, 60)), rows, asks=Question("addname", name))


def new_name(
    name: WatchedName,
    typed: str,
    target: Watchlist,
    advice: Advice,
    twin: Listed | None,
    found: Sequence[str],
    language: str,
) -> Rendered:
    """What would be written into the watchlist `target`, and the question whether it is to be.

    Args:
        twin: a name of a list that is, or may be, the same.
        found: what the stored articles say of it (`found_screens.py`).
    """
    title = shown(target.title)
    lines = [text(language, "addname.preview", name=shown(name.shown), title=title), *reading(name, advice, language)]
    if twin is not None:
        lines.append(text(language, "addname.perhaps", name=shown(twin.name.shown), title=shown(twin.title)))
    write = Button(text(language, "addname.button.write"), data=f"addname:write:{target.id}")
    no = Button(text(language, "bulk.button.no"), data="addname:no")
    return Rendered("\n".join([*lines, *found]), ((write, no),), asks=Question("addname", typed))


def invitations(found: Sequence[Invitation], *, language: str, timezone: ZoneInfo, now: datetime) -> Rendered:
    """The links that are open; a button revokes each."""
    members = (Button(text(language, "invite.button.members"), data="members:"),)
    if not found:
        return Rendered(text(language, "invite.none"), (members,))
    lines, rows = [text(language, "invite.open")], []
    for at, each in enumerate(found[:INVITATIONS], 1):
        made = shown_time(each.created_at, language, timezone, now)
        until = (
            shown_time(each.expires_at, language, timezone, now) if each.expires_at else text(language, "board.never")
        )
        lines.append(text(language, "invite.line", number=at, made=made, until=until))
        rows.append(Button(f"✗ {at}", data=f"invites:{each.digest}"))
    return Rendered("\n".join(lines), (*_in_rows(rows), members))


def members(
    found: Sequence[Member], page: int, opening: str | None, *, language: str, timezone: ZoneInfo, now: datetime
) -> Rendered:
    """Who came in by a link; a button removes each, once that is confirmed."""
    lines, rows = [opening, ""] if opening else [], []
    pages = max(-(-len(found) // MEMBERS), 1)
    page = min(max(page, 0), pages - 1)
    lines.append(text(language, "members.title" if found else "members.none"))
    for at, each in enumerate(found[page * MEMBERS : (page + 1) * MEMBERS], page * MEMBERS + 1):
        since = shown_time(each.since, language, timezone, now)
        lines.append(
            text(language, "members.line", number=at, name=within(language, shown(each.name, 60)), since=since)
        )
        rows.append(Button(f"✗ {at}", data=f"member:{each.user_id}"))
    turns = [(page > 0, "lists.older", page - 1), (page < pages - 1, "lists.newer", page + 1)]
    nav = [Button(text(language, key), data=f"members:{to}") for there, key, to in turns if there]
    back = Button(text(language, "button.back"), data="invites:")
    return Rendered("\n".join(lines), (*_in_rows(rows), (*nav, back)))


def remove_member(member: Member, language: str, *, by_invitation: bool) -> Rendered:
    """The question whether somebody is to be removed. `by_invitation`: that is what gives access at present."""
    lines = [text(language, "members.sure", name=within(language, shown(member.name, 60)))]
    lines += [] if by_invitation else [text(language, "members.other-access")]
    yes = Button(text(language, "members.button.remove"), data=f"member:{member.user_id}:yes")
    no = Button(text(language, "members.button.keep"), data="members:")
    return Rendered("\n\n".join(lines), ((yes, no),))


def _in_rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[at : at + A_ROW]) for at in range(0, len(buttons), A_ROW))


def broadcast(words: str, language: str) -> Rendered:
    """As it will be, with the question whether it is to go out."""
    send = Button(text(language, "broadcast.button.send"), data="broadcast:yes")
    no = Button(text(language, "broadcast.button.no"), data="broadcast:no")
    head, as_sent = text(language, "broadcast.preview"), render_broadcast(words, language).markup
    return Rendered(f"{head}\n\n{as_sent}", ((send, no),), asks=Question("broadcast", words))


def render_broadcast(words: str, language: str) -> Html:
    """As each chat gets it: under the bot's name, so the reader has to know who speaks."""
    lines = [plain(within(language, line)) for line in clean_lines(words).split("\n")]
    message = bold(plain(text(language, "notice.broadcast")))
    for line in lines:
        message = message + plain("\n") + line
    return message


def _state(state: str, language: str) -> str:
    key = f"board.feed.{state}"
    return text(language, key) if has_text(key) else state
