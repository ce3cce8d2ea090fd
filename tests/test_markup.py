from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import plain_text, storable


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Sans  balise\n aucune", "Sans balise aucune"),
        ("<p>Une phrase.</p><p>Une autre.</p>", "Une phrase.\nUne autre."),
        ("un<br>deux<br/>trois", "un\ndeux\ntrois"),
        ("<b>Dar</b>manin et <i>l’</i>Ofast", "Darmanin et l’Ofast"),
        ("<ul><li>un<li>deux</ul>", "un\ndeux"),
        ("<td>un</td><td>deux</td>", "un\ndeux"),
        ("L&#39;affaire&nbsp;: &eacute;t&eacute; &amp; hiver &lt;3", "L'affaire : été & hiver <3"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
        ("<script>var a = '</p>';</script>vu<style>p{}</style>", "vu"),
        ("<!-- caché -->vu<noscript><img></noscript>", "vu"),
        ("<svg><title>icône</title></svg>vu", "vu"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><p>été</p>', "été"),
        ('<meta charset="iso-8859-1"><p>été عمرة</p>', "été عمرة"),
        ("<p>ligne\ncassée</p>", "ligne cassée"),
        ("non fermé <b>gras", "non fermé gras"),
        ("a\0b\x07c\ud83d", "abc"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000 + "dedans",
        "<div>" * 5_000 + "x" + "</div>" * 5_000 + "dedans",
        "<b><i><u><a><font>" * 40_000 + "<p>" * 40_000 + "dedans",
        "<a " + "x=1 " * 400_000 + ">dedans",
        "<table><tr><td>" * 60_000 + "dedans",
        "&amp" * 400_000 + " dedans",
    ],
    ids=["open", "deep", "misnested", "attributes", "tables", "entities"],
)
def test_hostile_markup_costs_little_and_hides_nothing(html: str) -> None:
    before = time.process_time()
    assert plain_text(html).endswith("dedans")
    assert time.process_time() - before < 5  # a tenth of it on an idle machine


@given(st.text() | st.text(alphabet="<>&;#x/=\"'pbé0 \n"))
def test_plain_text_is_always_clean(html: str) -> None:
    text = plain_text(html)
    text.encode()
    assert text == storable(text)
    assert text == "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
