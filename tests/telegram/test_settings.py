"""The settings, typed and by buttons: what they change, who may, and what late or simultaneous presses do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.model import Preferences, Priority, Quiet, Rhythm, Rings, Target, chat_scope, list_scope
from bot.storage import names, wishes
from bot.storage.chats import Chat, chat_of
from bot.storage.database import insert
from bot.storage.schema import alerts, articles, deliveries, feeds, stories
from bot.storage.subscriptions import priorities_of
from bot.telegram.digest_screen import Reader
from bot.telegram.handlers import PRESSES
from bot.telegram.settings_screen import Situation, settings_page
from bot.texts import LANGUAGES, text
from tests import telegram_html
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom

HERE = Target(ADA.id)
NIGHT = Quiet(time(22), time(7))


async def wanted(newsroom: Newsroom, target: Target = HERE) -> Preferences:
    async with newsroom.database.read() as connection:
        return await wishes.preferences_of(connection, target)


async def chat(newsroom: Newsroom) -> Chat:
    async with newsroom.database.read() as connection:
        found = await chat_of(connection, ADA.id)
    assert found is not None
    return found


async def next_digest_at(newsroom: Newsroom) -> datetime | None:
    async with newsroom.database.read() as connection:
        return await wishes.next_digest_of(connection, HERE)


def labels(message: Sent) -> list[str]:
    return [each["text"] for row in message.buttons for each in row]


# --- Commands -------------------------------------------------------------------------------------------------------


async def test_quiet_hours(newsroom: Newsroom) -> None:
    assert "aucune, je sonne à toute heure" in (await newsroom.ask(ADA, "/quiet")).text
    assert "Nuit : 22 h–7 h, gardé jusqu’au matin" in (await newsroom.ask(ADA, "/quiet 22h-7h")).text
    assert (await wanted(newsroom)).quiet == NIGHT
    assert "envoyé sans le son" in (await newsroom.ask(ADA, "/quiet 22:00-07:00 silent")).text
    assert "Rien n’a changé" in (await newsroom.ask(ADA, "/quiet <b>demain</b>")).text
    page = await newsroom.ask(ADA, "/quiet")
    assert "✓ Envoyer sans le son" in labels(page)
    await newsroom.press(ADA, page, "23–7")
    assert (await wanted(newsroom)).quiet == Quiet(time(23), time(7), held=False)
    await newsroom.press(ADA, page, "Garder")
    assert (await wanted(newsroom)).quiet == Quiet(time(23), time(7))
    await newsroom.ask(ADA, "/quiet off")
    assert (await wanted(newsroom)).quiet is None
    await newsroom.press(ADA, page, "Envoyer")  # a stale menu
    assert (await wanted(newsroom)).quiet is None


async def test_digests_typed_and_pressed(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/digest daily 18:30")
    assert "Revue : chaque jour à 18 h 30\nProchaine revue : " in page.text
    await newsroom.press(ADA, page, "chaque heure")
    assert (await wanted(newsroom)).digest is Rhythm.HOURLY
    await newsroom.press(ADA, page, "dans la revue")
    assert (await wanted(newsroom)).rings is Rings.DIGEST
    # Nothing may wait for a digest that never comes.
    await newsroom.press(ADA, page, "aucune")
    assert await wanted(newsroom) == Preferences(digest=Rhythm.OFF, digest_at=time(18, 30))
    assert await next_digest_at(newsroom) is None
    await newsroom.press(ADA, page, "dans la revue")
    assert await wanted(newsroom) == Preferences(rings=Rings.DIGEST, digest_at=time(18, 30))
    assert "Je ne comprends pas « 25 h »" in (await newsroom.ask(ADA, "/digest 25 h")).text


async def test_a_zone_moves_the_next_digest(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/digest 08:00")
    page = await newsroom.ask(ADA, "/timezone new yrok")
    assert labels(page)[0] == "New York"
    assert (await chat(newsroom)).timezone is None
    await newsroom.press(ADA, page, "New York")
    assert (await chat(newsroom)).timezone == "America/New_York"
    moved = await next_digest_at(newsroom)
    assert moved is not None
    assert moved.astimezone(ZoneInfo("America/New_York")).hour == 8
    assert "ni ville ni pays « xyzzy »" in (await newsroom.ask(ADA, "/timezone xyzzy")).text
    assert "(Europe/Paris)" in (await newsroom.ask(ADA, "/timezone europe/paris")).text


@pytest.mark.parametrize("typed", ["casablanca", "Maroc", "الدار البيضاء", "Rabat"])
async def test_a_place_of_one_zone_is_set_at_once(newsroom: Newsroom, typed: str) -> None:
    assert "Africa/Casablanca" in (await newsroom.ask(ADA, f"/timezone {typed}")).text
    assert (await chat(newsroom)).timezone == "Africa/Casablanca"


async def test_a_place_of_several_zones_is_asked_about(newsroom: Newsroom) -> None:
    assert "laquelle de ces heures" in (await newsroom.ask(ADA, "/timezone États-Unis")).text
    async with newsroom.database.read() as connection:
        assert await chat_of(connection, ADA.id) is None


@pytest.mark.parametrize(
    ("typed", "code"), [("en", "en"), ("anglais", "en"), ("العربية", "ar"), ("Arabe", "ar"), ("FRENCH", "fr")]
)
async def test_languages_by_any_of_their_names(newsroom: Newsroom, typed: str, code: str) -> None:
    answer = await newsroom.ask(ADA, f"/language {typed}")
    assert answer.text.startswith(text(code, "settings.language"))
    assert (await chat(newsroom)).language == code


async def test_a_language_that_we_do_not_speak(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/language klingon")
    assert page.text.startswith("Je ne parle pas « klingon ».")
    await newsroom.press(ADA, page, "English")
    assert page.text.startswith("Language: English")


# --- The page of settings -------------------------------------------------------------------------------------------


async def test_the_page_says_everything_and_every_button_leads_back(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/subscribe justice")
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    await newsroom.ask(ADA, "/quiet 22-7")
    await newsroom.ask(ADA, "/mute bingui 7d")
    page = await newsroom.ask(ADA, "/settings")
    assert page.text.startswith("Réglages · cette discussion\nSuivi : 1 liste, 1 nom · Sonne : tout de suite\n")
    assert "Revue : chaque jour à 8 h · Exigence : normale · Rappel : jamais" in page.text
    assert "Heure : Paris · Français · prochaine revue " in page.text
    own = labels(page)
    # Their prefixes are served by nobody yet, or by whoever adds them.
    assert own[:7] == [
        "Noms et listes (2)", "Urgence par nom", "Nuit : 22–7", "Revue : 8 h", "Exigence : normale", "Rappel : non",
        "Sourdines (1)",
    ]  # fmt: skip
    assert ("Appris ici (0)" in own) is ("lessons" in PRESSES)
    assert ("Mes données" in own) is ("mydata" in PRESSES)
    for label in own[:7]:
        await newsroom.press(ADA, page, label)
        assert labels(page) != own
        await newsroom.press(ADA, page, "‹ Réglages")
        assert labels(page) == own


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_every_button_there_are_two_a_row(language: str) -> None:
    now = Situation(Preferences(quiet=NIGHT, ring_at_outlets=5), 1, 2, 1, 2, NOW() + timedelta(days=1))
    shown = settings_page(
        now, Reader(language, ZoneInfo("Europe/Paris"), NOW()), {"settings", "mutes", "lessons", "mydata"}
    )
    assert [len(row) for row in shown.buttons] == [2, 2, 2, 2, 2]
    assert telegram_html.parse(shown.html).text


async def test_what_was_read_stays_where_settings_are_opened_beside_it(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/help")
    await newsroom.press(ADA, page, "Réglages")
    assert page.edits == 0
    assert newsroom.botapi.texts(ADA.id)[-1].startswith("Réglages · cette discussion")
    await newsroom.press_data(ADA, page, "adjust:digest")  # the button of a digest
    assert page.edits == 0
    assert newsroom.botapi.texts(ADA.id)[-1].startswith("Revue : chaque jour à 8 h")


async def test_names_are_let_go_from_the_settings(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    page = await newsroom.ask(ADA, "/settings")
    for label in ("Noms et listes", "Retirer un nom", "✗ Jeanne"):
        await newsroom.press(ADA, page, label)
    assert page.text == "Je ne guette plus Jeanne Exemple."


async def test_the_urgency_of_each_name(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/subscribe justice")
    page = await newsroom.ask(ADA, "/settings")
    await newsroom.press(ADA, page, "Urgence par nom")
    first = page.button("Félix Bingui : normal")
    await newsroom.press_data(ADA, page, first)
    await newsroom.press_data(ADA, page, first)  # twice: the button says what it sets
    assert "Félix Bingui : revue" in labels(page)
    await newsroom.press(ADA, page, "Félix Bingui : revue")
    assert "Félix Bingui : urgent" in labels(page)
    async with newsroom.database.read() as connection:
        assert await priorities_of(connection, HERE) == {(list_scope("justice"), "Félix Bingui"): Priority.URGENT}


async def test_many_names_are_paged_and_stay_on_their_page(newsroom: Newsroom) -> None:
    for letter in "abcdefghi":
        await newsroom.ask(ADA, f"/watch Yseult Kervadec{letter}")
    page = await newsroom.ask(ADA, "/settings")
    await newsroom.press(ADA, page, "Urgence par nom")
    await newsroom.press(ADA, page, "Suite")
    assert labels(page) == ["Yseult Kervadeci : normal", "‹ Avant", "‹ Réglages"]
    await newsroom.press(ADA, page, "Kervadeci")
    assert labels(page)[0] == "Yseult Kervadeci : revue"


async def test_strictness_changes_how_own_names_are_looked_for(newsroom: Newsroom) -> None:
    scope = chat_scope(HERE)
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    page = await newsroom.ask(ADA, "/settings")
    await newsroom.press(ADA, page, "Exigence")

    async def thresholds() -> list[int]:
        async with newsroom.database.read() as connection:
            return [each.entity.threshold for each in await names.names_of(connection, scope)]

    newsroom.matching.watched.clear()
    await newsroom.press(ADA, page, "large")
    assert await thresholds() == [78]
    assert newsroom.matching.watched == {(scope, "Jeanne Exemple")}
    await newsroom.ask(ADA, "/watch Paul Exemple")
    assert await thresholds() == [78, 78]
    await newsroom.press(ADA, page, "stricte")
    assert await thresholds() == [85, 85]
    assert (await wanted(newsroom)).demand == "strict"


async def test_ringing_again(newsroom: Newsroom) -> None:
    page = await newsroom.ask(ADA, "/settings")
    await newsroom.press(ADA, page, "Rappel")
    await newsroom.press(ADA, page, "10")
    assert page.text.startswith("Rappel : à 10 médias")
    assert (await wanted(newsroom)).ring_at_outlets == 10
    await newsroom.press(ADA, page, "non")
    assert (await wanted(newsroom)).ring_at_outlets is None


# --- Who may, and presses that come late ----------------------------------------------------------------------------


async def test_in_a_group_everybody_sees_and_administrators_change(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup", admins={ADMIN.id})
    await newsroom.ask(ADMIN, "/subscribe justice", group)
    refusal = text("fr", "access.group-admins")
    assert (await newsroom.ask(ADA, "/quiet 22-7", group)).text == refusal
    assert "Nuit" in (await newsroom.ask(ADA, "/quiet", group)).text
    page = await newsroom.ask(ADA, "/settings", group)
    assert await newsroom.press(EVE, page, "Nuit") is None
    assert await newsroom.press(EVE, page, "22–7") == refusal
    assert (await wanted(newsroom, Target(-200))).quiet is None
    assert await newsroom.press(ADMIN, page, "22–7") is None
    assert (await wanted(newsroom, Target(-200))).quiet == NIGHT


async def test_a_topic_has_wishes_of_its_own(newsroom: Newsroom) -> None:
    forum = newsroom.botapi.chat(-100, "supergroup", topics={12}, admins={ADMIN.id})
    await newsroom.ask(ADMIN, "/quiet 22-7", forum, topic=12)
    assert (await wanted(newsroom, Target(-100, 12))).quiet == NIGHT
    assert (await wanted(newsroom, Target(-100))).quiet is None


async def test_two_administrators_press_at_once(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup", admins={ADMIN.id, ADA.id})
    page = await newsroom.ask(ADMIN, "/settings", group)
    for user, data in ((ADMIN, "set:quiet:22:00-07:00"), (ADA, "set:demand:strict"), (ADMIN, "set:quiet:22:00-07:00")):
        newsroom.botapi.presses(user, page, data)
    await newsroom.settle()
    assert await wanted(newsroom, Target(-200)) == Preferences(quiet=NIGHT, demand="strict")


@pytest.mark.parametrize(
    "data",
    [
        "settings:nothing", "settings:urgency:99999999", "settings:urgency:x", "set:", "set:quiet:x", "set:quiet:8-8",
        "set:digest:", "set:rings:x", "set:demand:85", "set:again:4", "set:again:٥", "set:urgency:x", "set:urgency:x:y:z",
        "set:language:tlh", "set:zone:../../x", "mutes:x", "mutes:99999999999999999999", "unmute:x", "unmute:99", "hush:",
        "hush:x:24h", "hush:page:x", "hush:all:x", "names:x", "stop:", "stop:no", "sample:", "sample:x",
    ],
)  # fmt: skip
async def test_a_forged_or_stale_press_changes_nothing(newsroom: Newsroom, data: str) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    page = await newsroom.ask(ADA, "/settings")
    before = await wanted(newsroom)
    await newsroom.press_data(ADA, page, data)
    assert await wanted(newsroom) == before
    assert await newsroom.followed(HERE) == [chat_scope(HERE)]
    assert text("fr", "error") not in newsroom.botapi.texts(ADA.id)


# --- What the night holds -------------------------------------------------------------------------------------------


async def held_by_the_night(newsroom: Newsroom, until: datetime) -> None:
    """An alert that quiet hours keep for Ada."""
    await newsroom.ask(ADA, "/quiet 22-7")
    at = NOW()
    one = {
        feeds: {"id": "a", "url_digest": "0", "title": "A", "tags": [], "active": True, "state": "ok", "next_poll_at": at},
        articles: {"id": 1, "feed_id": "a", "title": "Titre", "text": "", "published_at": at, "dated": True,
                   "seen_at": at, "digest": "0" * 32, "state": "done"},
        stories: {"id": 1, "title": "Titre", "first_at": at, "last_at": at},
        alerts: {"id": 1, "story_id": 1, "sequence": 1, "article_id": 1, "created_at": at},
        deliveries: {"id": 1, "alert_id": 1, "chat_id": ADA.id, "topic_id": 0, "state": "pending", "tier": "certain",
                     "priority": "normal", "names": [], "due_at": until, "bundle": "night", "created_at": at},
    }  # fmt: skip
    async with newsroom.database.transaction() as tx:
        for table, row in one.items():
            await tx.execute(insert(tx, table).values(row))


async def held(newsroom: Newsroom) -> tuple[datetime, bool, str]:
    async with newsroom.database.read() as connection:
        row = (await connection.execute(select(deliveries))).one()
    return row.due_at, row.silent, row.state


FAR = datetime(2100, 1, 1, tzinfo=UTC)


async def test_without_a_night_what_it_held_comes_at_once(newsroom: Newsroom) -> None:
    await held_by_the_night(newsroom, FAR)
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    assert (await held(newsroom))[0] == FAR
    await newsroom.ask(ADA, "/quiet off")
    due_at, silent, _ = await held(newsroom)
    assert (due_at <= NOW(), silent) == (True, False)


async def test_what_the_night_holds_follows_another_end_and_another_zone(newsroom: Newsroom) -> None:
    await held_by_the_night(newsroom, FAR)
    here = NOW().astimezone(ZoneInfo("Europe/Paris"))
    begin, end = ((here + timedelta(hours=hours)).strftime("%H:00") for hours in (-2, 3))
    await newsroom.ask(ADA, f"/quiet {begin}-{end}")
    due_at, _, _ = await held(newsroom)
    assert timedelta(hours=2) - timedelta(minutes=1) < due_at - NOW() <= timedelta(hours=3)
    await newsroom.ask(ADA, f"/quiet {begin}-{end} silent")
    due_at, silent, _ = await held(newsroom)
    assert (due_at <= NOW(), silent) == (True, True)
    await newsroom.ask(ADA, f"/quiet {begin}-{end}")
    await newsroom.ask(ADA, "/timezone Asia/Tokyo")
    assert (await held(newsroom))[0] <= NOW()


# --- Leaving and the sample -----------------------------------------------------------------------------------------


async def test_everything_stops_once_it_is_confirmed(newsroom: Newsroom) -> None:
    await held_by_the_night(newsroom, FAR)
    await newsroom.ask(ADA, "/subscribe justice")
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    page = await newsroom.ask(ADA, "/stop")
    assert "1 liste, 1 nom" in page.text
    await newsroom.press(ADA, page, "Garder")
    assert len(await newsroom.followed(HERE)) == 2
    page = await newsroom.ask(ADA, "/stop")
    await newsroom.press(ADA, page, "Tout arrêter")
    assert page.text.endswith("Pour revenir : /start")
    assert await newsroom.followed(HERE) == []
    assert newsroom.matching.watched == set()
    assert (await held(newsroom))[2] == "suppressed"
    assert await next_digest_at(newsroom) is None
    await newsroom.press_data(ADA, page, "stop:yes")  # twice does no harm
    assert (await newsroom.ask(ADA, "/stop")).text.startswith("Rien n’est suivi ici")
    await newsroom.ask(ADA, "/subscribe justice")
    assert await next_digest_at(newsroom) is not None


async def test_only_administrators_stop_a_group(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-200, "supergroup", admins={ADMIN.id})
    await newsroom.ask(ADMIN, "/subscribe justice", group)
    page = await newsroom.ask(ADMIN, "/stop", group)
    assert await newsroom.press(ADA, page, "Tout arrêter") == text("fr", "access.group-admins")
    assert await newsroom.followed(Target(-200)) == [list_scope("justice")]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_sample_says_that_it_is_one_and_its_buttons_explain(newsroom: Newsroom, language: str) -> None:
    await newsroom.ask(ADA, f"/language {language}")
    sample = await newsroom.ask(ADA, "/test")
    assert sample.text.startswith(text(language, "sample.title"))
    assert text(language, "sample.why") in sample.text
    for row in sample.buttons:
        for button in row:
            await newsroom.press_data(ADA, sample, button["callback_data"])
            assert newsroom.botapi.sent_to(ADA.id)[-1].reply_to in {0, sample.message_id}
            assert "sample" not in newsroom.botapi.texts(ADA.id)[-1]
    assert sample.edits == 0


# --- A newcomer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_from_start_alone_to_the_end(newsroom: Newsroom, told: Sent, language: str) -> None:
    """Follow a list, add a name, silence a night, ask why, and leave, by what /start shows."""
    await newsroom.ask(ADA, f"/language {language}")
    await newsroom.ask(ADA, "/unsubscribe justice")
    start = await newsroom.ask(ADA, "/start")
    for command in ("/watchlists", "/watch ", "/quiet 22:00-07:00", "/list", "/stop", "/help"):
        assert command in start.text
    await newsroom.press_data(ADA, start, "lists:0")
    await newsroom.press(ADA, start, "Justice")
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    await newsroom.ask(ADA, "/quiet 22:00-07:00")
    await newsroom.press_data(ADA, told, "why:5")
    assert "Mohamed Amra" in newsroom.botapi.texts(ADA.id)[-1]
    leave = await newsroom.ask(ADA, "/stop")
    await newsroom.press_data(ADA, leave, "stop:yes")
    assert await newsroom.followed(HERE) == []
