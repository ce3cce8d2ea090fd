"""Jinja with the dashboard's words, dates and charts, in one language and zone. Everything is escaped by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from bot.clock import Clock
from bot.health.judge import Trouble
from bot.matching.reasons import explain
from bot.model import Reason
from bot.texts import LOCALES, story_reason, text
from bot.web.charts import Day, bars

RIGHT_TO_LEFT = frozenset({"ar"})
WEB = ("https://", "http://")


def templates(language: str, timezone: str, clock: Clock) -> Environment:
    """The environment of all pages."""
    made = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = Shown(language, ZoneInfo(timezone), clock)
    made.globals |= {
        "t": shown.said,
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "chart": shown.chart,
    }
    made.filters |= {
        "when": shown.when,
        "ago": shown.ago,
        "day": shown.day,
        "short_day": shown.short_day,
        "duration": shown.duration,
        "number": shown.number,
        "size": shown.size,
        "reason": shown.reason,
        "why_in_story": shown.why_in_story,
        "trouble": shown.trouble,
        "bdi": bdi,
        "web_only": web_only,
    }
    return made


def web_only(url: str | None) -> str | None:
    """The link, if a browser may follow it: a feed may list anything, `javascript:` too."""
    return url if url and url.lower().startswith(WEB) else None


def bdi(words: str) -> Markup:
    """Words whose direction is their own."""
    return Markup("<bdi>{}</bdi>").format(words)


class Shown:
    """How words, times, numbers and reasons are told."""

    def __init__(self, language: str, zone: ZoneInfo, clock: Clock) -> None:
        self._language = language
        self._locale = LOCALES[language]
        self._zone = zone
        self._clock = clock

    def said(self, key: str, **values: object) -> Markup:
        """The words for `board.KEY`, escaped; values that are markup stay so."""
        marked = {name: value for name, value in values.items() if isinstance(value, Markup)}
        words = escape(text(self._language, f"board.{key}", **values | {name: f"@{name}@" for name in marked}))
        for name, value in marked.items():
            words = words.replace(f"@{name}@", value)
        return words

    def trouble(self, trouble: Trouble) -> Markup:
        return self.said(f"trouble.{trouble.code}", **{name: bdi(value) for name, value in trouble.values.items()})

    def when(self, moment: datetime | None) -> Markup | str:
        """A time, exact to the minute, in the zone of the settings."""
        if moment is None:
            return self.said("never")
        local = moment.astimezone(self._zone)
        this_year = local.year == self._clock.now().astimezone(self._zone).year
        pattern = "d MMM, HH:mm" if this_year else "d MMM y, HH:mm"
        words = format_datetime(local, pattern, locale=self._locale)
        return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), words)

    def ago(self, moment: datetime | None) -> Markup | str:
        """How long ago, or in how long; the exact time when it is pointed at."""
        if moment is None:
            return self.said("never")
        apart = moment - self._clock.now()
        words = format_timedelta(apart, add_direction=True, locale=self._locale, threshold=1.2)
        exact = format_datetime(moment.astimezone(self._zone), "medium", locale=self._locale)
        stamp = moment.isoformat(timespec="seconds")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, exact, words)

    def day(self, day: date) -> str:
        return format_date(day, "EEE d MMM", locale=self._locale)

    def short_day(self, day: date) -> str:
        return format_date(day, "d MMM", locale=self._locale)

    def duration(self, seconds: float | None) -> str:
        return "–" if seconds is None else format_timedelta(timedelta(seconds=seconds), locale=self._locale)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def size(self, size: int) -> str:
        return self.said("size", count=format_decimal(round(size / 1_000_000, 1), locale=self._locale))

    def reason(self, reason: Reason) -> str:
        return explain(reason, self._language)

    def why_in_story(self, reason: Reason) -> str:
        return story_reason(reason.code, reason.values, self._language)

    def chart(self, days: Sequence[Day], label: str, *, small: bool = False) -> Markup:
        size = {"width": 360, "height": 120} if small else {}
        return bars(days, label=label, dated=self.short_day, told=self._told, **size)

    def _told(self, each: Day) -> str:
        key = "chart.day-possible" if each.possible else "chart.day"
        values = {"possible": each.possible} if each.possible else {}
        return str(text(self._language, f"board.{key}", day=self.day(each.day), count=each.total, **values))
