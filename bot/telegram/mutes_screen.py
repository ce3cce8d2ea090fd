"""What muting looks like: the menu under an alert, whom and for how long, and what is muted. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.alerts.digest import Hidden
from bot.alerts.hit import identities_of
from bot.bidi import within
from bot.model import Muted, WatchedName
from bot.telegram.digest_screen import Reader
from bot.telegram.markup import clean, cut
from bot.telegram.render import Button, Rendered, alert_buttons
from bot.telegram.screens import shown
from bot.texts import plural, text

Rows = tuple[tuple[Button, ...], ...]

SPANS: dict[str, timedelta | None] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "ever": None,
}
"""How long by button; None until somebody ends it."""
STORY_FOR = "7d"
"""A story is over by then."""
ALL = "all"
"""Where a name's token stands otherwise."""
A_PAGE = 8
NAME = 24
"""In a button that says more than the name."""
LABEL = 40
TITLE = 80


def token_of(name: WatchedName) -> str:
    """Whom a button means: the same person in two lists is one."""
    return hashlib.blake2b(identities_of(name)[0].encode(errors="replace"), digest_size=8).hexdigest()


# --- Under an alert -------------------------------------------------------------------------------------------------


def alert_menu(delivery_id: int, name: str | None, language: str) -> Rows:
    """In place of the alert's own buttons: this story, this name for a day or a week, and back."""
    story = Button(text(language, "mute.story"), data=f"mute:{delivery_id}:story")
    back = Button(text(language, "button.back"), data=f"mute:{delivery_id}:back")
    if name is None:
        return ((story, back),)
    day, week = (Button(_label(name, span, language), data=f"mute:{delivery_id}:{span}") for span in ("24h", STORY_FOR))
    return ((story,), (day, week), (back,))


def alert_muted(delivery_id: int, mute_id: int, what: str | None, language: str) -> Rows:
    """The alert's buttons once more, with an undo in place of the mute. `what`: a name; None for the story."""
    label = text(language, "mute.undo-name", what=cut(clean(what), NAME)) if what else text(language, "mute.undo-story")
    undo = Button(label, data=f"mute:{delivery_id}:undo:{mute_id}")
    own = (
        tuple(each for each in row if each.data != f"mute:{delivery_id}")
        for row in alert_buttons(delivery_id, language)
    )
    return ((undo,), *(row for row in own if row))


def _label(name: str, span: str, language: str) -> str:
    return text(language, "mute.name-for", what=cut(clean(name), NAME), span=text(language, f"span.{span}"))


# --- Whom, and for how long -----------------------------------------------------------------------------------------


def whom(names: Sequence[WatchedName], page: int, language: str, opening: str | None = None) -> Rendered:
    """The followed names as buttons, and all of them at once."""
    lines = [*([opening] if opening else []), text(language, "mute.whom" if names else "mute.nobody")]
    page = min(max(page, 0), max(0, (len(names) - 1) // A_PAGE))
    here = names[page * A_PAGE : (page + 1) * A_PAGE]
    rows = [(Button(cut(clean(name.shown), LABEL), data=f"hush:{token_of(name)}"),) for name in here]
    everything = Button(text(language, "mute.button.all"), data=f"hush:{ALL}")
    current = Button(text(language, "muted.button"), data="mutes:0")
    turned = turn_buttons("hush:page", page, len(names), language)
    return Rendered("\n".join(lines), (*rows, *turned, (everything, current)))


def how_long(what: str | None, token: str, language: str) -> Rendered:
    """`what`: a name; None for everything."""
    head = text(language, "mute.how-long", what=shown(what)) if what else text(language, "mute.how-long-all")
    spans = [Button(text(language, f"span.{span}"), data=f"hush:{token}:{span}") for span in SPANS]
    back = Button(text(language, "button.back"), data="hush:page:0")
    hint = text(language, "mute.hint")
    return Rendered(f"{head}\n<i>{hint}</i>", (tuple(spans[:2]), tuple(spans[2:]), (back,)))


def muted(what: str | None, until: datetime | None, mute_id: int, reader: Reader) -> Rendered:
    """What /mute answers, with an undo."""
    language = reader.language
    who = f"<b>{within(language, shown(what))}</b>" if what else f"<b>{text(language, 'mute.everything-here')}</b>"
    when = reader.until(until) if until else text(language, "mute.until-lifted")
    undo = Button(text(language, "mute.button.undo"), data=f"unmute:{mute_id}")
    current = Button(text(language, "muted.button"), data="mutes:0")
    return Rendered(f"🔕 {who} · {when}\n{text(language, 'mute.kept')}", ((undo, current),))


# --- What is muted --------------------------------------------------------------------------------------------------


def mutes_page(hidden: Sequence[Hidden], page: int, reader: Reader, opening: str | None = None) -> Rendered:
    """The mutes in force with their end and what they hid so far; a button lifts one."""
    language = reader.language
    page = min(max(page, 0), max(0, (len(hidden) - 1) // A_PAGE))
    here = hidden[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [*([opening, ""] if opening else []), f"<b>{text(language, 'muted.title', count=len(hidden))}</b>"]
    lines += [f"• {_muted_line(each, reader)}" for each in here] or [text(language, "muted.none")]
    lines += ["", f"<i>{text(language, 'muted.hint')}</i>"] if here else []
    rows = [(Button("✗ " + _named(each, language), data=f"unmute:{each.mute.id}"),) for each in here]
    turned = turn_buttons("mutes", page, len(hidden), language)
    more = Button(text(language, "muted.button.more"), data="hush:page:0")
    back = Button(text(language, "settings.button.back"), data="settings:")
    return Rendered("\n".join(lines), (*rows, *turned, (more, back)))


def _muted_line(each: Hidden, reader: Reader) -> str:
    language, mute = reader.language, each.mute
    until = reader.until(mute.until) if mute.until is not None else text(language, "mute.until-lifted")
    so_far = plural(language, "muted.hidden", each.stories)
    return f"<b>{within(language, shown(_named(each, language), TITLE))}</b> · {until} · {so_far}"


def _named(each: Hidden, language: str) -> str:
    if each.mute.what is Muted.ALL:
        return text(language, "mute.everything-here")
    return cut(clean(each.mute.shown), LABEL) or text(language, "alert.no-title")


def turn_buttons(data: str, page: int, number: int, language: str, *, a_page: int = A_PAGE) -> Rows:
    """To the page before and the page after, where there are any; no row otherwise."""
    last = max(0, (number - 1) // a_page)
    turns = [(page > 0, "button.before", page - 1), (page < last, "button.after", page + 1)]
    row = tuple(Button(text(language, key), data=f"{data}:{to}") for there, key, to in turns if there)
    return (row,) if row else ()
