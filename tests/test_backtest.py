"""What an entry would have alerted, as a pure decision: who is tried, beside whom, and what each threshold makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.backtest import Entry, Found, Stock, Trial, changed, level, listed_entries, new_entry, result_of, with_stories
from bot.matching.index import matcher_of
from bot.model import Article, Entity, Match, MatchField, Scope, StoredArticle, Tier, WatchedName, Watchlist, list_scope

NOW = datetime(2026, 2, 17, 8, 0, tzinfo=UTC)
WINDOW = timedelta(hours=72)
TYPO = "Le parquet a entendu Aldebert Quincampoit lundi."
CERTAIN, POSSIBLE = Tier.CERTAIN, Tier.POSSIBLE


def a_list(*names: WatchedName | Entity, list_id: str = "quais") -> Watchlist:
    scope = list_scope(list_id)
    watched = (each if isinstance(each, WatchedName) else WatchedName(scope, each.name, each) for each in names)
    return Watchlist(list_id, "Les quais", tuple(watched))


def a_match(tier: Tier) -> Match:
    return Match(Scope("x"), "x", "x", "x", MatchField.TITLE, 0, 1, 90, tier)


def found(number: int, *, hours_ago: float, story: int | None = None, title: str = "", **at: Tier) -> Found:
    """`at`: the tier by threshold, as `t85=CERTAIN`."""
    published = NOW - timedelta(hours=hours_ago)
    article = Article("f", None, None, None, title or f"Titre {number}", "", "fr", published, dated=True, seen_at=NOW)
    return Found(StoredArticle(number, article), story, {int(key[1:]): a_match(tier) for key, tier in at.items()})


# --- Who is tried ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["aldebert QUINCAMPOIX", "aq", "La Mouette", "Le témoin", " Aldebert  Quincampoix "]
)
def test_an_entry_goes_by_its_name_id_label_and_aliases(written: str) -> None:
    entity = Entity("Aldebert Quincampoix", aliases=("La Mouette",))
    name = WatchedName(list_scope("quais"), "aq", entity, label="Le témoin")
    [entry] = listed_entries(written, [a_list(Entity("Ysolde Kerbrazec"), name)])
    assert entry.name is name


def test_every_list_that_has_the_name_is_tried() -> None:
    lists = [a_list(Entity("Aldebert Quincampoix", threshold=each), list_id=f"l{each}") for each in (78, 92)]
    assert [entry.threshold for entry in listed_entries("Aldebert Quincampoix", lists)] == [78, 92]


@pytest.mark.parametrize("written", ["Quincampoix", "", "…"])
def test_part_of_a_name_or_nothing_is_no_entry(written: str) -> None:
    labelled = WatchedName(list_scope("quais"), "…", Entity("Ysolde Kerbrazec"), label="…")
    assert listed_entries(written, [a_list(Entity("Aldebert Quincampoix"), labelled)]) == []


@pytest.mark.parametrize(("own", "tried"), [(85, (80, 85, 90)), (98, (93, 98, 100)), (100, (95, 100)), (0, (0, 5))])
def test_the_thresholds_stay_between_0_and_100(own: int, tried: tuple[int, ...]) -> None:
    assert new_entry(Entity("Aldebert Quincampoix", threshold=own)).thresholds == tried


def test_a_list_with_tags_looks_at_feeds_with_one_of_them_and_a_new_name_at_all() -> None:
    entity = Entity("Aldebert Quincampoix")
    [tagged] = listed_entries(entity.name, [replace(a_list(entity), tags=frozenset({"ports", "mer"}))])
    assert tagged.looks_at(frozenset({"france", "mer"}))
    assert not tagged.looks_at(frozenset({"france"}))
    assert new_entry(entity).looks_at(frozenset())


# --- The trial -------------------------------------------------------------------------------------------------------


def test_a_lower_threshold_makes_certain_what_waits_now_and_a_higher_one_loses_it() -> None:
    [typo] = matcher_of([WatchedName(Scope("x"), "x", Entity("Aldebert Quincampoix"))]).find("", TYPO, "fr")
    entry = new_entry(Entity("Aldebert Quincampoix", threshold=typo.score + 1))
    at = Trial([entry]).find("", TYPO, "fr")[0]
    assert [at[threshold].tier for threshold in entry.thresholds] == [CERTAIN, POSSIBLE, POSSIBLE]


def test_a_mention_that_a_longer_name_of_its_list_takes_is_not_its_own() -> None:
    short, long = Entity("Corentin Malguen"), Entity("Corentin Malguen Kerbrazec")
    text = "Corentin Malguen Kerbrazec a plaidé."
    assert Trial([new_entry(short)]).find("", text, "fr")
    assert not Trial(listed_entries(short.name, [a_list(short, long)])).find("", text, "fr")
    other_list = [a_list(short), a_list(long, list_id="other")]
    assert Trial(listed_entries(short.name, other_list)).find("", text, "fr")


def test_entries_are_told_apart_and_their_lists_other_names_are_not_told() -> None:
    lists = [a_list(Entity("Aldebert Quincampoix"), Entity("Ysolde Kerbrazec")), a_list(Entity("Aldebert Quincampoix"))]
    trial = Trial(listed_entries("Aldebert Quincampoix", lists))
    assert trial.find("Ysolde Kerbrazec", "", None) == {}
    both = trial.find("Aldebert Quincampoix et Ysolde Kerbrazec", "", None)
    assert [(number, sorted(at)) for number, at in both.items()] == [(0, [80, 85, 90]), (1, [80, 85, 90])]
    assert {match.text for at in both.values() for match in at.values()} == {"Aldebert Quincampoix"}


# --- Stories and counts ----------------------------------------------------------------------------------------------

SALE = "Vente annulée des entrepôts du quai nord de Port-Salins"


def test_articles_without_a_story_are_grouped_with_one_another_and_with_stored_stories() -> None:
    told = with_stories(
        [
            found(1, hours_ago=9, title="La régate de Sainte-Ombre reportée après la tempête", t85=CERTAIN),
            found(2, hours_ago=5, story=7, title=SALE, t85=CERTAIN),
            found(3, hours_ago=2, title=f"{SALE} par le tribunal", t85=CERTAIN),
            found(4, hours_ago=1, title="La régate reportée de Sainte-Ombre : la tempête", t85=CERTAIN),
        ],
        WINDOW,
    )
    assert [(each.article.id, each.story) for each in told] == [(4, -1), (3, 7), (2, 7), (1, -1)]


def test_a_story_that_was_silent_for_the_window_is_over() -> None:
    twice = [found(1, hours_ago=80, title=SALE, t85=CERTAIN), found(2, hours_ago=1, title=SALE, t85=CERTAIN)]
    assert [each.story for each in with_stories(twice, WINDOW)] == [-2, -1]
    assert [each.story for each in with_stories(twice, timedelta(hours=90))] == [-1, -1]


def test_a_story_rings_once_and_waits_only_if_nothing_in_it_rings() -> None:
    articles = [
        found(1, hours_ago=1, story=1, t85=CERTAIN),
        found(2, hours_ago=2, story=1, t85=POSSIBLE),
        found(3, hours_ago=3, story=1, t85=CERTAIN),
        found(4, hours_ago=4, story=2, t85=POSSIBLE),
        found(5, hours_ago=5, story=3, t80=CERTAIN),
    ]
    counted = level(articles, 85, read_since=NOW - timedelta(days=7), now=NOW)
    assert (counted.certain_stories, counted.certain_articles) == (1, 2)
    assert (counted.possible_stories, counted.possible_articles) == (1, 2)
    assert counted.a_week == 1.0


def test_the_rate_leaves_out_what_was_published_before_the_feeds_were_read() -> None:
    articles = [found(each, hours_ago=hours, story=each, t85=CERTAIN) for each, hours in enumerate((1, 20, 40, 300))]
    counted = level(articles, 85, read_since=NOW - timedelta(days=2), now=NOW)
    assert counted.certain_stories == 4
    assert counted.a_week == pytest.approx(3 * 7 / 2)


def test_less_than_a_day_says_nothing_about_a_week() -> None:
    articles = [found(1, hours_ago=1, story=1, t85=CERTAIN)]
    assert level(articles, 85, read_since=NOW - timedelta(hours=23), now=NOW).a_week is None
    assert level(articles, 85, read_since=NOW - timedelta(hours=24), now=NOW).a_week == 7.0


def test_what_changes_is_what_is_told_otherwise_and_what_rings_comes_first() -> None:
    same = found(1, hours_ago=1, t80=CERTAIN, t85=CERTAIN)
    waits = found(2, hours_ago=2, t80=POSSIBLE)
    rings = found(3, hours_ago=3, t80=CERTAIN, t85=POSSIBLE)
    assert changed([same, waits, rings], 85, 80) == [rings, waits]
    assert changed([same, waits, rings], 80, 85) == [rings, waits]


def test_the_result_holds_every_threshold_and_knows_since_when_the_feeds_are_read() -> None:
    entry = new_entry(Entity("Aldebert Quincampoix"))
    stock = Stock(read_since=NOW - timedelta(days=14))
    articles = [found(1, hours_ago=30, t80=CERTAIN, t85=CERTAIN), found(2, hours_ago=1, t80=POSSIBLE)]
    result = result_of(entry, articles, outside=3, stock=stock, window=WINDOW, now=NOW)
    assert [each.threshold for each in result.levels] == [80, 85, 90]
    assert [each.certain_stories for each in result.levels] == [1, 1, 0]
    assert [each.possible_stories for each in result.levels] == [1, 0, 0]
    assert [each.a_week for each in result.levels] == [0.5, 0.5, 0.0]
    assert ([each.article.id for each in result.found], result.outside) == ([2, 1], 3)


def test_a_match_is_shown_at_its_own_threshold_else_at_the_lowest() -> None:
    each = found(1, hours_ago=1, t80=POSSIBLE, t83=CERTAIN)
    assert each.match(83) is each.at[83]
    assert each.match(85) is each.at[80]
    assert each.tier(85) is None


def test_an_entry_keeps_its_lists_other_names_as_they_are() -> None:
    [entry] = listed_entries(
        "A Quincampoix", [a_list(Entity("A Quincampoix"), Entity("Ysolde Kerbrazec", threshold=92))]
    )
    assert isinstance(entry, Entry)
    moved = list(entry.at(80, Scope("x")))
    assert [(name.scope, name.entity.threshold) for name in moved] == [("x", 80), ("x", 92)]
