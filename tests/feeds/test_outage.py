"""When nobody answers, the trouble is ours; when one does, it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.outage import ANSWERED, UNREACHED, Network, answered, probe_pause, unreached

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = 3600.0


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(*silent: tuple[str, float], hosts: int = 10) -> Network:
    network = Network(hosts)
    for host, seconds in silent:
        network = unreached(network, host, at(seconds))
    return network


def test_three_silent_hosts_and_no_answer_are_an_outage_since_the_first_of_them() -> None:
    network = after(("a", 3000), ("b", 3020), ("c", 3050))
    assert network.is_down
    assert network.silent_since == at(3000)
    assert network.found_at == at(3050)


def test_one_host_is_not_enough_however_often_it_fails() -> None:
    assert not after(("a", 50), ("a", 60), ("a", 900), ("b", 901)).is_down
    assert not after(("a", 50), ("a", 900), hosts=1).is_down


def test_with_two_hosts_both_must_be_silent() -> None:
    assert not after(("a", 60), ("a", 120), hosts=2).is_down
    assert after(("a", 60), ("b", 120), hosts=2).is_down


def test_a_moment_is_no_outage_however_long_ago_the_last_answer_was() -> None:
    assert not after(("a", 3000), ("b", 3020), ("c", 3040)).is_down


def test_an_answer_between_starts_the_count_again() -> None:
    network = answered(after(("a", 30), ("b", 50)))
    assert not unreached(network, "c", at(200)).is_down


def test_the_first_answer_ends_it() -> None:
    assert answered(after(("a", 30), ("b", 50), ("c", 90))) == Network(10)


def test_a_few_hosts_that_stay_silent_are_dead_themselves() -> None:
    few = after(("a", 0), ("b", 60), ("c", 120), ("a", 2 * HOUR), hosts=3)
    assert few.is_down
    assert not unreached(few, "b", at(3 * HOUR + 120)).is_down
    assert not unreached(unreached(few, "b", at(4 * HOUR)), "c", at(5 * HOUR)).is_down
    assert after(("a", 0), ("b", 60), ("c", 120), ("a", 99 * HOUR), hosts=4).is_down


def test_who_was_not_asked_tells_nothing() -> None:
    assert not UNREACHED & ANSWERED
    assert not {"url", "scheme"} & (UNREACHED | ANSWERED)


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 300)), max_size=40))
def test_an_outage_never_begins_twice(silences: list[tuple[str, int]]) -> None:
    network, clock, begun = Network(5), 0, []
    for host, seconds in silences:
        clock += seconds
        network = unreached(network, host, at(clock))
        begun.append(network.found_at)
    assert len({found_at for found_at in begun if found_at}) <= 1


@given(st.lists(st.integers(0, 10**6), min_size=2))
def test_probes_come_seldomer_and_never_stop(ages: list[int]) -> None:
    pauses = [probe_pause(timedelta(seconds=age)).total_seconds() for age in sorted(ages)]
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert min(pauses) >= 10
    assert max(pauses) <= 300
