"""What the settings look like: one page with every value in its button, and a page for each. Pure.

A button carries the value that it sets, so that a press that comes twice, late or from two people does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from bot.bidi import within
from bot.model import THRESHOLDS, Preferences, Priority, Quiet, Rhythm, Rings, Scope, WatchedName
from bot.telegram.digest_screen import Reader
from bot.telegram.markup import clean, cut
from bot.telegram.mutes_screen import A_PAGE, LABEL, NAME, Rows, token_of, turn_buttons
from bot.telegram.render import Button, Rendered
from bot.telegram.screens import shown
from bot.telegram.zones import USUAL
from bot.texts import LANGUAGES, hour, listed, own_name, place_names, plural, text

NIGHTS = ("22:00-07:00", "23:00-07:00", "00:00-08:00")
MORNINGS = (time(7), time(8), time(18))
OUTLETS = (3, 5, 10)


@dataclass(frozen=True, slots=True)
class Situation:
    """How a target is told now, and how much there is to see elsewhere."""

    wanted: Preferences
    lists: int
    names: int
    mutes: int
    lessons: int
    next_digest_at: datetime | None


def settings_page(now: Situation, reader: Reader, served: Collection[str]) -> Rendered:
    """Everything at a glance. `served`: the buttons that something is done for."""
    language, wanted = reader.language, now.wanted
    counts = (plural(language, "count.lists", now.lists), plural(language, "count.names", now.names))
    following = listed(language, counts)
    lines = [
        f"<b>{text(language, 'settings.title')}</b>",
        " · ".join(
            [
                _bold("settings.follows", following, language),
                _bold("settings.rings", _rings(wanted, language), language),
            ]
        ),
        _bold("settings.night", night_words(wanted.quiet, language), language),
        " · ".join(
            [
                _bold("settings.digest", digest_words(wanted, language), language),
                _bold("settings.demand", text(language, f"demand.{wanted.demand}"), language),
                _bold("settings.again", _again(wanted, language), language),
            ]
        ),
        f"<i>{_footer(now, reader)}</i>",
    ]
    return Rendered("\n".join(lines), _two_a_row(_settings_buttons(now, language, served)))


def _settings_buttons(now: Situation, language: str, served: Collection[str]) -> list[Button]:
    wanted = now.wanted
    quiet = (
        f"{_short(wanted.quiet.begin)}–{_short(wanted.quiet.end)}" if wanted.quiet else text(language, "settings.off")
    )
    off = text(language, "settings.off")
    digest = {
        Rhythm.OFF: off,
        Rhythm.HOURLY: text(language, "digest.rhythm.hourly"),
        Rhythm.DAILY: hour(language, wanted.digest_at),
    }[wanted.digest]
    again = str(wanted.ring_at_outlets) if wanted.ring_at_outlets else off
    every: list[tuple[str, str, dict[str, object]]] = [
        ("settings.button.names", "settings:names", {"count": now.lists + now.names}),
        ("settings.button.urgency", "settings:urgency:0", {}),
        ("settings.button.night", "settings:quiet", {"value": quiet}),
        ("settings.button.digest", "settings:digest", {"value": digest}),
        ("settings.button.demand", "settings:demand", {"value": text(language, f"demand.{wanted.demand}")}),
        ("settings.button.again", "settings:again", {"value": again}),
        ("settings.button.mutes", "mutes:0", {"count": now.mutes}),
        ("settings.button.lessons", "lessons:", {"count": now.lessons}),
        ("settings.button.locale", "settings:locale", {}),
        ("settings.button.data", "mydata:", {}),
    ]
    return [
        Button(text(language, key, **values), data=data) for key, data, values in every if data.split(":")[0] in served
    ]


def _footer(now: Situation, reader: Reader) -> str:
    language = reader.language
    parts = [text(language, "settings.clock", place=_place(reader.timezone.key, language)), own_name(language)]
    if now.next_digest_at is not None:
        parts.append(text(language, "settings.next-digest", when=reader.when(now.next_digest_at)))
    return " · ".join(within(language, part) for part in parts)


# --- A page for each ------------------------------------------------------------------------------------------------


def names_page(listed_here: str, language: str) -> Rendered:
    """`listed_here`: what /list shows."""
    lists = Button(text(language, "start.button.watchlists"), data="lists:0")
    less = Button(text(language, "settings.button.unwatch"), data="names:")
    return Rendered(listed_here, ((lists, less), _back(language)))


def quiet_page(wanted: Preferences, language: str, opening: str | None = None) -> Rendered:
    lines = [*_opened(opening), _bold("settings.night", night_words(wanted.quiet, language), language)]
    lines += ["", text(language, "quiet.hint")]
    now = f"{wanted.quiet.begin:%H:%M}-{wanted.quiet.end:%H:%M}" if wanted.quiet else ""
    nights = [_choice(_span(each), f"quiet:{each}", now == each) for each in NIGHTS]
    rows = [(*nights[:2],), (nights[2], _choice(text(language, "quiet.none"), "quiet:off", wanted.quiet is None))]
    if wanted.quiet is not None:
        held = wanted.quiet.held
        rows.append(
            (
                _choice(text(language, "quiet.held"), "quiet:held", held),
                _choice(text(language, "quiet.silent"), "quiet:silent", not held),
            )
        )
    return Rendered("\n".join(lines), (*rows, _back(language)))


def digest_page(wanted: Preferences, next_at: datetime | None, reader: Reader, opening: str | None = None) -> Rendered:
    """The rhythm of digests, and whether anything but what is urgent rings beside them."""
    language = reader.language
    lines = [*_opened(opening), _bold("settings.digest", digest_words(wanted, language), language)]
    if next_at is not None:
        lines.append(text(language, "settings.next-digest-line", when=reader.when(next_at)))
    lines += [_bold("settings.rings", _rings(wanted, language), language), "", text(language, "digest.hint")]
    daily = wanted.digest is Rhythm.DAILY
    mornings = [_choice(hour(language, at), f"digest:{at:%H:%M}", daily and wanted.digest_at == at) for at in MORNINGS]
    others = (
        _choice(text(language, "digest.rhythm.hourly"), "digest:hourly", wanted.digest is Rhythm.HOURLY),
        _choice(text(language, "digest.rhythm.off"), "digest:off", wanted.digest is Rhythm.OFF),
    )
    rings = tuple(
        _choice(text(language, f"rings.{each.value}"), f"rings:{each.value}", wanted.rings is each) for each in Rings
    )
    return Rendered("\n".join(lines), (tuple(mornings), others, rings, _back(language)))


def demand_page(wanted: Preferences, language: str) -> Rendered:
    lines = [_bold("settings.demand", text(language, f"demand.{wanted.demand}"), language), ""]
    for each in THRESHOLDS:
        about = text(language, f"demand.about.{each}")
        lines.append(text(language, "demand.line", demand=text(language, f"demand.{each}"), about=about))
    row = tuple(
        _choice(text(language, f"demand.{each}"), f"demand:{each}", wanted.demand == each) for each in THRESHOLDS
    )
    return Rendered("\n".join(lines), (row, _back(language)))


def again_page(wanted: Preferences, language: str) -> Rendered:
    lines = [_bold("settings.again", _again(wanted, language), language), "", text(language, "again.hint")]
    row = [_choice(str(each), f"again:{each}", wanted.ring_at_outlets == each) for each in OUTLETS]
    off = _choice(text(language, "settings.off"), "again:off", wanted.ring_at_outlets is None)
    return Rendered("\n".join(lines), ((off, *row), _back(language)))


def urgency_page(
    names: Sequence[WatchedName], priorities: Mapping[tuple[Scope, str], Priority], page: int, language: str
) -> Rendered:
    """The followed names with their urgency; a button sets the next one."""
    page = min(max(page, 0), max(0, (len(names) - 1) // A_PAGE))
    here = names[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [
        f"<b>{text(language, 'settings.button.urgency')}</b>",
        text(language, "urgency.hint" if names else "mute.nobody"),
    ]
    rows = []
    for name in here:
        now = priorities.get((name.scope, name.id), name.priority)
        label = text(
            language, "urgency.name", name=cut(clean(name.shown), NAME), value=text(language, f"urgency.{now.value}")
        )
        after = list(Priority)[(list(Priority).index(now) + 1) % len(Priority)]
        rows.append((Button(label, data=f"set:urgency:{token_of(name)}:{after.value}:{page}"),))
    turned = turn_buttons("settings:urgency", page, len(names), language)
    return Rendered("\n".join(lines), (*rows, *turned, _back(language)))


def locale_page(reader: Reader) -> Rendered:
    language = reader.language
    lines = [
        _bold("settings.language", own_name(language), language),
        _bold("settings.zone", zone_words(reader.timezone.key, language), language),
        text(language, "zone.now", when=reader.when(reader.now)),
    ]
    zone = Button(text(language, "settings.button.zone"), data="settings:zone")
    return Rendered("\n".join(lines), (_languages(language), (zone,), _back(language)))


def language_page(language: str, opening: str | None = None) -> Rendered:
    lines = [*_opened(opening), _bold("settings.language", own_name(language), language)]
    return Rendered("\n".join(lines), (_languages(language), _back(language)))


def zone_page(reader: Reader, suggested: Sequence[str] = USUAL, opening: str | None = None) -> Rendered:
    """The zone of this chat, and others as buttons."""
    language, now = reader.language, reader.timezone.key
    lines = [
        *_opened(opening),
        _bold("settings.zone", zone_words(now, language), language),
        text(language, "zone.now", when=reader.when(reader.now)),
        "",
        text(language, "zone.hint"),
    ]
    choices = [_choice(_place(each, language), f"zone:{each}", each == now) for each in suggested]
    return Rendered("\n".join(lines), (*_two_a_row(choices), _back(language)))


# --- Values in words ------------------------------------------------------------------------------------------------


def night_words(quiet: Quiet | None, language: str) -> str:
    if quiet is None:
        return text(language, "night.none")
    begin, end = hour(language, quiet.begin), hour(language, quiet.end)
    return text(language, "night.held" if quiet.held else "night.silent", begin=begin, end=end)


def digest_words(wanted: Preferences, language: str) -> str:
    if wanted.digest is Rhythm.DAILY:
        return text(language, "digest.rhythm.daily", at=hour(language, wanted.digest_at))
    return text(language, f"digest.rhythm.{wanted.digest.value}")


def zone_words(zone: str, language: str) -> str:
    """The city as it is called here, and the IANA name."""
    return f"{within(language, shown(_place(zone, language)))} ({within(language, zone)})"


def _place(zone: str, language: str) -> str:
    """The city, with the country where the language names both."""
    names = place_names(language, zone)
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return names[0] if len(names) > 1 else city


def _rings(wanted: Preferences, language: str) -> str:
    return text(language, f"rings.{wanted.rings.value}")


def _again(wanted: Preferences, language: str) -> str:
    outlets = wanted.ring_at_outlets
    return text(language, "again.at", count=outlets) if outlets else text(language, "again.never")


def _short(at: time) -> str:
    """As short as a button needs it: `22`, `22:30`."""
    return f"{at:%H:%M}" if at.minute else str(at.hour)


def _span(night: str) -> str:
    begin, end = (time.fromisoformat(each) for each in night.split("-"))
    return f"{_short(begin)}–{_short(end)}"


def _bold(key: str, value: str, language: str) -> str:
    """A heading and its value, which is words of ours or was escaped."""
    return text(language, "settings.line", title=text(language, key), value=value)


def _opened(opening: str | None) -> list[str]:
    return [opening, ""] if opening else []


def _choice(label: str, data: str, chosen: bool) -> Button:
    return Button(("✓ " if chosen else "") + cut(label, LABEL), data=f"set:{data}")


def _languages(language: str) -> tuple[Button, ...]:
    return tuple(_choice(own_name(each), f"language:{each}", each == language) for each in LANGUAGES)


def _back(language: str) -> tuple[Button]:
    return (Button(text(language, "settings.button.back"), data="settings:"),)


def _two_a_row(buttons: Sequence[Button]) -> Rows:
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
