from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.articles.clean import MAX_TEXT_CHARS
from bot.articles.page import Page, decoded, read_page

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
URL = "https://www.lephare.example/politique/2026/le-port-rouvre.html"

FIRST = (
    "Le port de Sainte-Ombre rouvrira lundi, a annoncé la préfète Aldegonde Quincampoix devant les marins réunis sur le"
    " quai, après trois semaines de fermeture et de négociations difficiles avec les armateurs de la région."
)
SECOND = (
    "Les pêcheurs, eux, demandent davantage : leur porte-parole Anselme Kerbrazec réclame une aide de la région et le"
    " report des taxes portuaires jusqu’à l’automne, faute de quoi les bateaux resteront à quai dès la semaine prochaine."
)
THIRD = (
    "Le conseil municipal doit se réunir jeudi soir pour examiner la demande, et la maire Zénobie Valdor a promis une"
    " réponse avant la fin du mois, en rappelant que la commune n’a pas les moyens de tout payer à elle seule."
)


def article(*inside: str, head: str = "", html: str = 'lang="fr-FR"', around: str = "") -> bytes:
    paragraphs = "".join(each if each.startswith("<") else f"<p>{each}</p>" for each in inside)
    return (
        f"<!DOCTYPE html><html {html}><head><meta charset=utf-8><title>Le port rouvre</title>{head}</head><body>"
        '<header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>'
        f"<main><article><h1>Le port rouvre</h1>{paragraphs}</article></main>{around}"
        "<footer><p>Mentions légales – Contact</p></footer></body></html>"
    ).encode()


def page(body: bytes | None = None, *, head: str = "", content_type: str | None = "text/html", url: str = URL) -> Page:
    return read_page(
        body if body is not None else article(FIRST, SECOND, THIRD, head=head),
        content_type=content_type,
        url=url,
        now=NOW,
    )


# --- Text --------------------------------------------------------------------------------------------------------


def test_the_article_is_read_and_the_menus_are_not() -> None:
    read = page()
    assert read.text.split("\n") == [FIRST, SECOND, THIRD]
    assert read.title == "Le port rouvre"


@pytest.mark.parametrize(
    "box",
    [
        '<p><strong>À lire aussi :</strong> <a href="/x">Odilon Tazrouti quitte la scène</a></p>',
        '<p>Lire aussi : <a href="/x">Odilon Tazrouti quitte la scène</a></p>',
        '<p>LIRE AUSSI &gt;&gt; <a href="/x">Odilon Tazrouti quitte la scène</a></p>',
        '<p><a href="/x">Lire aussi : Odilon Tazrouti quitte la scène</a></p>',
        '<p>[Lire également notre article sur <a href="/x">Odilon Tazrouti et la longue affaire des phares</a>]</p>',
        '<aside><h3>Sur le même sujet</h3><ul><li><a href="/x">Odilon Tazrouti quitte la scène</a></li></ul></aside>',
        '<h3>Sur le même sujet</h3><ul><li><a href="/x">Odilon Tazrouti quitte la scène</a></li></ul>',
        '<div><p>Read more</p><p><a href="/x">Odilon Tazrouti leaves the stage</a></p></div>',
        '<section><h2>Related articles</h2><a href="/x">Odilon Tazrouti leaves the stage</a></section>',
        '<p>READ MORE: Odilon Tazrouti leaves the stage</p>',
        '<p>Related: <a href="/x">Odilon Tazrouti leaves the stage</a></p>',
        '<div class="read-also"><a href="/x">Odilon Tazrouti quitte la scène</a></div>',
        '<p>اقرأ أيضا: <a href="/x">Odilon Tazrouti</a></p>',
        '<p><b>اقرأ أيضًا</b></p><ul><li><a href="/x">Odilon Tazrouti</a></li></ul>',
        '<p>إقرأ أيضاً | <a href="/x">Odilon Tazrouti</a></p>',
        '<h4>مواضيع ذات صلة</h4><ul><li><a href="/x">Odilon Tazrouti</a></li></ul>',
    ],
)  # fmt: skip
def test_a_box_inside_the_article_goes_and_what_stands_around_it_stays(box: str) -> None:
    assert page(article(FIRST, box, SECOND, THIRD)).text.split("\n") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "inline",
    [
        '<strong>LIRE AUSSI</strong> <a href="/x">Odilon Tazrouti</a>',
        '<strong>LIRE AUSSI - <a href="/x">Odilon Tazrouti</a></strong>',
        '<a href="/x">À lire aussi : Odilon Tazrouti</a>',
        '(Lire aussi : <a href="/x">Odilon Tazrouti</a>)',
    ],
)
def test_a_box_inside_a_paragraph_goes_alone(inline: str) -> None:
    text = page(article(FIRST, f"<p>{SECOND} {inline} La suite dira le reste.</p>", THIRD)).text
    assert "Tazrouti" not in text
    assert "Kerbrazec" in text
    assert "La suite dira le reste." in text


