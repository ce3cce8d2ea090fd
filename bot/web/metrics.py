"""`/metrics`: what the daemon counted, in Prometheus' names and units. Labels are bounded: no feed or name is one.

Loaded at the first scrape, for the library's sake. docs/operating.md lists every metric.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.health.judge import WORDS, State, Verdict
from bot.model import Tier
from bot.pulse import Histogram, Pulse
from bot.storage.vitals import Counts

__all__ = ["CONTENT_TYPE_LATEST", "Scrape", "exposition"]

POLLS = ("good", "unchanged", "failed")
REQUESTS = ("ok", "flood", "refused", "error", "network")


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one answer is made of."""

    version: str
    pulse: Pulse
    counts: Counts
    verdict: Verdict
    ready: bool


def exposition(scrape: Scrape) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(_Metrics(scrape))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Metrics(Collector):
    def __init__(self, scrape: Scrape) -> None:
        self._scrape = scrape

    def collect(self) -> Iterator[Metric]:
        scrape = self._scrape
        build = InfoMetricFamily("guetteur_build", "The program that runs.")
        build.add_metric([], {"version": scrape.version})
        yield build
        yield from _of_health(scrape)
        yield from _of_pulse(scrape.pulse)
        yield from _of_tables(scrape.counts)


def _of_health(scrape: Scrape) -> Iterator[Metric]:
    state = scrape.verdict.state
    yield _gauges("guetteur_health", "1 for the state that the daemon is in.", "state", {s: s is state for s in State})
    found = {each.code for each in scrape.verdict.troubles}
    yield _gauges(
        "guetteur_trouble", "1 for what is wrong at this moment.", "code", {code: code in found for code in WORDS}
    )
    yield _gauge("guetteur_ready", "1 once the daemon works.", scrape.ready)


def _of_pulse(pulse: Pulse) -> Iterator[Metric]:
    yield _counters(
        "guetteur_polls", "Polls that ended since the start.", "outcome", {o: pulse.polls[o] for o in POLLS}
    )
    yield _histogram("guetteur_poll_duration_seconds", "From the request to the end of a poll.", pulse.poll_s)
    yield _counter("guetteur_articles", "Articles taken in since the start, new or changed.", pulse.articles)
    tiers = {tier.value: pulse.matches[tier] for tier in Tier}
    yield _counters("guetteur_matches", "Names found in articles since the start.", "tier", tiers)
    yield _counter("guetteur_alerts", "Alerts decided since the start.", pulse.alerts)
    yield _histogram(
        "guetteur_delivery_delay_seconds", "From the decision of an alert until it was sent.", pulse.delivery_delay_s
    )
    asked = {outcome: pulse.requests[outcome] for outcome in REQUESTS}
    yield _counters("guetteur_telegram_requests", "Requests to Telegram since the start.", "outcome", asked)
    yield _counter("guetteur_updates", "Updates received from Telegram since the start.", pulse.updates)


def _of_tables(counts: Counts) -> Iterator[Metric]:
    yield _gauges("guetteur_feeds", "Feeds that are listed.", "state", counts.feeds)
    yield _gauges("guetteur_deliveries", "Alerts owed to a chat or topic, as stored.", "state", counts.deliveries)
    yield _gauge("guetteur_articles_waiting", "Articles that were not looked at yet.", counts.articles_waiting)
    yield _gauge("guetteur_names", "Watched names, in lists and of chats.", counts.names)
    yield _gauge("guetteur_watchlists", "Watchlists whose file is there.", counts.watchlists)
    yield _gauge("guetteur_chats", "Chats that can be reached.", counts.chats)
    yield _gauge("guetteur_subscriptions", "Who follows what.", counts.subscriptions)
    yield _gauge("guetteur_stories", "Stories that are stored.", counts.stories)
    yield _gauge("guetteur_database_bytes", "Size of the database.", counts.bytes)
    last = counts.last_good_poll_at
    yield _gauge(
        "guetteur_last_good_poll_timestamp_seconds",
        "When a feed last answered; 0 for never.",
        last.timestamp() if last else 0,
    )


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=float(value))


def _gauges(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for each, value in values.items():
        family.add_metric([str(each)], float(value))
    return family


def _counter(name: str, what: str, value: int) -> Metric:
    return CounterMetricFamily(name, what, value=float(value))


def _counters(name: str, what: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, what, labels=[label])
    for each, value in values.items():
        family.add_metric([each], float(value))
    return family


def _histogram(name: str, what: str, seen: Histogram) -> Metric:
    below = list(accumulate(seen.counts))
    bounds = [*(str(bound) for bound in seen.bounds), "+Inf"]
    return HistogramMetricFamily(
        name, what, buckets=list(zip(bounds, map(float, below), strict=True)), sum_value=seen.total
    )
