"""What the benchmark counts: each rule on one text about nobody real."""

from __future__ import annotations

import pytest

from benchmarks.matching.corpus import LabelledText
from benchmarks.matching.methods import Found
from benchmarks.matching.quality import Quality, quality_of


def labelled(kind: str = "typo", *, sub: str = "", positive: bool = True, ignored: str = "") -> LabelledText:
    """Ida (`ida`) is meant; whether she should ring is `positive`."""
    return LabelledText(
        text="Ida Vantadour a parlé.",
        language="fr",
        kind=kind,
        sub=sub,
        target="ida",
        positive=positive,
        gold=frozenset({"ida"} if positive else ()),
        ignored=frozenset(ignored.split()),
    )


def measured(text: LabelledText, certain: str = "", possible: str = "") -> Quality:
    return quality_of(
        lambda _text, _language: Found(frozenset(certain.split()), frozenset(possible.split())), [text], 1
    )


def test_a_name_that_rings_is_recalled() -> None:
    found = measured(labelled(), "ida")
    assert found.recall["typo"].value == 1.0
    assert found.targets() == (1.0, 1.0, 1.0)


def test_a_name_that_is_only_possible_is_missed() -> None:
    found = measured(labelled(), possible="ida")
    assert found.targets() == (0.0, 0.0, 0.0)
    assert found.counts["possible right"] == 1


def test_a_bare_surname_may_be_possible() -> None:
    found = measured(labelled("surname", sub="rare"), possible="ida")
    assert found.recall["surname"].value == 1.0
    assert found.counts["possible right"] == 0


def test_a_common_surname_is_not_scored() -> None:
    assert not measured(labelled("surname", sub="common"), "ida").recall


def test_a_negative_that_rings_is_an_alarm_and_no_stray() -> None:
    found = measured(labelled("neg_near", positive=False), "ida")
    assert (found.alarms["neg_near"].value, found.counts["stray"]) == (1.0, 0)
    assert found.targets()[0] == 0.0


def test_a_negative_that_is_only_possible_is_no_alarm_but_wrong() -> None:
    found = measured(labelled("neg_near", positive=False), possible="ida")
    assert (found.alarms["neg_near"].value, found.per_text("possible wrong")) == (0.0, 1.0)


@pytest.mark.parametrize(("ignored", "stray"), [("", 1), ("otto", 0)])
def test_an_unlabelled_name_that_rings_is_stray_unless_ignored(ignored: str, stray: int) -> None:
    found = measured(labelled(ignored=ignored), "ida otto")
    assert found.counts["stray"] == stray
    assert found.targets()[0] == 1 / (1 + stray)


def test_distractors_are_counted_apart() -> None:
    found = measured(labelled(), "ida x1 x2", "x3")
    assert (found.per_text("distractor"), found.per_text("possible distractor")) == (2.0, 1.0)
    assert (found.counts["stray"], found.counts["possible wrong"]) == (0, 0)


def test_no_more_texts_are_read_than_time_allows() -> None:
    texts = [labelled()] * 5
    assert quality_of(lambda _text, _language: Found(frozenset()), texts, 0.0).texts == 1
    assert quality_of(lambda _text, _language: Found(frozenset()), texts, 60.0).texts == 5
