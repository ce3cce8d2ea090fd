"""Conversations with the real bot, by way of the stand-in: what people write and press, and what they see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import Access
from bot.model import Entity, Target, WatchedName, chat_scope, list_scope
from bot.storage import names
from bot.storage.chats import Chat as StoredChat
from bot.storage.chats import save_chat
from bot.storage.people import admin_ids, new_claim
from bot.storage.subscriptions import subscribe
from bot.telegram.handlers import COMMANDS
from bot.telegram.help_screen import help_page
from bot.texts import LANGUAGES, text
from tests.botapi import BOT_NAME, User
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom, a_list

# --- Coming in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["/start list-justice", "/watchlists", "/watch Mohamed Amra", "/list", "hello", "/nonsense"]
)
async def test_a_stranger_gets_a_polite_refusal_and_learns_nothing(newsroom: Newsroom, words: str) -> None:
    assert (await newsroom.ask(EVE, words)).text == text("fr", "access.refused")
    assert newsroom.matching.watched == set()
    assert await newsroom.state(EVE.id) is None


async def test_a_strangers_press_is_refused(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/watchlists")
    assert await newsroom.press(EVE, replace(page, chat_id=newsroom.botapi._private(EVE).id), "Justice") == text(
        "fr", "access.refused"
    )
    assert await newsroom.followed(Target(EVE.id)) == []


@pytest.mark.parametrize("access", [Access("invite")])
async def test_the_first_administrator_claims_the_bot_and_invites_a_colleague(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        secret = await new_claim(tx, NOW())
    assert "administrez" in (await newsroom.ask(EVE, f"/start claim-{secret}")).text
    async with newsroom.database.read() as connection:
        assert await admin_ids(connection) == [EVE.id]
    invitation = await newsroom.ask(EVE, "/invite")
    payload = invitation.text.partition("?start=")[2]
    bo, guest = User(8001, "Bo"), User(8002, "Chris")
    assert (await newsroom.ask(bo, f"/start {payload}")).text.startswith("Bienvenue")
    assert (await newsroom.ask(guest, f"/start {payload}")).text == text("fr", "start.bad-link")
    assert (await newsroom.ask(guest, f"/start claim-{secret}")).text == text("fr", "start.bad-link")
    assert (await newsroom.ask(bo, "/invite")).text == text("fr", "access.admins-only")


async def test_an_invitation_is_not_written_into_a_group(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-100, "group", admins={ADMIN.id})
    assert (await newsroom.ask(ADMIN, "/invite", group)).text == text("fr", "access.in-private")


@pytest.mark.parametrize("access", [Access("allowlist", allow=frozenset({EVE.id, -300}))])
async def test_an_allowlist_names_people_and_chats(newsroom: Newsroom) -> None:
    assert "Je guette des noms" in (await newsroom.ask(EVE, "/start")).text
    assert (await newsroom.ask(ADA, "/start")).text == text("fr", "access.refused")
    assert "Rien n’est suivi" in (await newsroom.ask(ADA, "/list", newsroom.botapi.chat(-300, "group"))).text


async def test_texts_are_in_the_persons_language(newsroom: Newsroom) -> None:
    assert "I watch the news" in (await newsroom.ask(User(ADA.id, "Ada", "en-GB"), "/start")).text


async def test_every_command_stands_in_the_help() -> None:
    for language in LANGUAGES:
        words = help_page(language, admin=True).html
        assert [name for name in COMMANDS if name not in {"start", "help"} and f"/{name}" not in words] == []
        assert help_page(language, admin=False).html.count("/") < words.count("/")


# --- Watchlists -----------------------------------------------------------------------------------------------------


async def test_a_list_is_followed_and_left_by_its_button(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/watchlists")
    assert "Justice France–Maroc" in page.text
    assert "Dossier interne" not in page.text
    assert "Rédaction seule" not in page.text
    assert await newsroom.press(ADA, page, "Justice") is None
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    assert page.buttons[0][0]["text"] == "✓ Justice France–Maroc"
    await newsroom.press(ADA, page, "✓ Justice")
    assert await newsroom.followed(Target(ADA.id)) == []


async def test_a_deep_link_shows_one_list(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/start list-justice")
    assert "Mohamed Amra, Félix Bingui" in page.text
    await newsroom.press(ADA, page, "Suivre")
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    assert page.buttons[0][0]["text"] == "Ne plus suivre"


async def test_a_list_for_others_can_neither_be_seen_nor_followed(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/start list-secret")
    assert "Jeanne Exemple" not in page.text
    await newsroom.press_data(ADA, page, "follow:secret:-")
    assert await newsroom.followed(Target(ADA.id)) == []


async def test_an_admin_sees_the_admins_lists_in_private_only(newsroom: Newsroom) -> None:
    assert "Dossier interne" in (await newsroom.ask(ADMIN, "/watchlists")).text
    group = newsroom.botapi.chat(-100, "supergroup", admins={ADMIN.id})
    page = await newsroom.ask(ADMIN, "/watchlists", group)
    assert "Dossier interne" not in page.text
    assert "Rédaction seule" in page.text


async def test_subscribe_by_name(newsroom: Newsroom) -> None:
    assert "Suivie ici" in (await newsroom.ask(ADA, "/subscribe justice france")).text
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    assert "n’est plus suivie" in (await newsroom.ask(ADA, "/unsubscribe justice")).text
    assert await newsroom.followed(Target(ADA.id)) == []
    assert "Je ne connais pas de liste « foot »" in (await newsroom.ask(ADA, "/subscribe foot")).text


async def test_many_lists_are_paged(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await names.sync_watchlists(tx, [a_list(f"liste-{n:02}" + "x" * 40, f"Liste {n:02}") for n in range(20)], NOW())
    page = await newsroom.ask(ADA, "/watchlists")
    assert "page 1 sur 3" in page.text
    await newsroom.press(ADA, page, "Suivantes")
    assert "page 2 sur 3" in page.text
    await newsroom.press(ADA, page, "Liste 09")
    assert "page 2 sur 3" in page.text
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("liste-09" + "x" * 40)]


# --- Personal names -------------------------------------------------------------------------------------------------


async def test_a_name_is_watched_and_let_go(newsroom: Newsroom) -> None:
    scope = chat_scope(Target(ADA.id))
    answer = await newsroom.ask(ADA, "/watch   Jeanne <Exemple> ")
    assert answer.text.startswith("Je guette « Jeanne <Exemple> » · pour cette discussion, alerte immédiate")
    assert "anciens articles ne sonnent pas" in answer.text
    assert newsroom.matching.watched == {(scope, "Jeanne <Exemple>")}
    assert await newsroom.followed(Target(ADA.id)) == [scope]
    assert "déjà guetté" in (await newsroom.ask(ADA, "/watch jeanne <EXEMPLE>")).text
    await newsroom.press(ADA, answer, "Annuler")
    assert answer.text == "Je ne guette plus Jeanne <Exemple>."
    assert newsroom.matching.watched == set()
    assert await newsroom.followed(Target(ADA.id)) == []


async def test_the_answer_says_how_a_name_is_read(newsroom: Newsroom) -> None:
    assert "nom de famille" in (await newsroom.ask(ADA, "/watch Bajjou")).text
    assert "comme une organisation" in (await newsroom.ask(ADA, "/watch Bourriquet & Fils SARL")).text
    assert "prénom courant" in (await newsroom.ask(ADA, "/watch Mohamed")).text
    assert "Quel nom ?" in (await newsroom.ask(ADA, "/watch")).text
    async with newsroom.database.transaction() as tx:
        await subscribe(tx, Target(ADA.id), list_scope("justice"), NOW(), ADA.id)
    assert "Déjà dans « Justice France–Maroc »" in (await newsroom.ask(ADA, "/watch Mohamed Amra")).text
    answer = await newsroom.ask(ADA, "/watch Bingui")
    assert "C’est peut-être Félix Bingui, déjà dans « Justice France–Maroc », suivie ici." in answer.text


async def test_the_answer_says_what_it_accepts_and_refuses(newsroom: Newsroom) -> None:
    lines = (await newsroom.ask(ADA, "/watch Ysolde Durand")).text.splitlines()
    starts = ("J’accepte ", "À vérifier, sans sonner ", "Je refuse ", "⚠️ ")
    [accepts, checks, refuses, caution] = [line for line in lines if line.startswith(starts)]
    assert "DURAND Ysolde" in accepts
    assert "Durand (nom de famille fréquent)" in checks
    assert "Ysolde (prénom seul)" in refuses
    assert caution.startswith("⚠️ « Durand » est un nom fréquent")


async def test_foreign_spellings_stand_isolated(newsroom: Newsroom) -> None:
    assert "\u2068كريم يوسف\u2069" in (await newsroom.ask(ADA, "/watch Karim Youssef")).text
    assert "\u2068كريم\u2069 (prénom seul)" in (await newsroom.ask(ADA, "/watch كريم يوسف")).text


async def test_unwatch_by_name_or_by_button(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await save_chat(tx, StoredChat(ADA.id, "private", "Ada"), NOW())
        for who in ("Jeanne Exemple", "Paul Exemple", "Marie Exemple"):
            await names.add_name(tx, WatchedName(chat_scope(Target(ADA.id)), who, Entity(who)), NOW(), ADA.id)
    assert "plus Paul Exemple" in (await newsroom.ask(ADA, "/unwatch paul exemple")).text
    choice = await newsroom.ask(ADA, "/unwatch")
    assert [row[0]["text"] for row in choice.buttons] == ["✗ Jeanne Exemple", "✗ Marie Exemple"]
    data = choice.button("Jeanne")
    await newsroom.press_data(ADA, choice, data)
    assert choice.text == "Je ne guette plus Jeanne Exemple."
    await newsroom.press_data(ADA, choice, data)
    assert choice.text == "Ce nom n’est plus guetté."
    assert "• Marie Exemple" in (await newsroom.ask(ADA, "/list")).text


# --- Groups, topics, channels ---------------------------------------------------------------------------------------


async def test_in_a_group_only_its_administrators_change_anything(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup", admins={ADMIN.id})
    assert "Je guette" in (await newsroom.ask(ADMIN, f"/watch@{BOT_NAME} Jeanne Exemple", group)).text
    for asking in (ADA, EVE):  # a member of the bot, a stranger who is in the group
        assert (await newsroom.ask(asking, "/watch Paul Exemple", group)).text == text("fr", "access.group-admins")
    page = await newsroom.ask(EVE, "/watchlists", group)
    assert await newsroom.press(EVE, page, "Justice") == text("fr", "access.group-admins")
    assert await newsroom.followed(Target(-200)) == [chat_scope(Target(-200))]


async def test_what_a_group_asked_is_done_though_telegram_stumbles_over_who_asks(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup", admins={ADMIN.id})
    newsroom.botapi.fail_next("getChatMember", 502)
    assert "Je guette" in (await newsroom.ask(ADMIN, "/watch Jeanne Exemple", group)).text
    page = await newsroom.ask(ADMIN, "/watchlists", group)
    newsroom.botapi.fail_next("getChatMember", 502)
    assert await newsroom.press(ADMIN, page, "Justice") is None
    assert list_scope("justice") in await newsroom.followed(Target(-200))


async def test_an_anonymous_administrator_counts(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup")
    assert (await newsroom.ask(EVE, "/watch Jeanne Exemple", group, anonymous=True)).text == text(
        "fr", "access.refused"
    )
    newsroom.botapi.adds(ADA, group)
    await newsroom.botapi.until(lambda: "administrateur du groupe choisit" in newsroom.botapi.texts(-200)[-1])
    assert "Je guette" in (await newsroom.ask(EVE, "/watch Jeanne Exemple", group, anonymous=True)).text


async def test_a_topic_has_subscriptions_of_its_own(newsroom: Newsroom) -> None:
    forum = newsroom.botapi.chat(-100, "supergroup", topics={12}, admins={ADMIN.id})
    assert (await newsroom.ask(ADMIN, "/subscribe justice", forum, topic=12)).topic_id == 12
    general = await newsroom.ask(ADMIN, "/watch Jeanne Exemple", forum)
    assert general.topic_id == 0
    assert await newsroom.followed(Target(-100, 12)) == [list_scope("justice")]
    assert await newsroom.followed(Target(-100)) == [chat_scope(Target(-100))]
    page = await newsroom.ask(ADMIN, "/watchlists", forum, topic=12)
    await newsroom.press(ADMIN, page, "Rédaction seule")
    assert await newsroom.followed(Target(-100, 12)) == [list_scope("justice"), list_scope("desk")]


async def test_a_channel_is_served_once_somebody_with_access_added_the_bot(newsroom: Newsroom) -> None:
    channel = newsroom.botapi.chat(-500, "channel")
    newsroom.botapi.adds(ADA, channel, status="administrator")
    await newsroom.settle()
    newsroom.botapi.posts(channel, "/subscribe justice")
    await newsroom.botapi.until(lambda: newsroom.botapi.sent_to(-500))
    assert await newsroom.followed(Target(-500)) == [list_scope("justice")]


async def test_another_bots_command_is_left_alone(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "group", admins={ADMIN.id})
    newsroom.botapi.says(ADMIN, "/list@some_other_bot", group)
    answer = await newsroom.ask(ADMIN, "/list", group)
    assert newsroom.botapi.sent_to(-200) == [answer]


# --- Coming and going -----------------------------------------------------------------------------------------------


async def test_a_block_pauses_the_chat_and_start_brings_it_back(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    newsroom.botapi.blocks(ADA)
    await newsroom.settle()
    assert await newsroom.state(ADA.id) == "paused"
    newsroom.botapi.unblocks(ADA)
    await newsroom.settle()
    assert await newsroom.state(ADA.id) == "active"


async def test_a_group_that_moves_keeps_what_it_follows(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "group", admins={ADMIN.id})
    await newsroom.ask(ADMIN, "/watch Jeanne Exemple", group)
    newsroom.botapi.migrates(group, -1002)
    await newsroom.settle()
    assert await newsroom.state(-200) == "moved"
    moved = chat_scope(Target(-1002))
    assert newsroom.matching.watched == {(moved, "Jeanne Exemple")}
    assert await newsroom.followed(Target(-1002)) == [moved]
    assert newsroom.botapi.sent_to(-200)[1:] == []


# --- Presses --------------------------------------------------------------------------------------------------------


async def test_a_press_that_comes_too_late_still_works_and_does_no_harm(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/watchlists")
    newsroom.botapi.presses(ADA, page, page.button("Justice"))
    newsroom.botapi.expire_presses()
    await newsroom.botapi.until(lambda: page.edits == 1)
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]


async def test_a_press_that_cannot_be_answered_still_works(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/watchlists")
    newsroom.botapi.fail_next("answerCallbackQuery", 502)
    newsroom.botapi.presses(ADA, page, page.button("Justice"))
    await newsroom.botapi.until(lambda: page.edits == 1)
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]


@pytest.mark.parametrize(
    "data",
    ["", "nonsense", "follow:", "follow:nothing:x", "unwatch:0", "lists:-1", "lists:999", "why:", "why:0", "why:x"],
)
async def test_a_forged_press_changes_nothing(newsroom: Newsroom, data: str) -> None:
    page = await newsroom.ask(ADA, "/watchlists")
    await newsroom.press_data(ADA, page, data)
    assert await newsroom.followed(Target(ADA.id)) == []
    assert newsroom.botapi.open_presses == set()


async def test_a_failure_is_said_to_whoever_asked(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await tx.exec_driver_sql("DROP TABLE watched_names")
    assert (await newsroom.ask(ADA, "/list")).text == text("fr", "error")
