"""Who is owed what: once a story and target, certain rings, possible waits, nothing is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.decide import OUTLETS, Hit, Owed, decide, identities_of
from bot.model import (
    DeliveryState,
    Entity,
    Match,
    MatchField,
    Priority,
    Scope,
    Subscription,
    Target,
    Tier,
    WatchedName,
    chat_scope,
    list_scope,
)

QUAIS, PORTS = list_scope("quais"), list_scope("ports")
ANNA, BORIS = Target(1), Target(-100, 7)
TODAY = date(2026, 2, 3)


def name(shown: str = "Aurélie Vantadour", scope: Scope = QUAIS, **more: Any) -> WatchedName:
    return WatchedName(scope, more.pop("id", shown), Entity(shown, aliases=more.pop("aliases", ())), **more)


def hit(watched: WatchedName, tier: Tier = Tier.CERTAIN, start: int = 0) -> Hit:
    text = watched.entity.name
    match = Match(watched.scope, watched.id, text, text, MatchField.TEXT, start, start + len(text), 100, tier)
    return Hit(watched, match)


def follows(target: Target, *scopes: Scope) -> list[Subscription]:
    return [Subscription(target, scope) for scope in scopes]


def owed(
    hits: Sequence[Hit],
    subscriptions: Sequence[Subscription],
    told: Mapping[Target, Mapping[str, Tier]] | None = None,
    tags: frozenset[str] = frozenset(),
    list_tags: Mapping[Scope, frozenset[str]] | None = None,
) -> list[Owed]:
    return decide(hits, subscriptions, told or {}, article_tags=tags, list_tags=list_tags or {}, today=TODAY)


def shown(each: Owed) -> list[str]:
    return [hit.name.shown for hit in each.hits]


def test_a_follower_is_owed_the_name_and_others_nothing() -> None:
    [one] = owed([hit(name())], follows(ANNA, QUAIS) + follows(BORIS, PORTS))
    assert (one.target, one.state, shown(one)) == (ANNA, DeliveryState.PENDING, ["Aurélie Vantadour"])


def test_what_was_told_in_the_story_is_not_owed_again() -> None:
    [first] = owed([hit(name())], follows(ANNA, QUAIS))
    assert owed([hit(name())], follows(ANNA, QUAIS), {ANNA: first.told}) == []


def test_a_name_that_is_new_in_the_story_is_owed_alone() -> None:
    [first] = owed([hit(name())], follows(ANNA, QUAIS))
    [second] = owed([hit(name()), hit(name("Tomás Berenguel"))], follows(ANNA, QUAIS), {ANNA: first.told})
    assert shown(second) == ["Tomás Berenguel"]


def test_one_person_in_two_lists_and_a_chat_is_one_delivery_and_one_name() -> None:
    hits = [hit(name()), hit(name(scope=PORTS, id="av", explicit_id=True)), hit(name(scope=chat_scope(ANNA)))]
    [one] = owed(hits, follows(ANNA, QUAIS, PORTS, chat_scope(ANNA)))
    assert shown(one) == ["Aurélie Vantadour"]


def test_renaming_an_entry_with_an_id_keeps_its_history() -> None:
    before = name(id="av", explicit_id=True)
    [first] = owed([hit(before)], follows(ANNA, QUAIS))
    married = name("Aurélie Vantadour-Lasserre", id="av", explicit_id=True)
    assert owed([hit(married)], follows(ANNA, QUAIS), {ANNA: first.told}) == []


def test_an_edit_of_the_rules_repeats_nothing() -> None:
    [first] = owed([hit(name())], follows(ANNA, QUAIS))
    assert owed([hit(name(aliases=("La Comète",)))], follows(ANNA, QUAIS), {ANNA: first.told}) == []


def test_a_possible_match_waits_with_its_reason_and_rings_once_it_is_certain() -> None:
    [waits] = owed([hit(name(), Tier.POSSIBLE)], follows(ANNA, QUAIS))
    assert (waits.state, waits.why) == (DeliveryState.HELD, "possible")
    told = {ANNA: waits.told}
    assert owed([hit(name(), Tier.POSSIBLE)], follows(ANNA, QUAIS), told) == []
    [rings] = owed([hit(name())], follows(ANNA, QUAIS), told)
    assert rings.state is DeliveryState.PENDING


def test_a_digest_name_waits_but_is_shown_beside_one_that_rings() -> None:
    quiet = name("Consortium Halcyon", priority=Priority.DIGEST)
    [waits] = owed([hit(quiet)], follows(ANNA, QUAIS))
    assert (waits.state, waits.why) == (DeliveryState.HELD, "digest")
    [rings] = owed([hit(quiet), hit(name())], follows(ANNA, QUAIS))
    assert (rings.state, rings.why) == (DeliveryState.PENDING, None)


def test_the_urgent_name_leads_then_the_earliest() -> None:
    late_but_urgent = hit(name("Karim Lazregui", priority=Priority.URGENT), start=900)
    hits = [hit(name("B"), start=50), hit(name("A"), start=90), late_but_urgent]
    [one] = owed(hits, follows(ANNA, QUAIS))
    assert shown(one) == ["Karim Lazregui", "B", "A"]


def test_a_list_looks_only_at_feeds_with_its_tags() -> None:
    tags = {QUAIS: frozenset({"maroc"})}
    assert owed([hit(name())], follows(ANNA, QUAIS), tags=frozenset({"france"}), list_tags=tags) == []
    assert owed([hit(name())], follows(ANNA, QUAIS), tags=frozenset({"france", "maroc"}), list_tags=tags)


def test_a_name_is_watched_through_its_last_day() -> None:
    assert owed([hit(name(until=TODAY))], follows(ANNA, QUAIS))
    assert owed([hit(name(until=date(2026, 2, 2)))], follows(ANNA, QUAIS)) == []


# --- The number of outlets ---------------------------------------------------------------------------------------------

HEARD = dict.fromkeys(identities_of(name()), Tier.CERTAIN)
ASKED = [Subscription(ANNA, QUAIS, ring_at_outlets=3)]


def rung(
    number: int,
    *hits: Hit,
    told: Mapping[str, Tier] = HEARD,
    list_tags: Mapping[Scope, frozenset[str]] | None = None,
    on_their_way: Sequence[Target] = (),
) -> list[Owed]:
    """What Anna is owed who heard of the story, when so many outlets tell it, every second of them a port's."""
    outlets = {f"feed{each}": frozenset({"port"} if each % 2 else {"ville"}) for each in range(number)}
    return decide(
        hits or [hit(name())],
        ASKED,
        {ANNA: told},
        article_tags=frozenset({"port"}),
        list_tags=list_tags or {},
        today=TODAY,
        outlets=outlets,
        on_their_way=on_their_way,
    )


