"""How the daemon fares, as data: what `/status.json` answers and `guetteur status` prints. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.health.judge import STUCK_S, State, Trouble, Verdict
from bot.storage.vitals import Counts, Oldest


@dataclass(frozen=True, slots=True)
class Report:
    source: str
    """`daemon`: it answered itself; `database`: read there, beside a daemon that does not answer or does not run."""
    instance: str
    version: str
    verdict: Verdict
    since: datetime | None
    """When the state became what it is; None where only the daemon would know."""
    ready: bool | None
    counts: Counts

    def data(self) -> dict[str, Any]:
        """docs/operating.md describes it."""
        return {
            "source": self.source,
            "instance": self.instance,
            "version": self.version,
            "state": self.verdict.state.value,
            "since": _iso(self.since),
            "ready": self.ready,
            "troubles": [trouble_data(each) for each in self.verdict.troubles],
            "feeds": dict(self.counts.feeds),
            "deliveries": dict(self.counts.deliveries),
            "articles_waiting": self.counts.articles_waiting,
            "names": self.counts.names,
            "watchlists": self.counts.watchlists,
            "chats": self.counts.chats,
            "subscriptions": self.counts.subscriptions,
            "stories": self.counts.stories,
            "database_bytes": self.counts.bytes,
            "last_good_poll": _iso(self.counts.last_good_poll_at),
            "last_sent": _iso(self.counts.last_sent_at),
        }


def trouble_data(trouble: Trouble) -> dict[str, str]:
    return {"code": trouble.code, "weight": trouble.weight.value, "text": trouble.words}


def instance_of(storage_url: str) -> str:
    """Tells one installation from another at the same address; of the database's address without its password."""
    head, at, tail = storage_url.rpartition("@")
    plain = f"{head.rpartition(':')[0] or head}{at}{tail}" if at else storage_url
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()


def verdict_of_rows(oldest: Oldest, now: datetime) -> Verdict:
    """What the tables alone tell: work that has waited for long is done by nobody."""
    waits = {"polling-stuck": oldest.feed, "looking-stuck": oldest.article, "delivery-stuck": oldest.delivery}
    troubles = tuple(
        Trouble(code, State.FAILING, {"seconds": f"{(now - since).total_seconds():.0f}"})
        for code, since in waits.items()
        if since is not None and (now - since).total_seconds() >= STUCK_S
    )
    return Verdict(State.FAILING if troubles else State.OK, troubles)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
