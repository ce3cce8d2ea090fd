"""Whether the daemon is well, decided from plain facts. Pure.

*ok*: all is done that is to be done; a quiet hour is ok. *degraded*: only Telegram or the network is out, which nothing
here can mend and after which nothing is lost. *failing*: polling or delivery is stuck, somebody must look. Work is
stuck when some waits and none of its kind gets done: a long queue that moves is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

STUCK_S = 600.0
"""Work waits, and none of its kind came to an end: a poll takes at most a minute, a refused message waits as long."""
TICK_HANGS_S = 180.0
"""A tick is broken off after two minutes; one that does not even end then holds up all of its kind."""
TICK_FAILS_S = 60.0
"""A database that is locked for a moment is nobody's business."""
TELEGRAM_SILENT_S = 150.0
"""It answers twice a minute; a request that gets no answer is given up after a minute, and asked again after one."""
LEAST_DISK_BYTES = 200_000_000


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work."""

    waits_s: float | None = None
    """For how long some has been waiting without a break; None: nothing waits."""
    rests_s: float = 0.0
    """Since some came to an end, or since the start."""

    @property
    def is_stuck(self) -> bool:
        return self.waits_s is not None and min(self.waits_s, self.rests_s) >= STUCK_S


@dataclass(frozen=True, slots=True)
class TickFacts:
    ended_s: float
    """Since it came to an end and was to begin again."""
    fails_s: float | None = None
    """Since when every one ended with an error; None: the last one ended well."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement depends on."""

    feeds: Work = Work()
    articles: Work = Work()
    deliveries: Work = Work()
    ticks: Mapping[str, TickFacts] = field(default_factory=dict)
    database_error: str | None = None
    """What the database said when it was last asked; None when it answered."""
    network_down: bool = False
    telegram_silent_s: float | None = 0.0
    """Since Telegram answered, or since the start; None: this run does not talk to it."""
    telegram_holds: bool = False
    """Telegram told the whole bot to wait."""
    broken_articles: int = 0
    disk_free_bytes: int | None = None
    canary_failed: str | None = None
    """The step at which the canary was lost; None: it arrived, or did not fly yet."""
    web_unbound: str | None = None
    """The address at which the dashboard could not be opened."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and how much it weighs: a trouble of weight `ok` is only worth a look."""

    code: str
    weight: State
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return WORDS[self.code].format_map(self.values)


WORDS = {
    "database": "the database does not work: {error}",
    "tick-hangs": "“{tick}” has not come to an end for {seconds} s",
    "tick-fails": "“{tick}” has failed for {seconds} s: {error}",
    "polling-stuck": "feeds are due, and none was polled for {seconds} s",
    "looking-stuck": "articles wait, and none was looked at for {seconds} s",
    "delivery-stuck": "alerts wait, and none went out for {seconds} s",
    "network": "no server answers: our own network is out, the feeds wait",
    "telegram": "Telegram has not answered for {seconds} s, what is owed waits",
    "telegram-holds": "Telegram told the bot to wait, what is owed waits",
    "broken-articles": "{number} articles could not be looked at; the log tells why, a restart tries again",
    "disk": "only {megabytes} MB are left on the disk of the database",
    "canary": "the daily test entry did not arrive: lost at “{step}”",
    "web": "web.listen: {address} is taken, so there is no dashboard",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    troubles: tuple[Trouble, ...] = ()


def judge(facts: Facts) -> Verdict:
    """The gravest trouble decides."""
    troubles = tuple(_troubles(facts))
    weights = {each.weight for each in troubles}
    state = next((each for each in (State.FAILING, State.DEGRADED) if each in weights), State.OK)
    return Verdict(state, troubles)


def is_ready(facts: Facts) -> bool:
    """Whether the database answers and every kind of work has begun."""
    return facts.database_error is None and bool(facts.ticks)


def hangs(facts: Facts) -> list[str]:
    """The ticks that came to no end: a restart may help, and nothing else will."""
    return [name for name, tick in facts.ticks.items() if tick.ended_s >= TICK_HANGS_S]


def _troubles(facts: Facts) -> Iterator[Trouble]:
    if facts.database_error is not None:
        yield Trouble("database", State.FAILING, {"error": facts.database_error})
    yield from _of_ticks(facts)
    yield from _of_telegram(facts)
    if facts.network_down:
        yield Trouble("network", State.DEGRADED)
    elif facts.feeds.is_stuck:
        yield _stuck("polling-stuck", facts.feeds)
    if facts.articles.is_stuck:
        yield _stuck("looking-stuck", facts.articles)
    if facts.deliveries.is_stuck and not _telegram_is_out(facts):
        yield _stuck("delivery-stuck", facts.deliveries)
    yield from _worth_a_look(facts)


def _of_ticks(facts: Facts) -> Iterator[Trouble]:
    for name, tick in sorted(facts.ticks.items()):
        if tick.ended_s >= TICK_HANGS_S:
            yield Trouble("tick-hangs", State.FAILING, {"tick": name, "seconds": f"{tick.ended_s:.0f}"})
        elif tick.fails_s is not None and tick.fails_s >= TICK_FAILS_S:
            values = {"tick": name, "seconds": f"{tick.fails_s:.0f}", "error": tick.error}
            yield Trouble("tick-fails", State.FAILING, values)


def _of_telegram(facts: Facts) -> Iterator[Trouble]:
    silent_s = facts.telegram_silent_s
    if silent_s is not None and silent_s >= TELEGRAM_SILENT_S:
        yield Trouble("telegram", State.DEGRADED, {"seconds": f"{silent_s:.0f}"})
    elif facts.telegram_holds and facts.deliveries.waits_s is not None:
        yield Trouble("telegram-holds", State.DEGRADED)


def _telegram_is_out(facts: Facts) -> bool:
    """So that it is no wonder, and not our fault, that nothing goes out."""
    silent_s = facts.telegram_silent_s
    return facts.telegram_holds or (silent_s is not None and silent_s >= TELEGRAM_SILENT_S)


def _worth_a_look(facts: Facts) -> Iterator[Trouble]:
    if facts.broken_articles:
        yield Trouble("broken-articles", State.OK, {"number": str(facts.broken_articles)})
    free = facts.disk_free_bytes
    if free is not None and free < LEAST_DISK_BYTES:
        yield Trouble("disk", State.OK, {"megabytes": str(free // 1_000_000)})
    if facts.canary_failed is not None:
        yield Trouble("canary", State.OK, {"step": facts.canary_failed})
    if facts.web_unbound is not None:
        yield Trouble("web", State.OK, {"address": facts.web_unbound})


def _stuck(code: str, work: Work) -> Trouble:
    seconds = min(work.waits_s or 0.0, work.rests_s)
    return Trouble(code, State.FAILING, {"seconds": f"{seconds:.0f}"})
