"""The same cycles for every reader of feeds: a first fetch, nothing new, and 5 % of the feeds with a new item.

Each reader is a program of its own (`python -m benchmarks.polling.ours`, `….theirs`), so that it has its memory and
imports to itself. It takes the publisher's origins and the numbers on its command line and prints its laps as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks.polling.measure import cost

FIRST, UNCHANGED, CHANGED = "first fetch", "nothing new", "5 % changed"
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Lap:
    """One poll of every feed."""

    cycle: str
    wall_s: float
    cpu_ms_a_feed: float
    peak_mib: float
    longest_hold_ms: float | None = None
    """Of the event loop; None where there is none."""
    changed: int = 0
    """Feeds with a new item."""


class Trial:
    """`with trial.lap(cycle)` around one poll of every feed, for each of `cycles`; then `finish`."""

    def __init__(self, origins: list[str], feeds: int, rounds: int) -> None:
        self._control = urlsplit(origins[0]).netloc
        self._feeds = feeds
        self._laps: list[Lap] = []
        self.urls = [f"{origins[number % len(origins)]}/{number}.xml" for number in range(feeds)]
        self.cycles = [FIRST, *[UNCHANGED] * rounds, *[CHANGED] * rounds]

    @staticmethod
    def asked_for() -> Trial:
        """From the command line: origins (JSON), feeds, rounds."""
        return Trial(json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

    @contextmanager
    def lap(self, cycle: str) -> Iterator[dict[str, float]]:
        """Measures the block; what it puts into the dictionary becomes fields of the lap.

        Raises:
            SystemExit: not every feed was asked for once, or the answers were not those of this cycle.
        """
        changed = int(self._ask(f"/change?feeds={self._feeds}")) if cycle == CHANGED else 0
        more: dict[str, float] = {}
        with cost() as spent:
            yield more
        expected = {FIRST: {200: self._feeds}, UNCHANGED: {304: self._feeds}}.get(
            cycle, {200: changed, 304: self._feeds - changed}
        )
        answered = {int(status): count for status, count in json.loads(self._ask("/answered")).items()}
        if answered != expected:
            raise SystemExit(f"{cycle}: the publisher gave {answered} (status: feeds) instead of {expected}")
        cpu_ms = spent.cpu_s * 1000 / self._feeds
        self._laps.append(Lap(cycle, spent.wall_s, cpu_ms, spent.peak_mib, changed=changed, **more))

    def finish(self, articles: int) -> None:
        """Print the laps, and how many articles are stored."""
        sys.stdout.write(json.dumps({"articles": articles, "laps": [asdict(lap) for lap in self._laps]}) + "\n")

    def _ask(self, path: str) -> str:
        with closing(HTTPConnection(self._control, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
