"""Who is owed what: once a story and target, certain rings, possible waits, nothing is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.decide import OUTLETS, News, Owed, decide
from bot.alerts.hit import Hit, identities_of
from bot.alerts.wishes import Wishes
from bot.model import (
    Article,
    DeliveryState,
    Entity,
    Lesson,
    LessonKind,
    Match,
    MatchField,
    Mute,
    Muted,
    Preferences,
    Priority,
    Quiet,
    Rings,
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
NOW = datetime(2026, 2, 3, 22, 30, tzinfo=UTC)
STORY = 8
TEXT = "Selon le port, Aurélie Vantadour a quitté le terminal."
ARTICLE = Article("a", None, None, None, "Titre", TEXT, "fr", NOW, True, NOW)


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
    wishes: Mapping[Target, Wishes] | None = None,
) -> list[Owed]:
    return decide(
        hits,
        subscriptions,
        told or {},
        news=news(tags),
        list_tags=list_tags or {},
        wishes=wishes or {},
        today=TODAY,
        now=NOW,
    )


def news(tags: frozenset[str] = frozenset(), outlets: Mapping[str, frozenset[str]] | None = None) -> News:
    return News(5, ARTICLE, STORY, tags, outlets or {})


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
        news=news(frozenset({"port"}), outlets),
        list_tags=list_tags or {},
        wishes={},
        today=TODAY,
        now=NOW,
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


# --- How the target wants to be told -----------------------------------------------------------------------------------

NIGHT = Preferences(quiet=Quiet(time(22), time(7)))
MORNING = datetime(2026, 2, 4, 7, tzinfo=UTC)


def wished(*hits: Hit, subscriptions: Sequence[Subscription] = (), **wishes: Any) -> Owed:
    [one] = owed(hits or [hit(name())], subscriptions or follows(ANNA, QUAIS), wishes={ANNA: Wishes(**wishes)})
    return one


def test_quiet_hours_keep_what_is_not_urgent_until_they_end() -> None:
    kept = wished(preferences=NIGHT)
    assert (kept.state, kept.due_at, kept.silent) == (DeliveryState.PENDING, MORNING, False)
    urgent = wished(hit(name(priority=Priority.URGENT)), preferences=NIGHT)
    assert (urgent.state, urgent.due_at, urgent.silent) == (DeliveryState.PENDING, None, False)


def test_silent_quiet_hours_send_without_a_sound() -> None:
    one = wished(preferences=Preferences(quiet=Quiet(time(22), time(7), held=False)))
    assert (one.due_at, one.silent) == (None, True)


def test_who_wants_digests_is_rung_for_what_is_urgent_only() -> None:
    in_digests = Preferences(rings=Rings.DIGEST)
    waits = wished(preferences=in_digests)
    assert (waits.state, waits.why) == (DeliveryState.HELD, "digest")
    assert wished(hit(name(priority=Priority.URGENT)), preferences=in_digests).state is DeliveryState.PENDING


def test_an_urgency_of_ones_own_outdoes_the_lists() -> None:
    mine = [Subscription(ANNA, QUAIS, priorities={"Aurélie Vantadour": Priority.URGENT})]
    assert wished(subscriptions=mine, preferences=NIGHT).due_at is None
    later = [Subscription(ANNA, QUAIS, priorities={"Aurélie Vantadour": Priority.DIGEST})]
    assert wished(subscriptions=later).why == "digest"


def test_a_strict_demand_keeps_what_is_not_quite_sure_to_check() -> None:
    sure, nearly = hit(name()), hit(name("Tomás Berenguel"))
    nearly = replace(nearly, match=replace(nearly.match, score=88))
    strict = Preferences(demand="strict")
    assert wished(nearly, preferences=strict).why == "possible"
    assert wished(nearly).why is None
    assert wished(sure, preferences=strict).why is None


def mute(what: Muted, **more: Any) -> Mute:
    return Mute(3, ANNA, what, "x", NOW, **more)


def test_what_is_muted_is_held_and_known_as_told() -> None:
    by_name = mute(Muted.NAME, identity=identities_of(name())[0])
    for each in (by_name, mute(Muted.ALL), mute(Muted.STORY, story_id=STORY)):
        held = wished(mutes=(each,))
        assert (held.state, held.why, held.mute_id) == (DeliveryState.HELD, "muted", 3)
        assert "name:aurelie vantadour" in held.told
    assert wished(mutes=(mute(Muted.STORY, story_id=STORY + 1),)).why is None


def test_a_name_that_is_not_muted_rings_and_leads() -> None:
    by_name = mute(Muted.NAME, identity=identities_of(name())[0])
    both = wished(hit(name(), start=0), hit(name("Tomás Berenguel"), start=90), mutes=(by_name,))
    assert (both.state, shown(both)) == (DeliveryState.PENDING, ["Tomás Berenguel", "Aurélie Vantadour"])
    possible = wished(hit(name()), hit(name("Tomás Berenguel"), Tier.POSSIBLE), mutes=(by_name,))
    assert (possible.state, possible.why) == (DeliveryState.HELD, "muted")


def lesson(kind: LessonKind, value: str = "", article_id: int | None = None) -> Lesson:
    return Lesson(11, QUAIS, "Aurélie Vantadour", kind, value, article_id)


def found(spelling: str) -> Hit:
    """A mention in the article's text."""
    start = TEXT.index(spelling)
    match = replace(hit(name()).match, text=spelling, start=start, end=start + len(spelling))
    return replace(hit(name()), match=match)


