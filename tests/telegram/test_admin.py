"""What admins ask and change from Telegram: state, feeds, names, links, a word to all. Nobody else can."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot.access import Access
from bot.bidi import without_marks
from bot.health.judge import State, Trouble, Verdict
from bot.model import Target, list_scope
from bot.storage import schema
from bot.storage.access import every_target
from bot.storage.chats import Chat, pause_chat, save_chat
from bot.storage.notices import add_chat_notice, waiting_notices
from bot.storage.people import Member
from bot.storage.subscriptions import subscribe
from bot.telegram import admin_screen
from bot.telegram.desk import Visit
from bot.telegram.handlers import COMMANDS, argument_of
from bot.telegram.notices import render_notices
from bot.texts import LANGUAGES, text
from tests import telegram_html
from tests.botapi import User
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom

ADMINS = ("status", "feeds", "addfeed", "removefeed", "addname", "invite", "broadcast")
FEEDS = "- url: https://phare.example/rss  # le premier\n  id: phare\n  title: Le Phare\n"
YAML = "title: Justice France–Maroc\nnames:\n  - Mohamed Amra  # évadé\n  - Félix Bingui\n"


@pytest.fixture
def feeds(newsroom: Newsroom, tmp_path: Path) -> Path:
    file = tmp_path / "feeds.yaml"
    file.write_text(FEEDS, encoding="utf-8")
    newsroom.desk.feed_files = (file,)
    return file


@pytest.fixture
def justice(tmp_path: Path) -> Path:
    file = tmp_path / "justice.yaml"
    file.write_text(YAML, encoding="utf-8")
    return file


async def logged(newsroom: Newsroom) -> list[tuple[int | None, str, dict[str, object]]]:
    async with newsroom.database.read() as connection:
        rows = await connection.execute(select(schema.admin_log).order_by(schema.admin_log.c.id))
    return [(row.user_id, row.action, row.detail) for row in rows]


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ADMINS)
async def test_only_admins_and_only_in_private(newsroom: Newsroom, feeds: Path, justice: Path, command: str) -> None:
    words = f"/{command} justice https://x.example/rss"
    assert (await newsroom.ask(ADA, words)).text == text("fr", "access.admins-only")
    assert (await newsroom.ask(EVE, words)).text == text("fr", "access.refused")
    group = newsroom.botapi.chat(-500, "supergroup", admins={ADA.id})
    assert (await newsroom.ask(ADA, words, group)).text == text("fr", "access.admins-only")
    assert (await newsroom.ask(ADMIN, words, group)).text == text("fr", "access.in-private")
    nameless = await newsroom.ask(ADMIN, words, newsroom.botapi.chat(-501, "supergroup"), anonymous=True)
    assert nameless.text == text("fr", "access.refused")  # of the group, not of the bot; nobody set it up here yet
    assert (feeds.read_text("utf-8"), justice.read_text("utf-8")) == (FEEDS, YAML)
    assert await logged(newsroom) == []


@pytest.mark.parametrize(
    "data",
    ["feeds:0", "addname:justice", "invites:", "members:", "member:7001:yes", "broadcast:yes", "bulk:write:justice"],
)
async def test_nobody_else_presses_their_buttons(newsroom: Newsroom, data: str) -> None:
    page = await newsroom.ask(ADA, "/list")
    await newsroom.press_data(ADA, page, data)
    assert page.text == text("fr", "access.admins-only")
    assert await newsroom.press_data(EVE, page, data) == text("fr", "access.refused")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    argument=st.text(max_size=60)
    | st.sampled_from(["justice ", "9" * 50, "https://[", "justice x", "<b>&", "- a\n- b"])
)
async def test_no_argument_breaks_a_command(newsroom: Newsroom, feeds: Path, justice: Path, argument: str) -> None:
    chat = Chat(ADMIN.id, "private", "Chef")
    visit = Visit(
        Target(ADMIN.id), chat, True, frozenset({ADMIN.id}), ADMIN.id, "Chef", True, True, "fr",
        newsroom.desk.timezone, NOW(), 1,
    )  # fmt: skip
    async with newsroom.database.transaction() as tx:
        await save_chat(tx, chat, NOW())
    for command in COMMANDS.values():
        screen = await command.action(newsroom.desk, visit, argument_of(f"/command {argument}", lines=command.lines))
        assert telegram_html.parse(screen.html).text


# --- State and feeds --------------------------------------------------------------------------------------------------


async def test_status_tells_what_there_is(newsroom: Newsroom) -> None:
    lines = (await newsroom.ask(ADMIN, "/status")).text.splitlines()
    assert lines == [
        "Tout va bien (ok)",
        "Flux : 0",
        "Guettés : 4 noms · listes : 3 · discussions : 0",
        "Alertes en route : 0 · articles à examiner : 0",
        "Dernière réponse d’un flux : jamais",
        "Dernière alerte envoyée : jamais",
    ]


TROUBLES = {
    State.OK: Trouble("canary", State.OK, {"step": "look"}),
    State.DEGRADED: Trouble("network", State.DEGRADED),
    State.FAILING: Trouble("tick-fails", State.FAILING, {"tick": "send", "seconds": "900", "error": "a < b"}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", State)
async def test_status_says_what_the_daemon_says_of_itself(newsroom: Newsroom, state: State, language: str) -> None:
    trouble, since = TROUBLES[state], NOW() - timedelta(hours=1)
    newsroom.health.verdict, newsroom.health.since = Verdict(state, (trouble,)), since
    await newsroom.ask(ADMIN, f"/language {language}")
    first, second, *_ = (await newsroom.ask(ADMIN, "/status")).text.splitlines()
    assert without_marks(first).startswith(
        f"{without_marks(text(language, f'board.state.{state.value}'))} ({state.value})"
    )
    told = without_marks(text(language, f"board.trouble.{trouble.code}", **trouble.values))
    assert without_marks(second) == f"• {told}"


async def test_feeds_in_trouble_come_first_and_pages_turn(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        for number in range(17):
            row = {
                "id": f"feed-{number:02}", "url_digest": str(number), "title": f"Média {number}", "tags": [],
                "active": True, "state": "failing" if number == 16 else "ok", "next_poll_at": NOW(),
            }  # fmt: skip
            await tx.execute(insert(schema.feeds).values(row))
    page = await newsroom.ask(ADMIN, "/feeds")
    assert page.text.splitlines()[:2] == ["Flux : 17", "⚠️ Média 16 · feed-16 · en panne"]
    assert page.text.count("\n") == 15
    await newsroom.press(ADMIN, page, "Suivantes")
    assert page.text.splitlines()[1:] == ["✓ Média 14 · feed-14", "✓ Média 15 · feed-15"]


async def test_a_feed_is_added_and_removed_in_its_file(newsroom: Newsroom, feeds: Path) -> None:
    added = await newsroom.ask(ADMIN, "/addfeed https://dune.example/rss")
    assert added.text.startswith("✓ Flux ajouté : dune")
    assert "https://dune.example/rss" in feeds.read_text("utf-8")
    assert "# le premier" in feeds.read_text("utf-8")
    again = await newsroom.ask(ADMIN, "/addfeed https://dune.example/rss")
    assert again.text.startswith("Ce flux est déjà listé : dune")
    feed_id = again.text.rpartition(" ")[2]
    assert (await newsroom.ask(ADMIN, f"/removefeed {feed_id}")).text == f"Flux retiré : {feed_id}"
    assert "dune" not in feeds.read_text("utf-8")
    assert (await newsroom.ask(ADMIN, "/removefeed nobody")).text.startswith("Je ne connais pas de flux « nobody »")
    assert [(who, what) for who, what, _ in await logged(newsroom)] == [
        (ADMIN.id, "add feed"), (ADMIN.id, "remove feed"),
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["dune.example", "javascript:x", "file:///etc/passwd", "https://x.example/${TOKEN}"])
async def test_what_is_no_address_is_refused_and_no_secret_is_filled_in(
    newsroom: Newsroom, feeds: Path, url: str
) -> None:
    assert "n’est pas une adresse" in (await newsroom.ask(ADMIN, f"/addfeed {url}")).text
    assert feeds.read_text("utf-8") == FEEDS
    assert await logged(newsroom) == []


# --- Names of lists ---------------------------------------------------------------------------------------------------


async def test_a_name_is_added_to_a_named_list_or_a_pressed_one(newsroom: Newsroom, justice: Path) -> None:
    asked = await newsroom.ask(ADMIN, "/addname justice Jeanne Exemple")
    assert asked.text.startswith("Jeanne Exemple dans « Justice France–Maroc » ? Rien n’est encore écrit.")
    assert justice.read_text("utf-8") == YAML
    await newsroom.press(ADMIN, asked, "Écrire")
    assert asked.text.startswith("✓ Jeanne Exemple est écrit")
    asked = await newsroom.ask(ADMIN, "/addname Louis Exemple")
    assert asked.text == "Dans quelle liste écrire Louis Exemple ?"
    assert not asked.asks
    await newsroom.press(ADMIN, asked, "Justice")
    assert asked.text.startswith("Louis Exemple dans « Justice France–Maroc » ?")
    await newsroom.press(ADMIN, asked, "Écrire")
    assert asked.text.startswith("✓ Louis Exemple est écrit dans « Justice France–Maroc »")
    written = justice.read_text("utf-8")
    assert written == YAML + "  - Jeanne Exemple\n  - Louis Exemple\n"
    assert [(what, detail["name"]) for _, what, detail in await logged(newsroom)] == [
        ("add name", "Jeanne Exemple"), ("add name", "Louis Exemple"),
    ]  # fmt: skip
    page = await newsroom.ask(ADMIN, "/list")
    await newsroom.press_data(ADMIN, page, "addname:write:justice")  # of a message that asks nothing
    assert page.text == text("fr", "button.expired")


async def test_a_name_is_shown_before_it_is_written_and_may_be_dropped(newsroom: Newsroom, justice: Path) -> None:
    asked = await newsroom.ask(ADMIN, "/addname justice Amra")
    for said in (
        "J’accepte",
        "Je refuse",
        "C’est peut-être Mohamed Amra, déjà dans",
        "Je n’ai encore lu aucun flux",
    ):
        assert said in asked.text, said
    assert [button["text"] for row in asked.buttons for button in row] == ["Écrire", "Ne rien écrire"]
    await newsroom.press(ADMIN, asked, "Ne rien écrire")
    assert asked.text == "Rien n’a été écrit."
    assert justice.read_text("utf-8") == YAML
    assert await logged(newsroom) == []


async def test_a_list_of_other_chats_is_not_offered(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text("title: Rédaction seule\nnames:\n- Paul Exemple\n", encoding="utf-8")
    asked = await newsroom.ask(ADMIN, "/addname Louis Exemple")
    assert [row[0]["text"] for row in asked.buttons] == ["Dossier interne", "Justice France–Maroc"]
    await newsroom.press_data(ADMIN, asked, "addname:write:desk")
    assert asked.text == text("fr", "button.expired")
    assert "Louis" not in (tmp_path / "desk.yaml").read_text("utf-8")


async def test_a_name_that_cannot_be_watched_is_refused_at_once(newsroom: Newsroom, justice: Path) -> None:
    assert (await newsroom.ask(ADMIN, "/addname Mohamed")).text.startswith("Je ne peux pas guetter « Mohamed »")
    assert (await newsroom.ask(ADMIN, "/addname justice mohamed AMRA")).text.endswith(
        "est déjà dans « Justice France–Maroc »."
    )
    justice.unlink()
    asked = await newsroom.ask(ADMIN, "/addname justice Louis Exemple")
    await newsroom.press(ADMIN, asked, "Écrire")
    assert asked.text.startswith("La liste n’a pas pu être")
    justice.write_text(YAML, encoding="utf-8")
    assert justice.read_text("utf-8") == YAML


# --- Links ------------------------------------------------------------------------------------------------------------


async def test_a_revoked_link_lets_nobody_in(newsroom: Newsroom) -> None:
    link = await newsroom.ask(ADMIN, "/invite")
    other = await newsroom.ask(ADMIN, "/invite")
    await newsroom.press(ADMIN, other, "Liens")
    assert len(other.text.splitlines()) == 3
    await newsroom.press(ADMIN, other, "✗ 1")  # the newest
    assert len(other.text.splitlines()) == 2
    await newsroom.press(ADMIN, other, "✗ 1")
    assert other.text == "Aucun lien n’attend. /invite en crée un."
    payload = link.text.partition("?start=")[2]
    assert (await newsroom.ask(EVE, f"/start {payload}")).text == text("fr", "start.bad-link")
    actions = await logged(newsroom)
    assert [what for _, what, _ in actions] == ["invite", "invite", "revoke invitation", "revoke invitation"]
    assert payload.removeprefix("join-") not in str(actions)


async def test_a_member_is_removed_once_it_is_confirmed_and_a_new_link_lets_them_in_again(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watchlists")
    await follow(newsroom, Target(ADA.id))
    screen = await newsroom.ask(ADMIN, "/invite")
    await newsroom.press(ADMIN, screen, "Personnes")
    assert "1. Ada · depuis " in screen.text
    await newsroom.press(ADMIN, screen, "✗ 1")
    assert screen.text.startswith("Retirer Ada ?")
    await newsroom.press(ADMIN, screen, "Garder")
    assert "1. Ada" in screen.text
    assert [what for _, what, _ in await logged(newsroom)] == ["invite"]
    await newsroom.press(ADMIN, screen, "✗ 1")
    await newsroom.press(ADMIN, screen, "Retirer")
    assert screen.text.startswith("Ada n’a plus d’invitation.")
    assert text("fr", "members.none") in screen.text
    assert (await logged(newsroom))[-1] == (ADMIN.id, "remove member", {"member": ADA.id})
    assert (await newsroom.ask(ADA, "/list")).text == text("fr", "access.refused")
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    async with newsroom.database.read() as connection:
        assert await every_target(connection, newsroom.desk.access) == []
    link = await newsroom.ask(ADMIN, "/invite")
    await newsroom.ask(ADA, f"/start {link.text.partition('?start=')[2]}")
    assert "Justice" in (await newsroom.ask(ADA, "/list")).text


async def test_who_is_removed_is_not_told_what_waits_in_the_notices(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await add_chat_notice(tx, "broadcast", NOW(), Target(ADA.id), words="Bonsoir")
        await add_chat_notice(tx, "broadcast", NOW(), Target(8001), words="Bonsoir")
    screen = await newsroom.ask(ADMIN, "/invite")
    await newsroom.press_data(ADMIN, screen, f"member:{ADA.id}:yes")
    assert [chat for chat, _, _ in await owed(newsroom)] == [8001]


async def test_an_admin_is_no_member_to_remove(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await tx.execute(update(schema.people).values(role="admin"))
    screen = await newsroom.ask(ADMIN, "/invite")
    await newsroom.press_data(ADMIN, screen, f"member:{ADA.id}:yes")
    assert screen.text == text("fr", "members.none")
    assert (await newsroom.ask(ADA, "/status")).text != text("fr", "access.admins-only")


@pytest.mark.parametrize("mode", ["allowlist", "open"])
async def test_it_is_said_where_invitations_do_not_decide(newsroom: Newsroom, mode: str) -> None:
    newsroom.desk.access = Access(mode, admins=frozenset({ADMIN.id}))
    screen = await newsroom.ask(ADMIN, "/invite")
    await newsroom.press_data(ADMIN, screen, f"member:{ADA.id}")
    assert text("fr", "members.other-access") in screen.text


def test_many_members_are_shown_in_pages() -> None:
    many = [Member(number, f"Personne {number}", NOW()) for number in range(23)]
    shown = admin_screen.members(many, 2, None, language="fr", timezone=ZoneInfo("Europe/Paris"), now=NOW())
    assert "21. Personne 20" in shown.html
    assert "Personne 19" not in shown.html
    assert [each.data for row in shown.buttons for each in row] == [
        "member:20",
        "member:21",
        "member:22",
        "members:1",
        "invites:",
    ]


# --- A word to all ----------------------------------------------------------------------------------------------------


async def follow(newsroom: Newsroom, *targets: Target) -> None:
    async with newsroom.database.transaction() as tx:
        for target in targets:
            await save_chat(tx, Chat(target.chat_id, "private" if target.chat_id > 0 else "supergroup", "?"), NOW())
            await subscribe(tx, target, list_scope("justice"), NOW(), None)


async def owed(newsroom: Newsroom) -> list[tuple[int, int, str]]:
    async with newsroom.database.read() as connection:
        rows = await connection.execute(select(schema.notices).order_by(schema.notices.c.chat_id))
    return [(row.chat_id, row.topic_id, row.values["words"]) for row in rows if row.kind == "broadcast"]


async def test_a_broadcast_is_shown_first_and_owed_once_a_chat(newsroom: Newsroom) -> None:
    await follow(newsroom, Target(ADA.id), Target(-7, 3), Target(-7, 5), Target(EVE.id))
    async with newsroom.database.transaction() as tx:
        await pause_chat(tx, EVE.id, "blocked")
    shown = await newsroom.ask(ADMIN, "/broadcast  Pause <ce soir>\n\n\n\nde 20 h à 21 h ")
    assert shown.text.endswith(
        "qui suit quelque chose :\n\nMessage des administrateurs de ce bot\nPause <ce soir>\n\nde 20 h à 21 h"
    )
    assert await owed(newsroom) == []
    await newsroom.press(ADMIN, shown, "Envoyer à tous")
    assert shown.text == "En route vers 2 discussions."
    said = "Pause <ce soir>\n\nde 20 h à 21 h"
    assert await owed(newsroom) == [(-7, 3, said), (ADA.id, 0, said)]
    await newsroom.press_data(ADMIN, shown, "broadcast:yes")
    assert shown.text == text("fr", "button.expired")
    assert len(await owed(newsroom)) == 2
    assert await logged(newsroom) == [(ADMIN.id, "broadcast", {"chats": 2})]


async def test_a_broadcast_that_is_not_wanted_is_not_sent(newsroom: Newsroom) -> None:
    await follow(newsroom, Target(ADA.id))
    shown = await newsroom.ask(ADMIN, "/broadcast Bonjour")
    await newsroom.press(ADMIN, shown, "Ne pas envoyer")
    assert shown.text == "Rien n’a été envoyé."
    await newsroom.press_data(ADMIN, shown, "broadcast:yes")
    assert await owed(newsroom) == []
    assert "trop long" in (await newsroom.ask(ADMIN, "/broadcast " + "é " * 1001)).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_broadcast_is_a_message_of_its_own(newsroom: Newsroom, language: str) -> None:
    async with newsroom.database.transaction() as tx:
        for kind, values in (
            ("list-gone", {"list": "justice"}), ("broadcast", {"words": "Bonjour\nمرحبا"}), ("list-back", {"list": "x"}),
        ):  # fmt: skip
            await add_chat_notice(tx, kind, NOW(), Target(ADA.id), **values)
        waiting = await waiting_notices(tx, 10)
    shown = []
    while waiting:
        html, number = render_notices(waiting, language=language, timezone=newsroom.desk.timezone, now=NOW())
        shown.append(telegram_html.parse(html).text)
        waiting = waiting[number:]
    assert len(shown) == 3
    assert shown[1].startswith(text(language, "notice.broadcast"))
    assert text(language, "notice.title") not in shown[1]


# --- Who administers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", [Access("open", admins=frozenset({ADMIN.id}))])
async def test_an_open_bot_serves_everybody_but_is_administered_by_its_admins(newsroom: Newsroom) -> None:
    assert (await newsroom.ask(EVE, "/list")).text.startswith("Rien n’est suivi ici")
    assert (await newsroom.ask(EVE, "/status")).text == text("fr", "access.admins-only")
    shown = await newsroom.ask(EVE, "/watchlists")
    assert [row[0]["text"] for row in shown.buttons] == ["Justice France–Maroc", text("fr", "settings.button.back")]


async def test_an_invitation_runs_out(newsroom: Newsroom) -> None:
    link = await newsroom.ask(ADMIN, "/invite")
    async with newsroom.database.transaction() as tx:
        await tx.execute(update(schema.invites).values(expires_at=NOW() - timedelta(minutes=1)))
    payload = link.text.partition("?start=")[2]
    assert (await newsroom.ask(User(8003, "Bo"), f"/start {payload}")).text == text("fr", "start.bad-link")