def test_the_number_of_outlets_rings_once() -> None:
    assert rung(2) == []
    [one] = rung(3)
    assert (one.state, one.outlets_reached, shown(one)) == (DeliveryState.PENDING, True, ["Aurélie Vantadour"])
    assert one.told == {OUTLETS: Tier.CERTAIN}
    assert rung(4, told=HEARD | one.told) == []


def test_outlets_outside_the_lists_feeds_do_not_count() -> None:
    tags = {QUAIS: frozenset({"port"})}
    assert rung(5, list_tags=tags) == []
    assert rung(6, list_tags=tags)


def test_an_alert_on_its_way_shows_the_outlets_itself() -> None:
    [one] = rung(3, on_their_way=[ANNA])
    assert (one.state, one.why) == (DeliveryState.SUPPRESSED, "shown-already")
    assert OUTLETS in one.told


def test_a_new_name_that_rings_counts_for_the_outlets_as_well() -> None:
    [one] = rung(3, hit(name()), hit(name("Tomás Berenguel")))
    assert shown(one) == ["Tomás Berenguel"]
    assert one.told == {OUTLETS: Tier.CERTAIN, "name:tomas berenguel": Tier.CERTAIN}


def test_what_never_rings_does_not_for_its_outlets() -> None:
    assert rung(9, hit(name(), Tier.POSSIBLE)) == []
    assert rung(9, hit(name(priority=Priority.DIGEST))) == []
    [waits] = rung(9, hit(name("Tomás Berenguel"), Tier.POSSIBLE))
    assert (waits.state, waits.outlets_reached) == (DeliveryState.HELD, False)


def test_the_name_and_the_id_are_remembered() -> None:
    assert identities_of(name("ÉLODIE Vantadour")) == identities_of(name("Elodie vantadour"))
    assert len(identities_of(name(id="av", explicit_id=True))) == 2


NAMES = ["Aurélie Vantadour", "Tomás Berenguel", "Karim Lazregui"]
hits_drawn = st.lists(
    st.builds(
        lambda shown, scope, tier, start: hit(name(shown, scope), tier, start),
        st.sampled_from(NAMES),
        st.sampled_from([QUAIS, PORTS]),
        st.sampled_from(list(Tier)),
        st.integers(0, 500),
    ),
    max_size=6,
    unique_by=lambda each: (each.name.scope, each.name.id),
)
FOLLOWERS = follows(ANNA, QUAIS, PORTS) + follows(BORIS, PORTS)


@given(hits_drawn, st.randoms())
def test_the_order_of_matches_and_subscriptions_decides_nothing(hits: list[Hit], chance: Any) -> None:
    shuffled, followers = list(hits), list(FOLLOWERS)
    chance.shuffle(shuffled)
    chance.shuffle(followers)
    assert owed(shuffled, followers) == owed(hits, FOLLOWERS)


@given(hits_drawn)
def test_nothing_is_owed_twice_and_nothing_found_is_dropped(hits: list[Hit]) -> None:
    first = owed(hits, FOLLOWERS)
    assert owed(hits, FOLLOWERS, {each.target: each.told for each in first}) == []
    for target, scopes in ((ANNA, {QUAIS, PORTS}), (BORIS, {PORTS})):
        expected = {each.name.shown for each in hits if each.name.scope in scopes}
        got = {each.shown for one in first if one.target == target for each in (found.name for found in one.hits)}
        assert got == expected


def test_certain_outdoes_possible_for_one_person() -> None:
    hits = [hit(name(), Tier.POSSIBLE), replace(hit(name(scope=PORTS)))]
    [one] = owed(hits, follows(ANNA, QUAIS, PORTS))
    assert (one.state, one.tier) == (DeliveryState.PENDING, Tier.CERTAIN)
