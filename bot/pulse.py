"""What the running parts leave of themselves: counts since the start, and when each kind of work was last done.

In memory only, and cheap: a part says in one call that it did something. Health is judged by it and `/metrics` shows
it; it knows neither, and decides nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.model import Tier

POLL_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
DELAY_S = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0)


@dataclass(slots=True)
class Histogram:
    """How often values fell below each bound; the last count is of those above all."""

    bounds: Sequence[float]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Tick:
    """How a tick of the scheduler fares; times are seconds of the monotonic clock."""

    ended_at: float
    """The last time it came to an end, well or not; the start before that. One that hung did not."""
    failing_since: float | None = None
    error: str = ""
    every_s: float = 0.0
    """How long after the end of one the next is to begin: nobody misses an hourly one before."""


class Pulse:
    """One for all parts of a run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.monotonic()
        self.began_at = clock.now()
        self.ticks: dict[str, Tick] = {}
        self.polls: Counter[str] = Counter()
        """By outcome: `good`, `unchanged`, `failed`."""
        self.poll_s = Histogram(POLL_S)
        self.articles = 0
        self.matches: Counter[Tier] = Counter()
        self.alerts = 0
        self.delivery_delay_s = Histogram(DELAY_S)
        self.requests: Counter[str] = Counter()
        """To Telegram, by outcome: `ok`, `flood`, `refused`, `error`, `network`."""
        self.updates = 0
        self.polled_at = self.looked_at_at = self.settled_at = self.began
        """When a poll, the look at an article and a delivery last came to an end."""
        self.telegram_heard_at: float | None = None
        """When Telegram last answered itself, whatever it said."""

    # --- What the parts say -------------------------------------------------------------------------------------------

    def ticked(self, name: str) -> None:
        before = self.ticks.get(name)
        self.ticks[name] = Tick(self._clock.monotonic(), every_s=before.every_s if before else 0.0)

    def tick_failed(self, name: str, error: str) -> None:
        now = self._clock.monotonic()
        before = self.ticks.get(name)
        since = before.failing_since if before and before.failing_since is not None else now
        self.ticks[name] = Tick(now, since, error, before.every_s if before else 0.0)

    def expect_tick(self, name: str, every_s: float = 0.0) -> None:
        """It will come to an end again and again from now on."""
        self.ticks.setdefault(name, Tick(self._clock.monotonic(), every_s=every_s))

    def polled(self, outcome: str, seconds: float) -> None:
        self.polls[outcome] += 1
        self.poll_s.add(seconds)
        self.polled_at = self._clock.monotonic()

    def took_in(self, articles: int) -> None:
        """Articles that are new or changed."""
        self.articles += articles

    def looked_at(self, found: Iterable[Tier] = (), *, alerted: bool = False) -> None:
        """An article, with what was found in it."""
        self.matches.update(found)
        self.alerts += alerted
        self.looked_at_at = self._clock.monotonic()

    def settled(self, delays_s: Iterable[float] = ()) -> None:
        """A delivery was tried; `delays_s` of those that arrived: from the decision until then."""
        for seconds in delays_s:
            self.delivery_delay_s.add(seconds)
        self.settled_at = self._clock.monotonic()

    def asked_telegram(self, outcome: str) -> None:
        self.requests[outcome] += 1
        if outcome not in {"network", "error"}:  # a gateway on the way is not Telegram
            self.telegram_heard_at = self._clock.monotonic()

    def received(self, updates: int) -> None:
        self.updates += updates
