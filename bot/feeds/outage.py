"""Our own network's outage, told apart from the feeds': when nobody answers, it is us. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

UNREACHED = frozenset({"dns", "connection", "timeout", "tls", "address"})
"""Codes of `FetchError` that mean that no server spoke to us. A network without a way out may give every host an
address of its own (`address`)."""
ANSWERED = frozenset({"http", "refused", "gone", "redirects", "too-large", "decoding"})
"""Codes that a server gave us; any status, even 500, is an answer. The other codes tell nothing: nobody was asked."""
SILENT_HOSTS = 3
"""So many hosts that fail one after the other, with no answer from any, are no coincidence; with fewer, all of them."""
FEWEST_HOSTS = 2
"""One host alone cannot tell its outage from ours."""
SILENCE = timedelta(seconds=45)
"""A moment's hiccup is no outage: polls time out after 20 s."""
PRESUMED = timedelta(hours=3)
"""How long the silence of three hosts or fewer, where there are no others, is held to be our outage: they may all be
dead. More die together only when it is us."""
PROBE_EVERY = timedelta(seconds=10)
PROBE_SELDOM = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Network:
    """What the polls' ends told about our way out. A new one is made after each."""

    hosts: int
    """Hosts among our feeds."""
    silent: frozenset[str] = frozenset()
    """Hosts that could not be reached since the last answer."""
    silent_since: datetime | None = None
    """The first poll since the last answer that reached nobody: what came before it was not silence."""
    found_at: datetime | None = None
    """When the silence was long and wide enough to be an outage."""
    is_down: bool = False
    """It is an outage, and ours."""


def answered(network: Network) -> Network:
    """After a poll that a server answered, whatever it said."""
    return Network(network.hosts) if network.silent else network


def unreached(network: Network, host: str, now: datetime) -> Network:
    """After a poll that reached no server."""
    silent, since = network.silent | {host}, network.silent_since or now
    enough = max(min(SILENT_HOSTS, network.hosts), FEWEST_HOSTS)
    is_outage = len(silent) >= enough and now - since >= SILENCE
    found_at = network.found_at or (now if is_outage else None)
    is_ours = found_at is not None and (network.hosts > SILENT_HOSTS or now - found_at < PRESUMED)
    return Network(network.hosts, silent, since, found_at, is_ours)


def probe_pause(lasted: timedelta) -> timedelta:
    """How long to wait before asking again whether an outage that lasted so long is over: a tenth of it."""
    return min(max(lasted / 10, PROBE_EVERY), PROBE_SELDOM)
