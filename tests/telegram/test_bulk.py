"""A file or a pasted list that an admin sends: previewed, then written into the watchlist's YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.bidi import without_marks
from bot.matching.advice import advise, advise_list
from bot.model import Entity, Target, WatchedName, chat_scope, list_scope
from bot.storage import names, schema
from bot.telegram import bulk_screen
from bot.telegram.commands.bulk import MOST_BYTES
from bot.telegram.commands.names import MOST_NAMES
from bot.texts import LANGUAGES, text
from bot.watchlists.bulk import Present, Preview
from tests import telegram_html
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, ADMIN, EVE, LISTS, NOW, Newsroom, a_list

YAML = "title: Justice France–Maroc\nnames:\n  - Mohamed Amra  # évadé\n  - Félix Bingui\n"
CSV = "name,aliases,note\nOdile Karsenti,O. Karsenti|Karsenti-Roy,juge\nTomás Berenguel,,\nMohamed Amra,,\n"
PASTED = "• Odile Karsenti\n• Tomás Berenguel\n\n• mohamed AMRA"


@pytest.fixture
def justice(tmp_path: Path) -> Path:
    file = tmp_path / "justice.yaml"
    file.write_text(YAML, encoding="utf-8")
    return file


async def hand_over(newsroom: Newsroom, data: bytes, **options: object) -> Sent:
    before = len(newsroom.botapi.sent_to(ADMIN.id))
    newsroom.botapi.sends_file(ADMIN, "noms.csv", data, **options)  # type: ignore[arg-type]
    await newsroom.botapi.until(lambda: len(newsroom.botapi.sent_to(ADMIN.id)) > before)
    return newsroom.botapi.sent_to(ADMIN.id)[-1]


def labels(message: Sent) -> list[str]:
    return [button["text"] for row in message.buttons for button in row]


@pytest.mark.parametrize(
    "data", [CSV.encode(), CSV.encode("utf-16"), CSV.encode("utf-8-sig"), CSV.replace(",", ";").encode("cp1252")]
)
async def test_a_table_is_previewed_and_written(newsroom: Newsroom, justice: Path, data: bytes) -> None:
    shown = await hand_over(newsroom, data)
    assert shown.text.splitlines() == ["3 noms lus", "Pour quelle liste ? Rien n’est encore écrit."]
    assert labels(shown) == ["Dossier interne", "Justice France–Maroc", "Ne rien écrire"]
    await newsroom.press(ADMIN, shown, "Justice")
    lines = shown.text.splitlines()
    assert lines[:4] == [
        "2 noms à écrire dans « Justice France–Maroc »", "• Odile Karsenti", "• Tomás Berenguel",
        "Déjà dans la liste : Mohamed Amra",
    ]  # fmt: skip
    assert any(line.startswith("J’accepte pour Odile Karsenti : ") for line in lines)
    assert justice.read_text("utf-8") == YAML
    await newsroom.press(ADMIN, shown, "Écrire 2 noms")
    assert shown.text == "✓ 2 noms dans « Justice France–Maroc » : guettés d’ici quelques secondes."
    written = justice.read_text("utf-8")
    assert written.startswith(YAML)
    assert "Karsenti-Roy" in written
    assert "juge" in written
    async with newsroom.database.read() as connection:
        [logged] = (await connection.execute(select(schema.admin_log))).all()
        assert (await connection.execute(select(schema.questions))).all() == []
    assert (logged.user_id, logged.action, logged.detail) == (
        ADMIN.id, "import names", {"watchlist": "justice", "names": 2},
    )  # fmt: skip
    await newsroom.press_data(ADMIN, shown, "bulk:write:justice")
    assert shown.text == text("fr", "button.expired")
    assert justice.read_text("utf-8") == written


async def test_a_pasted_list_is_read_the_same(newsroom: Newsroom, justice: Path) -> None:
    shown = await newsroom.ask(ADMIN, PASTED)
    assert shown.text.startswith("3 noms lus")
    await newsroom.press(ADMIN, shown, "Justice")
    await newsroom.press(ADMIN, shown, "Écrire")
    assert justice.read_text("utf-8") == YAML + "  - Odile Karsenti\n  - Tomás Berenguel\n"


async def test_what_cannot_be_used_is_told_with_its_line(newsroom: Newsroom) -> None:
    shown = await newsroom.ask(ADMIN, "Odile Karsenti\nMohamed\nTomás Berenguel\nRose Marchais, Paul Exemple")
    lines = shown.text.splitlines()
    assert lines[0] == "2 noms lus"
    assert lines[1] == "2 lignes ne peuvent pas servir :"
    assert lines[2].startswith("• ligne 2 : « Mohamed » : c’est un prénom courant")
    assert lines[3].startswith("• ligne 4 : « Rose Marchais, Paul Exemple » : cela ressemble à plusieurs noms")
    nothing = await newsroom.ask(ADMIN, "Mohamed\nJean\nMarie")
    assert nothing.text.startswith("0 nom lu")
    assert nothing.buttons == []


async def test_nothing_is_written_when_it_is_not_wanted(newsroom: Newsroom, justice: Path) -> None:
    shown = await newsroom.ask(ADMIN, PASTED)
    await newsroom.press(ADMIN, shown, "Ne rien écrire")
    assert shown.text == "Rien n’a été écrit."
    await newsroom.press_data(ADMIN, shown, "bulk:write:justice")
    assert shown.text == text("fr", "button.expired")
    assert justice.read_text("utf-8") == YAML


async def test_all_of_it_there_already_leaves_nothing_to_write(newsroom: Newsroom, justice: Path) -> None:
    shown = await newsroom.ask(ADMIN, "Mohamed Amra\nFélix Bingui\nMOHAMED AMRA")
    await newsroom.press(ADMIN, shown, "Justice")
    assert shown.text.startswith("Tout est déjà dans « Justice France–Maroc » : rien à écrire.")
    assert labels(shown) == ["Ne rien écrire"]


async def test_a_file_that_is_read_only_is_said(newsroom: Newsroom, justice: Path) -> None:
    justice.chmod(0o400)
    shown = await newsroom.ask(ADMIN, PASTED)
    await newsroom.press_data(ADMIN, shown, "bulk:write:justice")
    assert shown.text.startswith("La liste n’a pas pu être modifiée : ")
    assert "read-only" in shown.text
    assert justice.read_text("utf-8") == YAML


async def test_a_file_that_is_gone_or_wrong_is_said_and_can_be_tried_again(newsroom: Newsroom, justice: Path) -> None:
    justice.write_text("title: [\n", encoding="utf-8")
    shown = await newsroom.ask(ADMIN, PASTED)
    await newsroom.press_data(ADMIN, shown, "bulk:write:justice")
    assert shown.text.startswith("La liste n’a pas pu être modifiée : ")
    assert justice.read_text("utf-8") == "title: [\n"
    justice.write_text(YAML, encoding="utf-8")
    await newsroom.press_data(ADMIN, shown, "bulk:write:justice")
    assert "Odile Karsenti" in justice.read_text("utf-8")


async def test_what_is_too_large_is_not_even_fetched(newsroom: Newsroom) -> None:
    assert (await hand_over(newsroom, b"x", told_size=MOST_BYTES + 1)).text == text("fr", "bulk.too-long")
    assert newsroom.botapi.fetched == []


@pytest.mark.parametrize("data", [b"PK\x03\x04\0\0workbook", b"\x89PNG\r\n\x1a\n\0\0\0", b"%PDF-1.7\n\0"])
async def test_a_spreadsheet_or_a_picture_is_no_list(newsroom: Newsroom, data: bytes) -> None:
    assert (await hand_over(newsroom, data)).text == text("fr", "bulk.not-text")


async def test_others_hand_over_nothing(newsroom: Newsroom, justice: Path) -> None:
    newsroom.botapi.sends_file(ADA, "noms.csv", CSV.encode())
    newsroom.botapi.sends_file(EVE, "noms.csv", CSV.encode())
    newsroom.botapi.says(ADA, PASTED)
    await newsroom.settle()
    assert [each.startswith(text("fr", "words.what")[:20]) for each in newsroom.botapi.texts(ADA.id)] == [True, True]
    assert newsroom.botapi.texts(EVE.id) == [text("fr", "access.refused")]
    assert newsroom.botapi.fetched == []
    page = newsroom.botapi.sent_to(ADA.id)[-1]
    await newsroom.press_data(ADA, page, "bulk:write:justice")
    assert page.text == text("fr", "access.admins-only")


async def test_a_list_for_other_chats_cannot_be_written_from_here(newsroom: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("title: Rédaction seule\nnames:\n- Paul Exemple\n", encoding="utf-8")
    shown = await newsroom.ask(ADMIN, PASTED)
    await newsroom.press_data(ADMIN, shown, "bulk:write:desk")
    assert "Odile" not in file.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_preview_fits_a_message(language: str) -> None:
    scope = list_scope("x")
    fresh = [WatchedName(scope, f"n{n}", Entity(f"Konstantin{n} {'Ouagadougou' * 5}{n}")) for n in range(40)]
    there = [Present(name, name, LISTS[0]) for name in fresh]
    advice = advise(WatchedName(scope, "x", Entity("Mohamed Ali Ben Amra")))
    cautions = advise_list([WatchedName(scope, "y", Entity("Martin"))])
    seen = Preview(
        tuple(fresh), tuple(there), tuple(there), tuple((name, caution) for name in fresh for _, caution in cautions),
        tuple((name, advice) for name in fresh),
    )  # fmt: skip
    rates = {name.id: 12345.6 for name in fresh}
    screen = bulk_screen.previewed(seen, a_list("x", "T" * 300), rates, language)
    shown = telegram_html.parse(screen.html).text
    assert len(shown) <= 4096
    assert ("et 35 autres" if language == "fr" else "35") in without_marks(shown)


# --- The limit of /watch ------------------------------------------------------------------------------------------


async def test_a_chat_watches_only_so_many_names(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        for number in range(MOST_NAMES):
            entity = Entity(f"Odile Karsenti{number}")
            name = WatchedName(chat_scope(Target(ADA.id)), entity.name, entity)
            await names.add_name(tx, name, NOW(), ADA.id)
    assert "le maximum" in (await newsroom.ask(ADA, "/watch Tomás Berenguel")).text
    assert "déjà guetté" in (await newsroom.ask(ADA, "/watch Odile Karsenti7")).text
    await newsroom.ask(ADA, "/unwatch Odile Karsenti7")
    assert "Je guette" in (await newsroom.ask(ADA, "/watch Tomás Berenguel")).text
