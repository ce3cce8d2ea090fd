from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.changes import Change, Changed, KnownArticle, New, Seen, article_digest, decide_changes
from bot.feeds.identity import Identity, identities
from bot.model import Article
from tests.articles.samples import NOW, TEXT, article

OTHER_TEXT = "La préfecture annonce la fermeture du pont pour six mois de travaux, dès la semaine prochaine."
Known = dict[Identity, KnownArticle]


def known_as(stored: Article, article_id: int | None = 7, *, listed_by: str | None = None) -> Known:
    """What storage says about an article that it holds."""
    memory = KnownArticle(
        article_id=article_id,
        feed_id=listed_by or stored.feed_id,
        title=stored.title if article_id else "",
        digest=article_digest(stored) if article_id else "",
        canonical_url=stored.canonical_url if article_id else None,
        owner_id=stored.feed_id,
    )
    return dict.fromkeys(identities(stored), memory)


def decide(articles: Sequence[Article], known: Known | None = None, *, first_poll: bool = False) -> list[Change]:
    return decide_changes(articles, known or {}, first_poll=first_poll, now=NOW, max_age=timedelta(hours=48))


# --- New ---------------------------------------------------------------------------------------------------------


def test_what_nobody_knows_is_new() -> None:
    assert decide([article()]) == [New(article(), True, tuple(sorted(identities(article()))))]


@pytest.mark.parametrize(
    ("hours", "first_poll", "alerts"), [(1, False, True), (47, False, True), (49, False, False), (1, True, False)]
)
def test_baselines_and_old_articles_alert_nobody(hours: int, first_poll: bool, alerts: bool) -> None:
    (change,) = decide([article(published_at=NOW - timedelta(hours=hours))], first_poll=first_poll)
    assert isinstance(change, New)
    assert change.alerts is alerts


def test_undated_entries_count_as_now_after_the_first_poll() -> None:
    undated = article(dated=False)
    assert [change.alerts for change in decide([undated]) if isinstance(change, New)] == [True]
    assert [change.alerts for change in decide([undated], first_poll=True) if isinstance(change, New)] == [False]


# --- The same again ----------------------------------------------------------------------------------------------


SAME = {
    "unchanged": article(),
    "another guid": article(guid="phare-1001#1"),
    "another url": article(url="https://phare.example/2025/03/affaire-du-port.html"),
    "trackers": article(guid="x", url="http://www.phare.example/justice/affaire-du-port.html?utm_source=rss"),
    "only the words": article(guid="x", url="https://phare.example/autre.html"),
    "another date": article(published_at=NOW - timedelta(hours=5)),
}


@pytest.mark.parametrize("again", SAME.values(), ids=SAME.keys())
def test_the_same_article_is_seen(again: Article) -> None:
    assert decide([again], known_as(article())) == [Seen(7, tuple(sorted(identities(again))))]


def test_a_forgotten_article_is_still_seen() -> None:
    (change,) = decide([article()], known_as(article(), None))
    assert isinstance(change, Seen)
    assert change.article_id is None


# --- Changed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edited",
    [
        article(text=TEXT + " Mohamed Amra est cité."),
        article(title="Un tout autre titre pour la même page"),
        article(guid="x", title="Un tout autre titre pour la même page"),
    ],
)
def test_an_edit_is_a_change(edited: Article) -> None:
    (change,) = decide([edited], known_as(article()))
    assert change == Changed(7, edited, "edited", tuple(sorted(identities(edited))))


def test_blanks_are_no_edit() -> None:
    assert isinstance(decide([article(text=TEXT.replace(" ", "  "))], known_as(article()))[0], Seen)


def test_the_edit_of_an_old_article_is_no_news() -> None:
    old = article(text="Autre chose.", published_at=NOW - timedelta(days=30))
    assert isinstance(decide([old], known_as(article()))[0], Seen)


def test_another_feed_lists_it_once() -> None:
    stored, there = article(), article(feed_id="balise", guid="b-1", text="Résumé de la Balise.")
    (change,) = decide([there], known_as(stored))
    assert isinstance(change, Changed)
    assert (change.article_id, change.why) == (7, "listed-elsewhere")
    # From then on it is known there too, and that other words stand there is no edit.
    assert isinstance(decide([there], known_as(stored, listed_by="balise"))[0], Seen)