@pytest.mark.parametrize(
    "prose",
    [
        "Related to the minister by marriage, Odilon Tazrouti said that he had never asked for anything from the port.",
        "À lire les rapports de la commission, Odilon Tazrouti n’aurait jamais mis les pieds au port de Sainte-Ombre.",
        "Pour aller plus loin que la simple réouverture, Odilon Tazrouti propose de bâtir une seconde jetée au nord.",
        "Trending prices worried Odilon Tazrouti, who owns three of the boats and sells most of their fish abroad.",
    ],
)
def test_a_sentence_that_only_begins_like_a_box_stays(prose: str) -> None:
    assert "Odilon Tazrouti" in page(article(FIRST, prose, SECOND, THIRD)).text


def test_teasers_beside_the_article_are_left_out() -> None:
    around = '<aside class="most-read"><h2>Les plus lus</h2><ul><li><a href="/x">Odilon Tazrouti</a></li></ul></aside>'
    assert "Tazrouti" not in page(article(FIRST, SECOND, THIRD, around=around)).text


def test_captions_quotations_and_a_standfirst_are_the_articles_too() -> None:
    standfirst = "Après trois semaines, Mélisande Courtepaille l’a emporté."
    body = article(
        "<div class=chapo>Après trois semaines, Mélisande Courtepaille l’a emporté.</div>",
        FIRST,
        "<figure><img src=x><figcaption>Gontran Malavoy, mardi. Photo L. Ombrevent</figcaption></figure>",
        SECOND,
        "<blockquote><p>Enfin !</p>— Eudoxie Pâquerettot (@eudoxie)</blockquote>",
        THIRD,
        head=f'<meta name=description content="{standfirst}">',
    )
    text = page(body).text
    for name in ("Mélisande Courtepaille", "Gontran Malavoy", "Eudoxie Pâquerettot"):
        assert name in text


def test_a_description_that_the_page_does_not_show_is_not_its_text() -> None:
    assert "Tazrouti" not in page(head='<meta name=description content="Le site d’Odilon Tazrouti">').text


@pytest.mark.parametrize("title", ["404 – Page introuvable", "Access Denied", "Just a moment...", "Erreur 503"])
def test_an_error_page_has_no_text(title: str) -> None:
    body = f"<html><head><title>{title}</title></head><body><p>{FIRST}</p></body></html>".encode()
    assert page(body).text == ""


@pytest.mark.parametrize("body", [b"", b"   ", b"\0", b"<html></html>", b"<!-- -->", b"\xff\xfe", b"\x1b"])
def test_nothing_gives_no_text(body: bytes) -> None:
    assert page(body).text == ""


@settings(deadline=None)  # the first page imports trafilatura
@given(st.binary(max_size=300))
def test_any_bytes_give_a_page_that_can_be_stored(body: bytes) -> None:
    read = page(b"<html><body><article><p>" + body + b"</p></article></body></html>")
    assert "\0" not in read.text
    read.text.encode()


def test_a_text_without_end_is_cut() -> None:
    body = article(*(f"{number} {FIRST}" for number in range(2_000)))
    assert 199_000 < len(page(body).text) <= MAX_TEXT_CHARS


# --- Encoding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8-sig", None, ""),
        ("cp1252", "text/html; charset=iso-8859-1", ""),
        ("cp1252", "text/html", '<meta http-equiv=content-type content="text/html; charset=windows-1252">'),
        ("cp1252", "text/html; charset=klingon", ""),
        ("utf-16", None, ""),
    ],
)
def test_a_page_is_read_in_its_own_encoding(encoding: str, content_type: str | None, meta: str) -> None:
    assert "L’été à Cœuvres" in decoded(f"<html>{meta}<p>L’été à Cœuvres".encode(encoding), content_type)


def test_arabic_and_japanese_encodings_are_read_too() -> None:
    assert decoded("<p>الميناء".encode("cp1256"), 'text/html; charset="windows-1256"') == "<p>الميناء"
    assert decoded("<p>港".encode("iso-2022-jp"), "text/html; charset=iso-2022-jp") == "<p>港"


# --- What it says of itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel=canonical href="https://lephare.example/a?utm_source=x">', "https://lephare.example/a"),
        ('<link rel=canonical href="/politique/b">', "https://lephare.example/politique/b"),
        ('<meta property="og:url" content="https://m.lephare.example/c">', "https://lephare.example/c"),
        ('<link rel=canonical href="https://www.lephare.example/">', None),
        ('<link rel=canonical href="https://rival.example/a">', None),
        ('<link rel=canonical href="javascript:x">', None),
        ('<link rel=canonical href="http://[">', None),
        ("", None),
    ],
)  # fmt: skip
def test_the_canonical_url_is_a_page_of_the_same_site(head: str, expected: str | None) -> None:
    found = "https://lephare.example/politique/2026/le-port-rouvre.html"
    assert page(head=head).canonical_url == (expected or found)


