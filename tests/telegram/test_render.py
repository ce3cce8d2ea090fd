from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import AlertView, Mention, Outlet, Priority, Tier, list_scope
from bot.telegram.render import Button, Rendered, differs, render_alert, shown_time
from bot.texts import LANGUAGES
from tests import telegram_html
from tests.telegram.views import HEADLINE, NOW, SENTENCE, alert, mention, outlet

PARIS = ZoneInfo("Europe/Paris")


def rendered(view: AlertView, language: str = "fr") -> str:
    return render_alert(view, delivery_id=7, language=language, timezone=PARIS, now=NOW).html


def shown(view: AlertView, language: str = "fr") -> str:
    return telegram_html.parse(rendered(view, language)).text


def test_an_alert_names_the_person_first_and_the_headline_second() -> None:
    assert rendered(alert()) == (
        "<b>Badiss Mohammed Bajjou</b>  ≈ « Badis Bajou »\n"
        '<a href="https://exemple.fr/a">Gérald Darmanin de retour à Rabat, lundi et mardi</a>\n'
        "Média A · 9 h 42 · Justice France–Maroc\n"
        "<blockquote>Au menu des discussions : le Franco-Marocain <b>Badis Bajou</b>, soupçonné d’avoir commandité "
        "plusieurs enlèvements.</blockquote>\n"
        "Aussi cités : Mohamed Amra, Félix Bingui, Gérald Darmanin"
    )


def test_the_same_in_english() -> None:
    assert "Also named: Mohamed Amra" in shown(alert(), "en")
    assert "Média A (French) · 09:42 · Justice" in shown(alert(), "en")


def test_the_same_in_arabic_isolates_what_is_latin_and_reads_from_the_right() -> None:
    names, headline, source, quoted, also = shown(alert(), "ar").split("\n")
    assert names == "\u200f\u2068Badiss Mohammed Bajjou\u2069  ≈ «\u200f\u2068Badis Bajou\u2069»"
    assert headline == f"\u200f\u2068{HEADLINE}\u2069"
    assert source == "\u200f\u2068Média A\u2069 (الفرنسية) · 09:42 · \u200f\u2068Justice France–Maroc\u2069"
    assert quoted.startswith("\u200f\u2068Au menu")
    assert also.startswith("وذُكر أيضًا: \u200f\u2068Mohamed Amra\u2069، \u200f\u2068Félix Bingui\u2069")


def test_the_buttons_are_four_and_the_last_asks_why() -> None:
    rows = render_alert(alert(), delivery_id=2**62, language="fr", timezone=PARIS, now=NOW).buttons
    assert [[button.label for button in row] for row in rows] == [
        ["✓ C’est la bonne personne", "✗ Autre personne"],
        ["🔕 Faire taire ▸", "Pourquoi ?"],
    ]
    assert rows[-1][-1].data == f"why:{2**62}"


def test_several_outlets_are_counted_and_listed() -> None:
    others = (
        outlet("Média B", "https://exemple.fr/b", at=datetime(2026, 2, 3, 9, 5, tzinfo=UTC)),
        outlet("هسبريس", "https://exemple.ma/d", at=datetime(2026, 2, 2, 10, 32, tzinfo=UTC), language="ar-MA"),
        outlet("Intranet", "http://nas:8080/d"),
    )
    html = rendered(alert(outlets=(outlet(), *others)))
    assert "Média A · 9 h 42 · <b>4 médias</b> · Justice France–Maroc" in html
    assert html.endswith(
        '<blockquote expandable>+ <a href="https://exemple.fr/b">Média B</a> 10 h 05\n'
        '+ <a href="https://exemple.ma/d">\u2068هسبريس\u2069</a> hier 11 h 32 (arabe)\n'
        "+ Intranet 9 h 42</blockquote>"
    )


def test_two_names_in_one_sentence_share_a_quotation() -> None:
    sentence = "Mohamed Amra et Félix Bingui seront jugés."
    html = rendered(
        alert(mention("Félix Bingui", "Félix Bingui", sentence), mention("Mohamed Amra", "Amra", sentence), also=())
    )
    assert html.startswith("<b>Félix Bingui</b> · <b>Mohamed Amra</b>\n")
    assert html.endswith("<blockquote>Mohamed <b>Amra</b> et <b>Félix Bingui</b> seront jugés.</blockquote>")


