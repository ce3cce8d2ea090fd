"""What a feed's entries may not be trusted for, as its own polls proved. Pure; kept as JSON in the feed's row.

Nothing is distrusted at first sight: a habit is proven by two polls within a day, since one poll may be a site's move
to another system. It then holds for a week and has to be proven again: a feed that mends its ways is trusted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PROVEN_WITHIN = timedelta(days=1)
HOLDS = timedelta(days=7)
SLOW = timedelta(days=30)
"""For the order of a feed, which shows only when something new comes."""
LOOK_AGAIN = timedelta(hours=1)
"""How often the texts of a feed are looked at that rewrites all of them at every fetch."""
MOST_SHARED = 100
"""The latest shared identities that are remembered: some sites open a few live pages a day."""


@dataclass(frozen=True, slots=True)
class Habit:
    """Something suspected since the first poll that showed it, proven by a second one."""

    suspected_at: datetime | None = None
    proven_at: datetime | None = None

    def holds(self, now: datetime, *, for_: timedelta = HOLDS) -> bool:
        return self.proven_at is not None and now - self.proven_at < for_

    def shown(self, now: datetime, *, within: timedelta = PROVEN_WITHIN, for_: timedelta = HOLDS) -> Habit:
        """The habit after one more poll that showed it."""
        if self.holds(now, for_=for_):
            return self
        if self.suspected_at is not None and now - self.suspected_at < within:
            return Habit(proven_at=now)
        return Habit(suspected_at=now)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one poll showed of the feed's habits."""

    guids_churn: bool = False
    links_churn: bool = False
    dates_churn: bool = False
    texts_churn: bool = False
    all_edited: bool = False
    """Most texts changed, in more than digits."""
    newest_first: bool | None = None
    """Whether what was new stood on top; None: nothing undated was new, or it cannot be told."""
    shared: frozenset[str] = frozenset()
    """Digests of guids and URLs that stood for several articles."""


@dataclass(frozen=True, slots=True)
class Traits:
    guids_churn: Habit = Habit()
    """Known items come with ever other guids."""
    links_churn: Habit = Habit()
    """Known items come with ever other links."""
    dates_churn: Habit = Habit()
    """Known items are dated after the poll that listed them before."""
    texts_churn: Habit = Habit()
    """Known items come with ever other words: counters, advertisements."""
    newest_first: Habit = Habit()
    """What is new stands on top: what appears at the end is old."""
    looked_at: datetime | None = None
    """When texts of which most churn, in more than digits, were looked at last."""
    shared: tuple[str, ...] = field(default=())
    """Digests of guids and URLs that identify nothing in this feed, the latest last: one guid for all, live pages."""

    def after(self, evidence: Evidence, now: datetime) -> Traits:
        """The traits when a poll has shown its evidence."""
        looks = self.texts_churn.holds(now) and self.may_look(now)
        return Traits(
            guids_churn=self.guids_churn.shown(now) if evidence.guids_churn else self.guids_churn,
            links_churn=self.links_churn.shown(now) if evidence.links_churn else self.links_churn,
            dates_churn=self.dates_churn.shown(now) if evidence.dates_churn else self.dates_churn,
            texts_churn=self.texts_churn.shown(now) if evidence.texts_churn else self.texts_churn,
            newest_first=self._order_after(evidence.newest_first, now),
            looked_at=now if looks and evidence.all_edited else self.looked_at,
            shared=(*(each for each in self.shared if each not in evidence.shared), *sorted(evidence.shared))[
                -MOST_SHARED:
            ],
        )

    def is_newest_first(self, now: datetime) -> bool:
        return self.newest_first.holds(now, for_=SLOW)

    def may_look(self, now: datetime) -> bool:
        """Whether an edit counts: always, but now and then only where all texts churn."""
        waits = self.texts_churn.holds(now) and self.looked_at is not None and now - self.looked_at < LOOK_AGAIN
        return not waits

    def _order_after(self, newest_first: bool | None, now: datetime) -> Habit:
        if newest_first is None or self.is_newest_first(now):
            return self.newest_first
        return self.newest_first.shown(now, within=SLOW, for_=SLOW) if newest_first else Habit()

    def to_json(self) -> dict[str, Any] | None:
        """For the feed's row; None, as of most feeds, where nothing is known against it."""
        told: dict[str, Any] = {}
        for name in _HABITS:
            habit: Habit = getattr(self, name)
            if habit != Habit():
                told[name] = {"suspected_at": _text(habit.suspected_at), "proven_at": _text(habit.proven_at)}
        if self.looked_at is not None:
            told["looked_at"] = _text(self.looked_at)
        if self.shared:
            told["shared"] = list(self.shared)
        return told or None

    @staticmethod
    def from_json(told: Mapping[str, Any] | None) -> Traits:
        """From what `to_json` made; what is missing is not known."""
        told = told or {}
        habits = {
            name: Habit(_time(told[name]["suspected_at"]), _time(told[name]["proven_at"]))
            for name in _HABITS
            if name in told
        }
        return Traits(**habits, looked_at=_time(told.get("looked_at")), shared=tuple(told.get("shared", ())))


_HABITS = ("guids_churn", "links_churn", "dates_churn", "texts_churn", "newest_first")
TRUSTED = Traits()
"""Nothing is known against the feed."""


def _text(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