def test_a_part_of_a_site_may_name_the_whole_and_a_front_page_names_nothing() -> None:
    head = '<link rel=canonical href="https://lephare.example/a">'
    assert page(head=head, url="https://brumes.lephare.example/a").canonical_url == "https://lephare.example/a"
    assert page(url="https://lephare.example/").canonical_url is None


@pytest.mark.parametrize(
    ("html", "head", "expected"),
    [('lang="fr-FR"', "", "fr"), ("", '<meta property="og:locale" content="ar_MA">', "ar"), ("", "", None)],
)
def test_the_language(html: str, head: str, expected: str | None) -> None:
    assert page(article(FIRST, SECOND, head=head, html=html)).language == expected


def dated(value: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{value}"}}</script>'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (dated("2026-02-03T09:30:00+01:00"), datetime(2026, 2, 3, 8, 30, tzinfo=UTC)),
        (dated("2026-02-03"), datetime(2026, 2, 3, tzinfo=UTC)),
        ('<meta property="article:published_time" content="2026-02-01T10:00:00Z">', datetime(2026, 2, 1, 10, tzinfo=UTC)),
        (dated("2026-02-03T20:00:00+00:00"), NOW),
        (dated("2026-02-05T00:00:00Z"), None),
        (dated("0001-01-01"), None),
        (dated("yesterday"), None),
        ("", None),
    ],
)  # fmt: skip
def test_the_date_is_one_that_can_be_true(head: str, expected: datetime | None) -> None:
    assert page(head=head).published_at == expected


@settings(deadline=None)  # the first page imports trafilatura
@given(st.datetimes(timezones=st.sampled_from([UTC])))
def test_no_date_is_after_now(when: datetime) -> None:
    found = page(article(FIRST, head=dated(when.isoformat()))).published_at
    assert found is None or found <= NOW
    if NOW - timedelta(days=1_000) <= when <= NOW:
        assert found == when


@pytest.mark.parametrize("script", ["[" * 100_000, "{", '{"@graph": 3}', "[null, 7]", '{"@type": ["NewsArticle"]}', ""])
def test_broken_linked_data_does_no_harm(script: str) -> None:
    assert page(head=f'<script type="application/ld+json">{script}</script>').text.startswith(FIRST)


# --- Rights ------------------------------------------------------------------------------------------------------


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {data}}}</script>'


def test_a_reserved_page_gives_no_text() -> None:
    read = page(head='<meta name="tdm-reservation" content="1">')
    assert (read.reserved, read.text) == (True, "")
    assert not page(head='<meta name="tdm-reservation" content="0">').reserved


@pytest.mark.parametrize(
    "head",
    [
        linked('"isAccessibleForFree": false'),
        linked('"isAccessibleForFree": "False"'),
        linked('"isAccessibleForFree": "http://schema.org/False"'),
        linked('"hasPart": {"isAccessibleForFree": false, "cssSelector": "main > p:nth-child(2)"}'),
        '<script type="application/ld+json">{"@graph": [{"@type": "Article", "isAccessibleForFree": false}]}</script>',
        '<meta name="article:content_tier" content="locked">',
        '<meta property="article:content_tier" content="metered">',
    ],
)
def test_a_page_for_subscribers_gives_no_text(head: str) -> None:
    read = page(head=head)
    assert (read.paywalled, read.text) == (True, "")


@pytest.mark.parametrize(
    "head",
    [
        linked('"isAccessibleForFree": true'),
        '<meta name="article:content_tier" content="free">',
        linked('"mentions": {"@type": "NewsArticle", "isAccessibleForFree": false}'),
    ],
)
def test_a_free_page_is_read(head: str) -> None:
    read = page(head=head)
    assert (read.paywalled, read.text.startswith(FIRST)) == (False, True)


@pytest.mark.parametrize("selector", [".payant", "div.payant", "#reste", "[data-payant]", ".autre, .payant"])
def test_what_is_free_of_a_page_for_subscribers_is_read(selector: str) -> None:
    part = f'"hasPart": [{{"isAccessibleForFree": "False", "cssSelector": "{selector}"}}]'
    head = linked(f'"isAccessibleForFree": false, "articleBody": "{FIRST} {SECOND} {THIRD}", {part}')
    rest = f'<div class="corps payant" id=reste data-payant><p>{THIRD}</p></div>'
    read = page(article(FIRST, SECOND, rest, head=head))
    assert (read.paywalled, read.text.split("\n")) == (True, [FIRST, SECOND])


def test_a_page_is_known_by_where_it_was_found_too() -> None:
    found = page(head='<link rel=canonical href="/politique/b">', url="https://m.lephare.example/a?utm_source=x")
    assert (found.canonical_url, found.found_at) == ("https://lephare.example/politique/b", "https://lephare.example/a")
    assert page(url="https://lephare.example/?utm_source=x").found_at is None
