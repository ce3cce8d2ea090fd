"""Metrics are what Prometheus expects, all of them are documented, and the Grafana board shows only those that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.health.judge import State, Trouble, Verdict
from bot.model import Tier
from bot.pulse import Histogram, Pulse
from bot.storage.database import Database
from bot.storage.vitals import count_all
from bot.web.metrics import Scrape, exposition
from tests.faketime import StandingClock

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
async def families(sqlite: Database) -> dict[str, Any]:
    clock = StandingClock()
    pulse = Pulse(clock)
    pulse.polled("good", 0.3)
    pulse.polled("failed", 20.0)
    pulse.looked_at([Tier.CERTAIN, Tier.POSSIBLE], alerted=True)
    pulse.settled([2.0, 3000.0])
    pulse.asked_telegram("flood")
    async with sqlite.read() as connection:
        counts = await count_all(connection)
    verdict = Verdict(State.DEGRADED, (Trouble("network", State.DEGRADED),))
    text = exposition(Scrape("1.2.3", pulse, counts, verdict, ready=True)).decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families: dict[str, Any], name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(found) == 1, name
    return float(found[0])


async def test_what_was_counted_is_told(families: dict[str, Any]) -> None:
    assert value(families, "guetteur_polls_total", outcome="good") == 1
    assert value(families, "guetteur_polls_total", outcome="unchanged") == 0
    assert value(families, "guetteur_poll_duration_seconds_sum") == 20.3
    assert value(families, "guetteur_poll_duration_seconds_bucket", le="0.5") == 1
    assert value(families, "guetteur_poll_duration_seconds_bucket", le="+Inf") == 2
    assert value(families, "guetteur_delivery_delay_seconds_count") == 2
    assert value(families, "guetteur_matches_total", tier="possible") == 1
    assert value(families, "guetteur_alerts_total") == 1
    assert value(families, "guetteur_telegram_requests_total", outcome="flood") == 1
    assert value(families, "guetteur_feeds", state="ok") == 0
    assert value(families, "guetteur_deliveries", state="pending") == 0
    assert value(families, "guetteur_health", state="degraded") == 1
    assert value(families, "guetteur_health", state="ok") == 0
    assert value(families, "guetteur_trouble", code="network") == 1
    assert value(families, "guetteur_build_info", version="1.2.3") == 1
    assert value(families, "guetteur_database_bytes") > 10_000
    assert value(families, "process_resident_memory_bytes") > 1_000_000


async def test_names_and_units_are_prometheus_own(families: dict[str, Any]) -> None:
    ours = [name for name in families if name.startswith("guetteur_")]
    assert len(ours) > 20
    for name in ours:
        family = families[name]
        assert re.fullmatch(r"guetteur_[a-z_]+", name)
        assert family.documentation
        assert family.type != "unknown"
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|count)$", name)
        assert {label for sample in family.samples for label in sample.labels} <= {
            "outcome", "state", "tier", "code", "le", "version",
        }  # fmt: skip


async def test_every_metric_is_documented_and_the_reverse(families: dict[str, Any]) -> None:
    page = (DOCS / "operating.md").read_text("utf-8")
    told = set(re.findall(r"`(guetteur_[a-z_]+)(?:\{[a-z]+\})?`", page))
    shown = {
        name + {"counter": "_total", "info": "_info"}.get(family.type, "")
        if not name.endswith(("_total", "_info"))
        else name
        for name, family in families.items()
        if name.startswith("guetteur_")
    }
    assert told == shown


async def test_the_board_asks_for_nothing_that_is_not_there(families: dict[str, Any]) -> None:
    board = json.loads((DOCS / "grafana" / "guetteur.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert len(asked) > 10
    samples = {sample.name for family in families.values() for sample in family.samples}
    for expression in asked:
        names = set(re.findall(r"\b(?:guetteur|process)_[a-z_]+", expression))
        assert names, expression
        assert names <= samples, expression
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


def test_a_value_falls_into_the_bucket_whose_bound_it_does_not_pass() -> None:
    seen = Histogram((1.0, 5.0))
    for seconds in (0.5, 1.0, 1.1, 5.0, 6.0):
        seen.add(seconds)
    assert seen.counts == [2, 2, 1]
    assert seen.total == 13.6
