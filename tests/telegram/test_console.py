from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.model import Target
from bot.telegram.console import ConsoleMessenger, drawn
from bot.telegram.render import Button, render_alert
from tests.telegram.views import NOW, alert, outlet

OTHERS = (
    outlet("Média B", "https://exemple.fr/b", at=datetime(2026, 2, 3, 9, 5, tzinfo=UTC)),
    outlet("هسبريس", "https://exemple.ma/d", at=datetime(2026, 2, 3, 10, 32, tzinfo=UTC), language="ar"),
)


async def test_an_alert_in_the_terminal() -> None:
    stream = io.StringIO()
    view = alert(outlets=(outlet(), *OTHERS))
    shown = render_alert(view, delivery_id=1, language="fr", timezone=ZoneInfo("Europe/Paris"), now=NOW)
    messenger = ConsoleMessenger(stream)
    assert [await messenger.send(Target(0), shown.html, shown.buttons) for _ in range(2)] == [1, 2]
    lines = stream.getvalue().splitlines()
    first = lines[: len(lines) // 2]
    assert [line.removeprefix("│ ") for line in first[1:-1]] == [
        "Badiss Mohammed Bajjou  ≈ « Badis Bajou »",
        "Gérald Darmanin de retour à Rabat, lundi et mardi",
        "  ↗ https://exemple.fr/a",
        "Média A · 9 h 42 · 3 médias · Justice France–Maroc",
        "┃ Au menu des discussions : le Franco-Marocain Badis Bajou, soupçonné d’avoir",
        "┃ commandité plusieurs enlèvements.",
        "Aussi cités : Mohamed Amra, Félix Bingui, Gérald Darmanin",
        "┃ + Média B 10 h 05",
        "┃   ↗ https://exemple.fr/b",
        "┃ + هسبريس 11 h 32 (arabe)",
        "┃   ↗ https://exemple.ma/d",
        "[ ✓ C’est la bonne personne ]   [ ✗ Autre personne ]",
        "[ 🔕 Faire taire ▸ ]   [ Pourquoi ? ]",
    ]
    assert "<" not in stream.getvalue()


async def test_an_edit_shows_the_message_as_it_stands_and_a_reply_that_it_is_one() -> None:
    stream = io.StringIO()
    messenger = ConsoleMessenger(stream, first=1000)
    number = await messenger.send(Target(0), "<b>Ada</b> · 1 média", ())
    await messenger.edit(Target(0), number, "<b>Ada</b> · <s>3 médias</s>", ((Button("Pourquoi ?", data="why:1"),),))
    await messenger.send(Target(0), "Un nom de plus", (), reply_to=number)
    assert number == 1000
    said = stream.getvalue().splitlines()
    at = said.index("✎ Edited, silently; the message now reads:")
    assert said[at + 2 : at + 4] == ["│ Ada · 3 médias", "│ [ Pourquoi ? ]"]
    assert any(line.startswith("↩") for line in said)


def test_colours_only_where_there_are_any() -> None:
    html = '<b>Ada</b> &lt;3\n<blockquote><a href="https://exemple.fr">mot</a></blockquote>'
    assert "\033[1mAda\033[0m <3" in drawn(html, (), colour=True)
    assert "\033" not in drawn(html, ((Button("Oui", data="x"),),), colour=False)


def test_a_wrapped_line_keeps_its_words_and_their_styles() -> None:
    words = " ".join(f"mot{n}" for n in range(60))
    rows = drawn(f"{words} <b>fin</b>", (), colour=True).splitlines()[1:-1]
    assert all(not row.startswith("│  ") for row in rows)
    assert rows[-1].endswith("\033[1mfin\033[0m")
    assert " ".join(row.removeprefix("│ ") for row in rows).startswith(words)
