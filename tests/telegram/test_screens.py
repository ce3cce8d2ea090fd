from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bidi import FSI, PDI
from bot.matching.advice import Advice, Caution, Example
from bot.matching.reasons import explain
from bot.matching.variants import Way
from bot.model import (
    Article,
    DeliveryState,
    Entity,
    Match,
    MatchField,
    Reason,
    StoredArticle,
    Target,
    Tier,
    WatchedName,
    Watchlist,
    list_scope,
)
from bot.storage.why import Earlier, Explanation, Found, Joined, Shown, Told
from bot.telegram.render import Rendered
from bot.telegram.screens import Listed, followed_here, list_page, lists_page, render_why, watching, which_name
from bot.texts import LANGUAGES
from tests import telegram_html

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
JUSTICE = list_scope("justice")
NAME = WatchedName(JUSTICE, "bajjou", Entity("Badiss Mohammed Bajjou"), note="dossier 12")
MATCH = Match(
    JUSTICE, "bajjou", "Badiss Mohammed Bajjou", "Badis Bajou", MatchField.TEXT, 10, 21, 92, Tier.CERTAIN,
    (Reason("typo", {"text": "Bajou", "name": "Bajjou"}),),
)  # fmt: skip
ARTICLE = Article(
    "media-a", None, "https://exemple.fr/a", "https://exemple.fr/a", "Darmanin de retour à Rabat", "…", "fr",
    NOW - timedelta(minutes=18), True, NOW,
)  # fmt: skip
TOLD = Told(Target(7), DeliveryState.SENT, None, NOW)
EXPLANATION = Explanation(StoredArticle(1, ARTICLE), "Média A", "done", 1, (Found(NAME, MATCH),), (TOLD,))


def why(explanation: Explanation) -> Rendered:
    titles = {JUSTICE: "Justice France–Maroc"}
    return render_why(explanation, titles, explain=explain, language="fr", timezone=ZoneInfo("Europe/Paris"), now=NOW)


def test_why_says_what_was_read_where_and_how_it_was_taken() -> None:
    assert telegram_html.parse(why(EXPLANATION).html).text == (
        "Pourquoi cet article ?\n"
        "Darmanin de retour à Rabat\n"
        "Média A · 9 h 42\n"
        "\n"
        "Badiss Mohammed Bajjou · certain, 92/100 · liste « Justice France–Maroc »\n"
        "• lu dans le texte : « Badis Bajou »\n"
        "• Bajou ≈ Bajjou : faute de frappe\n"
        "Note : dossier 12\n"
        "\n"
        "Alerte envoyée ici : 10 h 00."
    )


@pytest.mark.parametrize(
    ("state", "told", "expected"),
    [
        ("done", DeliveryState.HELD, "Gardé à vérifier"),
        ("done", DeliveryState.PENDING, "en route"),
        ("done", DeliveryState.FAILED, "n’a pas pu être envoyée"),
        ("done", DeliveryState.SUPPRESSED, "retenue"),
        ("done", None, "n’a pas donné d’alerte"),
        ("baseline", None, "déjà en ligne"),
        ("new", None, "en cours d’examen"),
    ],
)
def test_why_says_what_became_of_it(state: str, told: DeliveryState | None, expected: str) -> None:
    deliveries = (replace(TOLD, state=told, sent_at=None),) if told else ()
    assert expected in why(replace(EXPLANATION, state=state, deliveries=deliveries)).html


