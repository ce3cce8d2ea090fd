"""What an edit changes, as a difference of two configurations."""

from __future__ import annotations

from dataclasses import replace

from bot.config import Loaded, Settings
from bot.config.changes import AT_RESTART, compare, version_of
from bot.config.environment import override_names
from bot.model import Entity, Feed, WatchedName, Watchlist, list_scope


def watchlist(list_id: str, *names: str, title: str = "T") -> Watchlist:
    return Watchlist(list_id, title, tuple(WatchedName(list_scope(list_id), each, Entity(each)) for each in names))


def loaded(*lists: Watchlist, feeds: tuple[Feed, ...] = (), settings: Settings | None = None) -> Loaded:
    return Loaded(settings or Settings(), feeds, lists)


PHARE, QUAI = Feed("phare", "https://phare.example/"), Feed("quai", "https://quai.example/")


def test_nothing_changed() -> None:
    same = loaded(watchlist("a", "A", "B"), feeds=(PHARE,))
    assert not compare(same, same)
    assert not compare(same, loaded(watchlist("a", "A", "B"), feeds=(PHARE,)))


def test_names_that_came_went_and_are_told_otherwise() -> None:
    before = loaded(watchlist("a", "A", "B", "C"), watchlist("b", "D"))
    altered = WatchedName(list_scope("a"), "B", Entity("B", aliases=("X",)))
    now = Watchlist("a", "T", (*watchlist("a", "A").names, altered, *watchlist("a", "E").names))
    changes = compare(before, loaded(now, watchlist("c", "F")))
    assert [name.id for name in changes.came] == ["E", "F"]
    assert changes.went == ((list_scope("a"), "C"), (list_scope("b"), "D"))
    assert changes.altered == (altered,)
    assert [[each.id for each in lists] for lists in (changes.new_lists, changes.gone_lists, changes.kept_lists)] == [
        ["c"], ["b"], ["a"]
    ]  # fmt: skip


def test_a_title_alone_touches_its_list() -> None:
    changes = compare(loaded(watchlist("a", "A")), loaded(watchlist("a", "A", title="U")))
    assert changes.touches_names
    assert (changes.came, changes.went, changes.altered) == ((), (), ())


def test_feeds_that_came_went_and_are_told_otherwise() -> None:
    changes = compare(loaded(feeds=(PHARE, QUAI)), loaded(feeds=(replace(PHARE, title="P"), Feed("new", "https://n/"))))
    assert [each.id for each in (*changes.new_feeds, *changes.gone_feeds, *changes.altered_feeds)] == [
        "new", "quai", "phare"
    ]  # fmt: skip


def test_more_than_half_is_most_and_two_of_three_are_not() -> None:
    four = loaded(watchlist("a", "A", "B", "C", "D"))
    assert not compare(four, loaded(watchlist("a", "A", "B"))).removes_most
    assert compare(four, loaded(watchlist("a", "A"))).removes_most
    assert compare(four, loaded()).removes_most
    assert not compare(loaded(watchlist("a", "A", "B", "C")), loaded(watchlist("a", "A"))).removes_most
    feeds = tuple(Feed(f"f{number}", f"https://f{number}.example/") for number in range(4))
    assert compare(loaded(feeds=feeds), loaded(feeds=feeds[:1])).removes_most


def test_names_replaced_by_others_are_removed_all_the_same() -> None:
    before, after = loaded(watchlist("a", "A", "B", "C", "D")), loaded(watchlist("a", "E", "F", "G", "H"))
    assert compare(before, after).removes_most


def settings(**sections: dict[str, object]) -> Settings:
    return Settings.model_validate(sections)


def test_keys_that_count_at_once_and_those_that_wait() -> None:
    before = loaded()
    after = loaded(settings=settings(polling={"per_host": "3"}, web={"listen": "127.0.0.1:9999"}))
    changes = compare(before, after)
    assert (changes.keys, changes.keys_at_restart) == (("polling.per_host",), ("web.listen",))
    back = compare(after, before, started=before.settings)
    assert back.keys_at_restart == ()  # it is as it was when we started


def test_every_key_that_waits_exists() -> None:
    keys = {".".join(path) for path in override_names().values()}
    assert {each for each in AT_RESTART if not any(key == each or key.startswith(f"{each}.") for key in keys)} == set()


def test_a_version_is_of_names_and_feeds_alone() -> None:
    one = loaded(watchlist("a", "A"), feeds=(PHARE,))
    assert version_of(one) == version_of(loaded(watchlist("a", "A", title="U"), feeds=(PHARE,)))
    others = [loaded(watchlist("a", "A")), loaded(watchlist("b", "A"), feeds=(PHARE,)), loaded(feeds=(PHARE,))]
    assert version_of(one) not in map(version_of, others)