def test_what_a_verdict_refuses_does_not_ring_and_is_not_told() -> None:
    for taught in (
        lesson(LessonKind.ARTICLE, article_id=5),
        lesson(LessonKind.GIVEN, "Aurelie"),
        lesson(LessonKind.WORD, "terminal"),
    ):
        refused = wished(found("Vantadour"), lessons=(taught,))
        assert (refused.state, refused.why, refused.told) == (DeliveryState.SUPPRESSED, "other-person", {})
    for other in (
        lesson(LessonKind.ARTICLE, article_id=6),
        lesson(LessonKind.GIVEN, "Sophie"),
        lesson(LessonKind.WORD, "term"),
        replace(lesson(LessonKind.WORD, "terminal"), name_id="Tomás Berenguel"),
    ):
        assert wished(found("Vantadour"), lessons=(other,)).state is DeliveryState.PENDING


def test_a_given_name_counts_inside_the_mention_too() -> None:
    assert wished(found("Aurélie Vantadour"), lessons=(lesson(LessonKind.GIVEN, "aurélie"),)).why == "other-person"


def test_a_confirmed_spelling_rings() -> None:
    bare = found("Vantadour")
    bare = replace(bare, match=replace(bare.match, tier=Tier.POSSIBLE, score=71))
    assert wished(bare).state is DeliveryState.HELD
    assert wished(bare, lessons=(lesson(LessonKind.SPELLING, "VANTADOUR"),)).state is DeliveryState.PENDING


def test_wishes_of_one_target_change_nothing_for_another() -> None:
    both = follows(ANNA, QUAIS) + follows(BORIS, QUAIS)
    plain = {each.target: each for each in owed([hit(name())], both)}
    muted = owed([hit(name())], both, wishes={ANNA: Wishes(mutes=(mute(Muted.ALL),))})
    assert [each for each in muted if each.target == BORIS] == [plain[BORIS]]


# --- Access ---------------------------------------------------------------------------------------------------------


def closed(target: Target, *scopes: Scope) -> list[Subscription]:
    return [Subscription(target, scope, served=False) for scope in scopes]


def test_who_has_no_access_any_more_is_told_nothing_and_it_is_kept_why() -> None:
    [one] = owed([hit(name())], closed(ANNA, QUAIS))
    assert (one.state, one.why, shown(one), one.told) == (
        DeliveryState.SUPPRESSED,
        "no-access",
        ["Aurélie Vantadour"],
        {},
    )


def test_access_that_is_back_rings_again() -> None:
    [kept] = owed([hit(name())], closed(ANNA, QUAIS))
    [rings] = owed([hit(name())], follows(ANNA, QUAIS), {ANNA: kept.told})
    assert rings.state is DeliveryState.PENDING


def test_of_two_lists_the_one_that_may_be_seen_tells_its_names_alone() -> None:
    hits = [hit(name()), hit(name("Tomás Berenguel", PORTS))]
    [one] = owed(hits, follows(ANNA, QUAIS) + closed(ANNA, PORTS))
    assert (one.state, shown(one)) == (DeliveryState.PENDING, ["Aurélie Vantadour"])


def test_what_another_list_told_is_not_kept_as_refused() -> None:
    hits = [hit(name()), hit(name(scope=PORTS))]
    [first] = owed(hits, follows(ANNA, QUAIS) + closed(ANNA, PORTS))
    assert owed(hits, follows(ANNA, QUAIS) + closed(ANNA, PORTS), {ANNA: first.told}) == []


def test_it_is_kept_once_a_story() -> None:
    decided = decide(
        [hit(name())],
        closed(ANNA, QUAIS) + closed(BORIS, QUAIS),
        {},
        news=news(),
        list_tags={},
        wishes={},
        today=TODAY,
        now=NOW,
        refused_already={ANNA},
    )
    assert [each.target for each in decided] == [BORIS]