def test_a_name_in_the_headline_is_bold_there_and_quoted_nowhere_else() -> None:
    html = rendered(alert(mention("Gérald Darmanin", "Gérald Darmanin", HEADLINE)))
    assert '<a href="https://exemple.fr/a"><b>Gérald Darmanin</b> de retour' in html
    assert "blockquote" not in html


def test_a_long_sentence_is_trimmed_around_the_mention() -> None:
    sentence = "Début. " + "avant " * 200 + "Badis Bajou" + " après" * 200 + "."
    [quoted] = telegram_html.parse(rendered(alert(mention(sentence=sentence)))).of("blockquote")
    assert quoted.startswith("… avant avant")
    assert "avant Badis Bajou après" in quoted
    assert quoted.endswith("après…")
    assert len(quoted) < 400


def test_a_name_among_many_is_never_silently_gone() -> None:
    names = [f"Personne Numéro{i}" for i in range(8)]
    text = shown(alert(*(mention(name, name, f"Ici {name}.") for name in names), also=()))
    assert "et 5 autres noms" in text
    assert all(name in text for name in names)


def test_a_possible_match_says_so() -> None:
    assert "(à vérifier, 71/100)" in shown(alert(mention("Mohamed Amra", "Amra", tier=Tier.POSSIBLE, score=71)))


def test_a_new_name_in_a_known_story_says_so() -> None:
    assert "Nouveau nom dans une affaire déjà signalée" in shown(alert(reply_to_story=True))


def test_a_link_without_a_dot_in_its_host_is_shown_as_text() -> None:
    for url in (
        "http://localhost:8080/a",
        "javascript:alert(1)",
        "/a",
        "http://[",
        None,
        "https://exemple.fr/" + "a" * 3000,
    ):
        assert "<a" not in rendered(alert(outlets=(outlet(url=url),)))


@pytest.mark.parametrize(
    ("name", "spelling", "expected"),
    [
        ("Badiss Mohammed Bajjou", "BAJJOU Badiss", False),
        ("Félix Bingui", "felix bingui", False),
        ("Gérald Darmanin", "Darmanin", False),
        ("Gérald Darmanin", "Gerald  Darmanin", False),
        ("Badiss Mohammed Bajjou", "Badis Bajou", True),
        ("Mohamed Amra", "محمد عمرا", True),
        ("Le dossier", "Mohamed Amra", True),
    ],
)
def test_another_spelling_is_one_a_reader_would_see(name: str, spelling: str, expected: bool) -> None:
    assert differs(name, spelling) is expected


@pytest.mark.parametrize(
    ("moment", "fr", "en", "ar"),
    [
        (datetime(2026, 2, 3, 8, 5, tzinfo=UTC), "9 h 05", "09:05", "09:05"),
        (datetime(2026, 2, 2, 23, 30, tzinfo=UTC), "0 h 30", "00:30", "00:30"),
        (datetime(2026, 2, 2, 22, 30, tzinfo=UTC), "hier 23 h 30", "yesterday 23:30", "أمس 23:30"),
        (datetime(2026, 1, 4, 8, 5, tzinfo=UTC), "4 janv., 9 h 05", "4 Jan, 09:05", "4 يناير، 09:05"),
        (datetime(2025, 8, 4, 8, 5, tzinfo=UTC), "4 août 2025, 10 h 05", "4 Aug 2025, 10:05", "4 أغسطس 2025، 10:05"),
    ],
)
def test_times_are_the_readers(moment: datetime, fr: str, en: str, ar: str) -> None:
    assert shown_time(moment, "fr", PARIS, NOW) == fr
    assert shown_time(moment, "en", PARIS, NOW) == en
    assert shown_time(moment, "ar", PARIS, NOW) == ar


# --- What became of the story since -----------------------------------------------------------------------------------


