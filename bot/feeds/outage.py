"""Our own network's outage, told apart from the feeds': when nobody answers, it is us. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

UNREACHED = frozenset({"dns", "connection", "timeout", "tls"})
"""Codes of `FetchError` that mean that no server spoke to us. Any status, even 500, is an answer."""
SILENT_HOSTS = 3
"""So many hosts that fail one after the other, with no answer from any, are no coincidence; with fewer, all of them."""
FEWEST_HOSTS = 2
"""One host alone cannot tell its outage from ours."""
SILENCE = timedelta(seconds=45)
"""A moment's hiccup is no outage: polls time out after 20 s."""


@dataclass(frozen=True, slots=True)
class Network:
    """What the polls' ends told about our way out. A new one is made after each."""

    hosts: int
    """Hosts among our feeds."""
    last_answer: datetime
    """Or the start."""
    silent: frozenset[str] = frozenset()
    """Hosts that could not be reached since the last answer."""
    down_since: datetime | None = None

    @property
    def is_down(self) -> bool:
        return self.down_since is not None


def answered(network: Network, now: datetime) -> Network:
    """After a poll that a server answered, whatever it said."""
    if network.down_since is None and not network.silent:
        return replace(network, last_answer=now)
    return Network(network.hosts, last_answer=now)


def unreached(network: Network, host: str, now: datetime) -> Network:
    """After a poll that reached no server."""
    silent = network.silent | {host}
    enough = min(SILENT_HOSTS, network.hosts)
    is_outage = len(silent) >= max(enough, FEWEST_HOSTS) and now - network.last_answer >= SILENCE
    down_since = network.down_since or (network.last_answer if is_outage else None)
    return replace(network, silent=silent, down_since=down_since)
