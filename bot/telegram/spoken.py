"""What people write for times, in French, English and Arabic: how long, which hours, how often. Pure.

Whatever is written, the answer is a value or None; nothing here raises. Digits of every script count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.alerts.hours import next_digest
from bot.model import Quiet, Rhythm


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


OFF = _words("off no none non aucun aucune jamais never stop لا بدون إيقاف ايقاف أبدا أبدًا ابدا مطلقا مطلقًا")
HOURLY = _words("hourly hour hours heure heures horaire ساعة الساعة ساعي")
DAILY = _words(
    "daily day days jour jours quotidien quotidienne journalier journaliere journalière يوم يوميا يوميًا يومي يومية"
)
SILENT = _words("silent silencieux silencieuse silence صامت صامتة")
HELD = _words("held hold garde gardé gardées محفوظ مؤجل")
EVER = _words("ever forever always toujours indefiniment indéfiniment دائما دائمًا")
EVERYTHING = _words("all everything tout tous toutes الكل كل")
_FILLERS = _words("at à a de from every each chaque tous toutes les la le du au to et and h من إلى الى كل في")
_FOR = r"(?:(?:for|pour|pendant|لمدة)\s+)?"
_UNTIL = r"(?:until|till|jusqu[’'](?:à|a|au)|jusque|حتى|إلى|الى)"

_CLOCK = r"(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?)?(?:\s*([ap])\.?m\.?)?"
_SPAN = re.compile(rf"(?:^|\s){_FOR}(\d{{1,6}})\s*([^\W\d_]{{1,9}})$")
_UNTIL_CLOCK = re.compile(rf"(?:^|\s){_UNTIL}\s*{_CLOCK}$", re.IGNORECASE)

_UNITS: tuple[tuple[timedelta, frozenset[str]], ...] = (
    (timedelta(minutes=1), _words("m mn min mins minute minutes د دقيقة دقائق")),
    (timedelta(hours=1), _words("h hr hrs hour hours heure heures س ساعة ساعات")),
    (
        timedelta(days=1),
        _words("d j day days jour jours ي يوم يوما يومًا أيام ايام"),
    ),
    (timedelta(weeks=1), _words("w week weeks sem semaine semaines أسبوع اسبوع أسابيع")),
)
_ALONE: tuple[tuple[timedelta, frozenset[str]], ...] = (
    (timedelta(minutes=2), _words("دقيقتين دقيقتان")),
    (timedelta(hours=1), _words("ساعة")),
    (timedelta(hours=2), _words("ساعتين ساعتان")),
    (timedelta(days=1), _words("يوم يوما يومًا")),
    (timedelta(days=2), _words("يومين يومان")),
    (timedelta(weeks=1), _words("أسبوع اسبوع أسبوعا")),
    (timedelta(weeks=2), _words("أسبوعين اسبوعين أسبوعان")),
)
"""Arabic says one and two of a thing without a number."""
LONGEST = timedelta(days=366)
"""Longer is until somebody ends it."""


@dataclass(frozen=True, slots=True)
class Muting:
    """What stands after /mute: whom (empty: nobody was named) and for how long."""

    who: str
    until: datetime | None = None
    """None together with `forever` False: no time was given."""
    forever: bool = False

    @property
    def everything(self) -> bool:
        """All of it is meant: it says so, or it names a time and nobody."""
        return self.who.casefold() in EVERYTHING or (not self.who and self.timed)

    @property
    def timed(self) -> bool:
        return self.forever or self.until is not None


def muting_of(words: str, now: datetime, zone: ZoneInfo) -> Muting:
    """`Bajjou 24h`, `all 30m`, `Amra until 18:00`, `Bingui`, `7d`; a time that cannot be is taken for a name."""
    words = words.strip()
    last = words.rsplit(maxsplit=1)[-1:]
    if last and last[0].casefold() in EVER:
        return Muting(words[: -len(last[0])].strip(), forever=True)
    if found := _UNTIL_CLOCK.search(words):
        at = _clock(*found.groups())
        until = next_digest(Rhythm.DAILY, at, now, zone) if at is not None else None
        return Muting(words[: found.start()].strip(), until) if until is not None else Muting(words)
    if (found := _SPAN.search(words)) and (span := _span(found[1], found[2])) is not None:
        who = words[: found.start()].strip()
        return Muting(who, forever=True) if span > LONGEST else Muting(who, now + span)
    span = next((each for each, written in _ALONE if last and last[0] in written), None)
    if span is not None:
        who = words[: -len(last[0])].strip().removesuffix("لمدة").strip()
        return Muting(who, now + span)
    return Muting(words)


def _span(number: str, unit: str) -> timedelta | None:
    one = next((each for each, written in _UNITS if unit.casefold() in written), None)
    return int(number) * one if one is not None and int(number) else None


def quiet_of(words: str) -> Quiet | bool | None:
    """Quiet hours; False for none of them; None for what is neither."""
    times, rest = _times_in(words)
    if not times and len(rest) == 1 and rest <= OFF:
        return False
    if len(times) != 2 or times[0] == times[1] or not rest <= SILENT | HELD:
        return None
    begin, end = times
    return Quiet(begin, end, held=not rest & SILENT)


def digest_of(words: str, usual: time) -> tuple[Rhythm, time] | None:
    """The rhythm and the time of a daily one, `usual` where none is given; None for what is neither."""
    times, rest = _times_in(words)
    if len(times) > 1 or len(rest) > 1:
        return None
    if rest <= DAILY and (times or rest):
        return Rhythm.DAILY, times[0] if times else usual
    if not times and rest and rest <= HOURLY:
        return Rhythm.HOURLY, usual
    return (Rhythm.OFF, usual) if not times and rest and rest <= OFF else None


def _times_in(words: str) -> tuple[list[time], set[str]]:
    """The times of day, and the words that say something beside them."""
    spaced = re.sub(r"[-–—−,;/()]", " ", words).casefold()
    times: list[time] = []
    said: set[str] = set()
    spaced = re.sub(r"(\d)\s+([ap]\.?m\.?)(?!\w)", r"\1\2", spaced)
    for word in re.sub(r"(\d)\s*h\s+(\d{2})(?!\s*[h:])\b", r"\1h\2", spaced).split():
        found = re.fullmatch(_CLOCK, word)
        at = _clock(*found.groups()) if found else None
        if at is not None:
            times.append(at)
        elif word not in _FILLERS:
            said.add(word)
    return times, said


def _clock(hours: str, minutes: str | None, half: str | None = None) -> time | None:
    """`24:00` is midnight; `half` is the a of am or the p of pm; None for a time that no clock shows."""
    hour, minute = int(hours), int(minutes or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    if (hour, minute) == (24, 0):
        return time()
    return time(hour, minute) if hour < 24 and minute < 60 else None