def test_an_article_that_was_withdrawn_is_struck_through_and_keeps_its_link() -> None:
    gone, other = replace(outlet(), withdrawn=True), replace(outlet("Média B", "https://exemple.fr/b"), withdrawn=True)
    parsed = telegram_html.parse(rendered(alert(outlets=(gone, other))))
    assert parsed.of("s") == [HEADLINE, "Média B"]
    assert "Retiré par l’éditeur" in parsed.text
    assert "+ Média B 9 h 42 (retiré)" in parsed.text
    assert len(parsed.of("a")) == 2


def test_a_corrected_headline_says_when() -> None:
    view = replace(alert(), retitled_at=datetime(2026, 2, 3, 10, 40, tzinfo=UTC))
    assert "Titre modifié : 11 h 40" in shown(view)


def test_a_story_that_follows_another_names_it() -> None:
    assert "Suite de : L’arrestation de mars" in shown(replace(alert(), follows="L’arrestation de mars"))


def test_a_ring_for_the_number_of_outlets_says_so_instead_of_a_new_name() -> None:
    view = replace(alert(outlets=(outlet(),) * 4, reply_to_story=True), outlets_reached=True)
    assert "4 médias en parlent maintenant" in shown(view)
    assert "Nouveau nom" not in shown(view)


def test_the_digest_is_that_of_text_and_buttons() -> None:
    one = Rendered("a", ((Button("x", data="1"),),))
    assert one.digest == Rendered("a", ((Button("x", data="1"),),)).digest
    assert len({one.digest, Rendered("a").digest, Rendered("b").digest}) == 3
    assert Rendered("\ud800").digest


# --- The law: whatever the press writes, Telegram takes it -----------------------------------------------------------

awkward = st.sampled_from(
    ["", " ", "<b>", "&amp;", "&nbsp;", '"', "'", "\ud800", "\u202e", "\u2067", "😀" * 350, "x" * 700]
)
words = st.one_of(awkward, st.text(max_size=60), st.lists(awkward, max_size=4).map("".join))
urls = st.one_of(st.none(), words, st.builds("https://exemple.fr/{}".format, st.text(max_size=40)))
times = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis wants bare bounds
mentions = st.builds(
    Mention,
    shown=words,
    spelling=words,
    priority=st.sampled_from(Priority),
    tier=st.sampled_from(Tier),
    score=st.integers(0, 100),
    sentence=words,
    sentence_start=st.integers(-5, 6000),
    sentence_end=st.integers(-5, 6000),
    reasons=st.just(()),
    scope=st.just(list_scope("x")),
)
outlets = st.builds(
    Outlet,
    words,
    words,
    urls,
    times,
    st.one_of(st.none(), st.sampled_from(["ar", "fr-FR", "xx"]), words),
    st.booleans(),
)
views = st.builds(
    AlertView,
    mentions=st.lists(mentions, max_size=30).map(tuple),
    also=st.lists(words, max_size=40).map(tuple),
    outlets=st.lists(outlets, min_size=1, max_size=60).map(tuple),
    watchlists=st.lists(words, max_size=10).map(tuple),
    reply_to_story=st.booleans(),
    outlets_reached=st.booleans(),
    retitled_at=st.one_of(st.none(), times),
    follows=st.one_of(st.none(), words),
    no_longer=st.lists(words, max_size=30).map(tuple),
)


@given(views, st.sampled_from(LANGUAGES))
def test_every_alert_is_taken_by_telegram(view: AlertView, language: str) -> None:
    parsed = telegram_html.parse(rendered(view, language))
    assert len(parsed.entities) <= 100
    # One unclosed mark would turn the rest of the message round.
    assert not set(parsed.text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
    assert parsed.text.count("\u2068") == parsed.text.count("\u2069")


def test_the_longest_alert_still_holds_its_main_lines() -> None:
    long = "Très long " * 500
    view = alert(
        *(
            replace(
                mention(),
                shown=f"{n} {long}",
                sentence=f"{n} {long} Badis Bajou {long}",
                sentence_start=5005,
                sentence_end=5016,
            )
            for n in range(20)
        ),
        outlets=tuple(outlet(f"{n} {long}", f"https://exemple.fr/{n}/" + "a" * 900, title=long) for n in range(80)),
        also=(long,) * 50,
        watchlists=(long,) * 50,
    )
    text = shown(view)
    assert "0 Très long" in text
    assert "9 h 42" in text
    assert SENTENCE not in text
