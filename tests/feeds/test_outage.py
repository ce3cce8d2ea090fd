"""When nobody answers, the trouble is ours; when one does, it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.outage import Network, answered, unreached

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(*silent: tuple[str, float], hosts: int = 10) -> Network:
    network = Network(hosts, last_answer=NOW)
    for host, seconds in silent:
        network = unreached(network, host, at(seconds))
    return network


def test_three_silent_hosts_and_no_answer_are_an_outage_since_the_last_answer() -> None:
    network = after(("a", 30), ("b", 50), ("c", 60))
    assert network.down_since == NOW


def test_one_host_is_not_enough_however_often_it_fails() -> None:
    assert not after(("a", 50), ("a", 60), ("a", 900), ("b", 901)).is_down
    assert not after(("a", 50), ("a", 900), hosts=1).is_down


def test_with_two_hosts_both_must_be_silent() -> None:
    assert not after(("a", 60), ("a", 90), hosts=2).is_down
    assert after(("a", 60), ("b", 90), hosts=2).is_down


def test_a_moment_is_no_outage() -> None:
    assert not after(("a", 1), ("b", 2), ("c", 3)).is_down


def test_an_answer_between_starts_the_count_again() -> None:
    network = answered(after(("a", 30), ("b", 50)), at(55))
    assert not unreached(network, "c", at(200)).is_down


def test_the_first_answer_ends_it() -> None:
    network = answered(after(("a", 30), ("b", 50), ("c", 60)), at(500))
    assert network == Network(10, last_answer=at(500))


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 300)), max_size=40))
def test_an_outage_is_never_told_to_begin_twice(silences: list[tuple[str, int]]) -> None:
    network, clock, begun = Network(5, last_answer=NOW), 0, []
    for host, seconds in silences:
        clock += seconds
        network = unreached(network, host, at(clock))
        begun.append(network.down_since)
    assert len({since for since in begun if since}) <= 1