def test_a_new_feed_tells_nothing_of_what_others_listed() -> None:
    (change,) = decide([article(feed_id="balise", guid="b-1")], known_as(article()), first_poll=True)
    assert isinstance(change, Seen)


# --- Bad guids, shared pages -------------------------------------------------------------------------------------


def bridge(**changes: str) -> Article:
    values = {"url": "https://phare.example/pont.html", "title": "Le pont ferme six mois", "text": OTHER_TEXT}
    return article(**(values | changes))


def test_one_guid_for_all_items_loses_none() -> None:
    changes = decide([article(guid="same"), bridge(guid="same")])
    assert {change.article.title for change in changes if isinstance(change, New)} == {
        "L’affaire du port revient devant le juge",
        "Le pont ferme six mois",
    }
    (change,) = decide([bridge(guid="same")], known_as(article(guid="same")))
    assert isinstance(change, New)


def test_a_guid_whose_article_moved_and_was_retouched_is_the_same() -> None:
    moved = article(url="https://phare.example/ailleurs.html", title="L’affaire du port devant le juge ce lundi")
    assert isinstance(decide([moved], known_as(article()))[0], Changed)


def test_a_live_page_keeps_its_posts_apart() -> None:
    page = "https://phare.example/direct.html"
    posts = [
        article(guid="1", url=page, title="La séance est ouverte", text=""),
        article(guid="2", url=page, title="Un témoin se retire", text=""),
        article(guid=None, url=page, title="Suspension jusqu’à midi", text=""),
    ]
    changes = decide(posts)
    assert len(changes) == 3
    known = {key: value for post, number in zip(posts, (1, 2, 3), strict=True) for key, value in known_as(post, number).items()}  # fmt: skip
    assert {change.article_id for change in decide(posts, known) if isinstance(change, Seen)} == {1, 2, 3}


def test_an_item_listed_twice_counts_once() -> None:
    (change,) = decide([article(), article(guid="other"), article(guid="third", url="https://phare.example/x")])
    assert isinstance(change, New)
    assert len([identity for identity in change.identities if identity.kind == "guid"]) == 3


def test_two_items_that_are_one_stored_article_change_it_once() -> None:
    known = known_as(article()) | known_as(bridge(guid="b"), 7)
    assert len(decide([article(), bridge(guid="b")], known)) == 1


# --- Order -------------------------------------------------------------------------------------------------------

TITLES = ["Le pont ferme", "Le pont ferme six mois", "Grève au port", "Un juge entendu", ""]
listed = st.lists(
    st.builds(
        article,
        guid=st.sampled_from([None, "a", "b", "c"]),
        url=st.sampled_from([None, "https://x.example/1", "https://x.example/2", "https://x.example/"]),
        title=st.sampled_from(TITLES),
        text=st.sampled_from(["", TEXT, OTHER_TEXT]),
        published_at=st.sampled_from([NOW, NOW - timedelta(hours=60)]),
    ),
    max_size=6,
)


@given(listed, listed, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(
    articles: list[Article], stored: list[Article], first_poll: bool, random: object
) -> None:
    known: Known = {}
    for number, each in enumerate(stored):
        known |= known_as(each, number)
    shuffled = list(articles)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis's Random
    assert set(decide(articles, known, first_poll=first_poll)) == set(decide(shuffled, known, first_poll=first_poll))


@given(listed)
def test_every_identity_is_remembered_for_exactly_one_article(articles: list[Article]) -> None:
    changes = decide(articles)
    assert all(change.identities for change in changes)
    # What was stored under its identities, as storage keeps them (the first wins), is not new the next time.
    known: Known = {}
    for number, change in enumerate(changes):
        assert isinstance(change, New)
        memory = known_as(change.article, number)[identities(change.article)[0]]
        for identity in change.identities:
            known.setdefault(identity, memory)
    assert not [change for change in decide(articles, known) if isinstance(change, New)]
