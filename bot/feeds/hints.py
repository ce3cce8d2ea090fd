"""When a feed asks its readers to come back: `<ttl>`, `sy:updatePeriod`, `<skipHours>`, `<skipDays>`. Pure and linear.

Sources: RSS 2.0 (https://www.rssboard.org/rss-specification) and the syndication module of RSS 1.0
(https://web.resource.org/rss/1.0/modules/syndication/). Nonsense is ignored: a hint is a favour, never a fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.model import Hints

HIDDEN = re.compile(rb"<!--(?:[^-]|-(?!->))*+(?:-->)?|<!\[CDATA\[((?:[^\]]|\](?!\]>))*+)(?:\]\]>)?")
FIELD = re.compile(
    rb"<(?:[\w.-]++:)?(ttl|updatePeriod|updateFrequency|hour|day)(?:\s[^<>]*+)?>\s*+([A-Za-z]{1,12}|[0-9]{1,9})\s*+</",
    re.IGNORECASE,
)
MINUTE_S = 60.0
DAY_S = 86_400.0
LONGEST_S = 366 * DAY_S
PERIODS_S = {
    b"hourly": 3600.0,
    b"daily": DAY_S,
    b"weekly": 7 * DAY_S,
    b"monthly": 30 * DAY_S,
    b"yearly": 365 * DAY_S,
}
DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")


def read_hints(around: bytes) -> Hints:
    """What a document asks for.

    Args:
        around: the document without its items, in UTF-8 (or another superset of ASCII).
    """
    fields: dict[bytes, list[bytes]] = {}
    for name, value in FIELD.findall(HIDDEN.sub(_shown, around)):
        fields.setdefault(name.lower(), []).append(value.lower())
    waits = [_ttl_s(fields.get(b"ttl", [])), _period_s(fields.get(b"updateperiod"), fields.get(b"updatefrequency"))]
    return Hints(
        min_wait_s=max((wait for wait in waits if wait is not None and 0 < wait <= LONGEST_S), default=None),
        # Midnight is 0, or 24 in RSS 0.92.
        skip_hours=_some(
            {int(hour) % 24 for hour in fields.get(b"hour", []) if hour.isdigit() and int(hour) <= 24}, 24
        ),
        skip_days=_some({DAYS.index(day) for day in fields.get(b"day", []) if day in DAYS}, 7),
    )


def _shown(hidden: re.Match[bytes]) -> bytes:
    """A number may stand in CDATA; markup in it is none of the feed's."""
    inside = hidden[1] or b""
    return b"" if b"<" in inside else inside


def _ttl_s(values: list[bytes]) -> float | None:
    return int(values[0]) * MINUTE_S if values and values[0].isdigit() else None


def _period_s(periods: list[bytes] | None, frequencies: list[bytes] | None) -> float | None:
    """`updateFrequency` times in each `updatePeriod`; where only one is given, the other is once or daily."""
    if periods is None and frequencies is None:
        return None
    period = PERIODS_S.get((periods or [b"daily"])[0])
    frequency = (frequencies or [b"1"])[0]
    if period is None or not frequency.isdigit() or int(frequency) == 0:
        return None
    return period / int(frequency)


def _some(skipped: Collection[int], of: int) -> frozenset[int]:
    """A feed that is never to be read means something else."""
    return frozenset(skipped if len(skipped) < of else ())
