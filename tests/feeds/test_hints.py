from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.hints import read_hints
from bot.model import Hints

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@pytest.mark.parametrize(
    ("around", "wait_s"),
    [
        (b"<ttl>60</ttl>", HOUR_S),
        (b"<ttl>\n <![CDATA[ 5 ]]></ttl>", 300.0),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", HOUR_S),
        (b"<sy:updatePeriod>\n\tdaily\t</sy:updatePeriod><sy:updateFrequency> 4 </sy:updateFrequency>", DAY_S / 4),
        (b"<syn:updatePeriod>weekly</syn:updatePeriod>", 7 * DAY_S),
        (b"<sy:updateFrequency>2</sy:updateFrequency>", DAY_S / 2),
        (b"<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", HOUR_S),
        (b"<ttl>0</ttl>", None),
        (b"<ttl>-5</ttl>", None),
        (b"<ttl>soon</ttl>", None),
        (b"<ttl>999999999</ttl>", None),
        (b"<ttl>" + b"9" * 5_000 + b"</ttl>", None),
        (b"<ttl/>", None),
        (b"<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        (b"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        (b"<!-- <ttl>60</ttl> -->", None),
        (b"<description><![CDATA[ <ttl>60</ttl> ]]></description>", None),
        (b"<!-- <ttl>60</ttl>", None),
    ],
)
def test_how_long_a_document_asks_to_wait(around: bytes, wait_s: float | None) -> None:
    assert read_hints(b"<rss><channel>" + around + b"</channel></rss>").min_wait_s == wait_s


def test_hours_and_days_to_skip() -> None:
    around = b"<skipHours><hour>0</hour><hour>24</hour><hour> 7</hour><hour>25</hour><hour>x</hour></skipHours>"
    around += b"<skipDays><day>Sunday</day><day>monday</day><day>Dimanche</day></skipDays>"
    assert read_hints(around) == Hints(skip_hours=frozenset({0, 7}), skip_days=frozenset({0, 6}))


def test_a_feed_that_is_never_to_be_read_means_something_else() -> None:
    hours = b"".join(b"<hour>%d</hour>" % hour for hour in range(24))
    days = b"<day>Monday</day><day>Tuesday</day><day>Wednesday</day><day>Thursday</day><day>Friday</day>"
    assert read_hints(hours + days + b"<day>Saturday</day><day>Sunday</day>") == Hints()


@given(st.binary(max_size=60), st.sampled_from([b"<ttl>", b"<hour>", b"<day>", b"<sy:updatePeriod>", b"<!--"]))
def test_nothing_is_a_fault(junk: bytes, tag: bytes) -> None:
    read = read_hints(tag + junk + tag.replace(b"<", b"</"))
    assert read.min_wait_s is None or read.min_wait_s > 0


@pytest.mark.parametrize("piece", [b"<!--", b"<![CDATA[", b"<ttl>", b"<ttl ", b"<hour> ", b"<a:", b" "])
def test_a_hostile_megabyte_is_read_at_once(piece: bytes) -> None:
    read_hints(b"<ttl>" + piece * (1_000_000 // len(piece)))
