from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.known_names import KnownNames
from bot.known_names.table import pack

GROUPS = st.dictionaries(st.text(), st.sets(st.integers(0, 2**32 - 1), max_size=5))


@given(GROUPS, st.text())
def test_what_is_packed_is_found_again_and_nothing_else(groups: dict[str, set[int]], other: str) -> None:
    names = KnownNames(pack(groups))
    assert len(names) == len(groups)
    for name, of_it in groups.items():
        assert name in names
        assert names.groups(name) == tuple(sorted(of_it))
    assert (other in names) == (other in groups)


@given(GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_show(groups: dict[str, set[int]], chance: random.Random) -> None:
    shuffled = list(groups.items())
    chance.shuffle(shuffled)
    assert pack(dict(shuffled)) == pack(groups)


def test_the_format_is_the_same_on_every_machine() -> None:
    packed = pack({"orvane": [7, 258]})
    assert packed[:16] == b"names\0\0\1" + b"\1\0\0\0" + b"\2\0\0\0"
    assert packed[24:] == b"\0\0\0\0" + b"\2\0\0\0" + b"\7\0\0\0" + b"\2\1\0\0"


def test_half_a_character_is_a_word_like_any_other() -> None:
    assert "\ud83d" not in KnownNames(pack({"orvane": []}))


def test_only_words_are_names() -> None:
    assert 7 not in KnownNames(pack({"7": []}))


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"x" + b[1:]])
def test_another_file_is_refused(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(ValueError, match="not a table of known names"):
        KnownNames(damage(pack({"orvane": [1]})))
