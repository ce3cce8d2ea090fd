"""Every text that people read in Telegram, in their language: `bot/locales/LANGUAGE/LC_MESSAGES/guetteur.po`.

To add a text, write an entry with the same key into the fitting section of each catalogue (fr, en, ar):

    msgid "mute.done"
    msgstr "Je me tais sur <b>{name}</b> jusqu’à {until}."

and show it by `text(language, "mute.done", name=…, until=…)`. Values stand in `{braces}`, the same in each language.
A text that counts is shown by `plural(language, key, n)` and has `msgid_plural` (the key once more) with a `msgstr[…]`
for each form of the language: two in French and English, six in Arabic (0, 1, 2, 3–10, 11–99, 100–102 …); a form may
leave `{n}` out. A text holds Telegram's HTML where it is shown as a message, so whoever fills it in passes escaped
values (`telegram/markup.py`). No text holds direction marks: words of the other direction are isolated here, in texts
and values alike. What is put together without a text goes through `within` or `listed`.

The words for why a name matched (`reason.…`) and for advice (`way.…`, `caution.…`) stand in the same catalogues.
`tests/test_texts.py` says what is missing, unused or ill-formed. Why the catalogues are read as they are, and why keys
are their msgids: docs/decisions/0015-languages.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bidi import RIGHT_TO_LEFT, is_inside, isolated, marked, within, without_marks

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("fr", "en", "ar")
DEFAULT_LANGUAGE = "en"
LOCALES = {"fr": "fr", "en": "en_GB", "ar": "ar"}
"""Whose dates and numbers. Arabic as all its readers know it: يناير, فبراير; digits 0–9."""
CATALOGUES = Path(__file__).parent / "locales"


@cache
def catalogue(language: str) -> GNUTranslations:
    """The texts of a language, read on first use."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / language / "LC_MESSAGES" / "guetteur.po").open("rb") as source:
        read = read_po(source)
    for entry in read:
        if entry.id:
            forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            shown = tuple(marked(language, form) for form in map(str, forms))
            entry.string = shown if entry.pluralizable else shown[0]
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


def has_text(key: str) -> bool:
    return catalogue(DEFAULT_LANGUAGE).gettext(key) != key


def words(language: str, key: str) -> str:
    """The words for `key`, their values still in braces; in English where the language has none of its own."""
    for spoken in (language, DEFAULT_LANGUAGE):
        found = catalogue(spoken).gettext(key) if spoken in LANGUAGES else key
        if found != key:
            return found
    raise KeyError(key)


def text(language: str, key: str, /, **values: object) -> str:
    """The words for `key` with these values."""
    return _filled(language, words(language, key), values)


def plural(language: str, key: str, n: int, /, **values: object) -> str:
    """The words for a number, in the form that the language has for it: "0 nom", "0 names", "اسمان"."""
    spoken = language if language in LANGUAGES else DEFAULT_LANGUAGE
    found = catalogue(spoken).ngettext(key, key, n)
    if found == key:
        raise KeyError(key)
    return _filled(spoken, found, {**values, "n": number(spoken, n)})


def story_reason(code: str, values: Mapping[str, str], language: str) -> str:
    """Why an article is in its story, in words; the code itself where there are none. Values stand as they are."""
    if has_text(f"story.{code}"):
        return words(language, f"story.{code}").format_map(values)
    return " ".join([code, *(f"{key}={value}" for key, value in values.items())])


def listed(language: str, items: Iterable[str]) -> str:
    """The items one after the other, none disturbing its neighbours."""
    return words(language, "list.separator").join(within(language, item) for item in items)


def language_of(code: str | None, default: str) -> str:
    """A language we speak, guessed from Telegram's code (`fr`, `fr-CA`, `ar-MA`)."""
    spoken = re.split("[-_]", (code or "").lower())[0]
    return spoken if spoken in LANGUAGES else default


# --- Numbers, dates and names of languages ----------------------------------------------------------------------------


def number(language: str, value: float) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale(language))


def percent(language: str, share: float) -> str:
    """Isolated in Arabic, where the sign would else change sides."""
    from babel.numbers import format_percent

    shown = format_percent(share, locale=_locale(language))
    return isolated(shown) if language in RIGHT_TO_LEFT else shown


def duration(language: str, span: timedelta) -> str:
    """In the unit that says most: "3 heures", "2 days", "أسبوعان"."""
    from babel.dates import format_timedelta

    return format_timedelta(span, threshold=1.5, locale=_locale(language))


def day(language: str, when: date, *, with_year: bool) -> str:
    """As in "2 févr." and "2 févr. 2026"."""
    from babel.dates import format_skeleton

    at = datetime(when.year, when.month, when.day)  # noqa: DTZ001  a day has no zone
    return format_skeleton("yMMMd" if with_year else "MMMd", at, locale=_locale(language))


def weekday(language: str, when: date) -> str:
    """As in "mardi 3 février"; day and month stand in this order in all our languages."""
    from babel.dates import format_date

    return format_date(when, "EEEE d MMMM", locale=_locale(language))


def clock(language: str, local: datetime) -> str:
    """As in "9 h 42" and "09:42"."""
    from babel.dates import format_datetime

    pattern = without_marks(words(language, "time.clock"))
    return format_datetime(local.replace(tzinfo=None), pattern, locale=_locale(language))


def hour(language: str, at: time) -> str:
    """A time of day that comes again, as short as it can be: "8 h", "8 h 30", "08:00"."""
    from babel.dates import format_time

    pattern = without_marks(words(language, "time.clock" if at.minute else "time.hour"))
    return format_time(at, pattern, locale=_locale(language))


def language_name(language: str, code: str) -> str | None:
    """What a language is called, in a language: "arabe"."""
    return _locale(language).languages.get(re.split("[-_]", code.lower())[0])


def own_name(code: str) -> str:
    """What a language is called by those who speak it: "Français"."""
    return (language_name(code, code) or code).capitalize()


def place_names(language: str, zone: str) -> list[str]:
    """The city and the country of an IANA time zone: "Casablanca", "Maroc"."""
    from babel.core import get_global

    locale = _locale(language)
    city = locale.time_zones.get(zone, {}).get("city")
    country = locale.territories.get(get_global("zone_territories").get(zone, ""))
    return [str(name) for name in (city, country) if name]


@cache
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(LOCALES.get(language, LOCALES[DEFAULT_LANGUAGE]))


def _filled(language: str, template: str, values: Mapping[str, object]) -> str:
    """A value inside of code, or of other isolated words, takes its direction from them."""

    def value(place: re.Match[str]) -> str:
        shown = str(values[place[1]])
        return shown if is_inside(template, place.start()) else within(language, shown)

    return re.sub(r"\{(\w+)\}", value, template)