JOINED = Joined(NOW, Reason("same-words", {"percent": "79%", "title": "Un <autre> titre"}), follows="L’arrestation")
EARLIER = Earlier(Target(7), "Rabat attend Darmanin", "Média B", NOW, Shown.EDITED, NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown.AT_ONCE, "L’alerte le citait déjà"),
        (Shown.EDITED, "Ajouté à ce message, sans sonner : 10 h 02"),
        (Shown.DUE, "Sera ajouté à ce message, sans sonner : 10 h 02"),
        (Shown.NOT_EDITED, "n’a pas été modifié"),
        (Shown.OTHER_FEEDS, "ne regarde pas ce flux"),
    ],
)
def test_why_says_how_an_outlet_that_joined_is_shown(shown: Shown, expected: str) -> None:
    silent = replace(EXPLANATION, deliveries=(), earlier=(replace(EARLIER, shown=shown),), joined=JOINED)
    said = telegram_html.parse(why(silent).html).text
    assert "déjà été annoncée ici : « Rabat attend Darmanin » (Média B), 10 h 00" in said
    assert "79\xa0% des mots de « Un <autre> titre »" in said
    assert "Suite de l’affaire « L’arrestation »" in said
    assert expected in said


def test_why_says_that_the_message_was_edited_since() -> None:
    edited = replace(TOLD, edited_at=NOW + timedelta(minutes=2))
    assert "Message modifié depuis, sans sonner : 10 h 02" in why(replace(EXPLANATION, deliveries=(edited,))).html


def test_why_says_that_enough_outlets_were_shown_already() -> None:
    kept = replace(TOLD, state=DeliveryState.SUPPRESSED, why="shown-already", sent_at=None)
    assert "citait déjà autant de médias" in why(replace(EXPLANATION, deliveries=(kept,))).html


def test_why_without_a_name_of_this_chat() -> None:
    assert "Aucun des noms suivis ici" in why(replace(EXPLANATION, found=())).html


# --- The law: every screen is taken by Telegram ---------------------------------------------------------------------

words = st.one_of(st.text(max_size=80), st.sampled_from(["<b>&", "\ud800", "نص عربي", "x" * 220, "😀" * 210]))
watched = st.builds(
    lambda scope, name, note: WatchedName(scope, name, Entity(name), note=note), st.just(JUSTICE), words, words
)
lists = st.builds(
    lambda number, title, description, names: Watchlist(f"l{number}" + "x" * 46, title, tuple(names), description),
    st.integers(0, 9),
    words,
    words,
    st.lists(watched, max_size=40),
)
findings = st.builds(
    lambda name, text: Found(
        name, replace(MATCH, text=text, reasons=(Reason("typo", {"text": text, "name": text}),) * 9)
    ),
    st.one_of(st.none(), watched),
    words,
)

examples = st.builds(Example, words, st.sampled_from(Way), st.just(None))
advices = st.builds(
    lambda accepts, checks, refuses, name: Advice(
        tuple(accepts), tuple(checks), tuple(refuses), (Caution("short", {"name": name}),)
    ),
    st.lists(examples, max_size=5),
    st.lists(examples, max_size=3),
    st.lists(examples, max_size=4),
    words,
)


@given(
    st.lists(lists, max_size=25),
    st.lists(watched, max_size=40),
    st.lists(findings, max_size=15),
    advices,
    words,
    st.sampled_from(LANGUAGES),
)
def test_every_screen_is_taken_by_telegram(
    some: list[Watchlist], names: list[WatchedName], found: list[Found], advice: Advice, title: str, language: str
) -> None:
    pages = [
        lists_page(some, {JUSTICE}, 1, language),
        followed_here(
            [(each.title, silent) for each in some for silent in ("paused", "closed", None)], names, language
        ),
        which_name(names, language, title),
        why(
            replace(
                EXPLANATION,
                found=tuple(found),
                article=StoredArticle(1, replace(ARTICLE, title=title)),
                feed_title=title,
            )
        ),
        *(list_page(each, followed=True, language=language) for each in some[:2]),
        *(watching(name, advice, Listed(name, title), [], language) for name in names[:2]),
    ]
    for page in pages:
        assert telegram_html.parse(page.html).text
        assert page.html.count(FSI) == page.html.count(PDI)
        assert len(page.buttons) <= 100
        assert all(len((button.data or "x").encode()) <= 64 for row in page.buttons for button in row)
