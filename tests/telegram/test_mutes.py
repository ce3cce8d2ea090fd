"""Muting, typed and by buttons: under an alert, from the list of what is muted, by two people at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.model import Mute, Muted, Target
from bot.storage import schema, wishes
from bot.telegram.render import alert_buttons
from bot.texts import LANGUAGES, text
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom


async def mutes(newsroom: Newsroom, target: Target) -> list[Mute]:
    async with newsroom.database.read() as connection:
        return (await wishes.current_mutes(connection, [target], NOW())).get(target, [])


def labels(message: Sent) -> list[str]:
    return [each["text"] for row in message.buttons for each in row]


@pytest.fixture
async def following(newsroom: Newsroom) -> Newsroom:
    await newsroom.ask(ADA, "/subscribe justice")
    return newsroom


# --- Commands -------------------------------------------------------------------------------------------------------


async def test_a_name_for_a_day_and_the_undo(following: Newsroom) -> None:
    answer = await following.ask(ADA, "/mute amra 24h")
    assert answer.text.startswith("🔕 Mohamed Amra · jusqu’à demain ")
    [mute] = await mutes(following, Target(ADA.id))
    assert (mute.what, mute.shown, mute.identity) == (Muted.NAME, "Mohamed Amra", "name:mohamed amra")
    assert mute.until is not None
    assert timedelta(hours=23) < mute.until - NOW() <= timedelta(hours=24)
    await following.press(ADA, answer, "Annuler")
    assert answer.text.startswith("Sourdine levée.")
    assert await mutes(following, Target(ADA.id)) == []
    await following.press_data(ADA, answer, f"unmute:{mute.id}")  # a stale press
    assert await mutes(following, Target(ADA.id)) == []


async def test_everything_until_a_time_of_day(following: Newsroom) -> None:
    assert "Toutes les alertes" in (await following.ask(ADA, "/mute all until 18:00")).text
    assert "sans limite" in (await following.ask(ADA, "/mute tout toujours")).text
    [mute] = await mutes(following, Target(ADA.id))
    assert (mute.what, mute.until) == (Muted.ALL, None)
    assert "Sourdines (0)" in (await following.ask(ADA, "/unmute all")).text


async def test_by_buttons_from_nothing(following: Newsroom) -> None:
    page = await following.ask(ADA, "/mute")
    assert labels(page) == ["Félix Bingui", "Mohamed Amra", "Tout", "Sourdines"]
    await following.press(ADA, page, "Bingui")
    assert page.text.startswith("Félix Bingui : pendant combien de temps ?")
    await following.press(ADA, page, "7 jours")
    await following.press(ADA, page, "Sourdines")
    assert page.text.startswith("Sourdines (1)\n• Félix Bingui · jusqu’au ")
    assert "0 affaire en sourdine" in page.text
    await following.press(ADA, page, "✗ Félix Bingui")
    assert "Rien n’est en sourdine." in page.text


async def test_a_name_that_is_not_followed_and_one_that_is_several(following: Newsroom) -> None:
    await following.ask(ADA, "/watch Jeanne Bingui")
    assert (await following.ask(ADA, "/mute zidane 2h")).text.startswith("« zidane » n’est pas suivi ici.")
    several = await following.ask(ADA, "/mute bingui 2h")
    assert labels(several)[:2] == ["Félix Bingui", "Jeanne Bingui"]
    assert labels(await following.ask(ADA, "/mute binguy 2h"))[0].endswith("Bingui")
    assert await mutes(following, Target(ADA.id)) == []
    assert "n’est pas en sourdine" in (await following.ask(ADA, "/unmute zidane")).text


async def test_with_nothing_followed(newsroom: Newsroom) -> None:
    assert "Aucun nom n’est suivi ici" in (await newsroom.ask(ADA, "/mute")).text


async def test_many_names_are_paged(following: Newsroom) -> None:
    for number in range(9):
        await following.ask(ADA, f"/watch Yseult Kervadec{'abcdefghi'[number]}")
    page = await following.ask(ADA, "/mute")
    await following.press(ADA, page, "Suite")
    assert len(labels(page)) == 6
    await following.press(ADA, page, "Avant")
    assert len(labels(page)) == 11


async def test_a_topic_mutes_for_itself_and_only_administrators_do(newsroom: Newsroom) -> None:
    forum = newsroom.botapi.chat(-100, "supergroup", topics={12}, admins={ADMIN.id})
    await newsroom.ask(ADMIN, "/subscribe justice", forum, topic=12)
    refusal = text("fr", "access.group-admins")
    assert (await newsroom.ask(ADA, "/mute amra 24h", forum, topic=12)).text == refusal
    page = await newsroom.ask(ADMIN, "/mute amra", forum, topic=12)
    assert await newsroom.press(EVE, page, "7 jours") == refusal
    assert await newsroom.press(ADMIN, page, "7 jours") is None
    assert [each.target for each in await mutes(newsroom, Target(-100, 12))] == [Target(-100, 12)]
    assert await mutes(newsroom, Target(-100)) == []
    # What is muted may be seen by everybody, and ended by administrators.
    shown = await newsroom.ask(ADA, "/unmute", forum, topic=12)
    assert "Mohamed Amra" in shown.text
    assert await newsroom.press(ADA, shown, "✗ Mohamed") == refusal


# --- Under an alert -------------------------------------------------------------------------------------------------


def as_alert(told: Sent) -> Sent:
    """The message with the buttons of an alert."""
    told.buttons = [
        [{"text": each.label, "callback_data": each.data} for each in row] for row in alert_buttons(5, "fr")
    ]
    return told


async def test_the_menu_opens_goes_back_and_changes_no_word(newsroom: Newsroom, told: Sent) -> None:
    alert, words = as_alert(told), told.text
    own = labels(alert)
    await newsroom.press(ADA, alert, "Faire taire")
    assert labels(alert) == ["Cette affaire", "Mohamed Amra : 24 heures", "Mohamed Amra : 7 jours", "‹ Retour"]
    await newsroom.press(ADA, alert, "Retour")
    assert labels(alert) == own
    assert alert.text == words
    assert await mutes(newsroom, Target(ADA.id)) == []


@pytest.mark.parametrize(
    ("label", "what", "undo"),
    [
        ("Cette affaire", Muted.STORY, "🔕 Cette affaire · Annuler"),
        ("24 heures", Muted.NAME, "🔕 Mohamed Amra · Annuler"),
        ("7 jours", Muted.NAME, "🔕 Mohamed Amra · Annuler"),
    ],
)
async def test_muting_from_an_alert_and_the_undo(
    newsroom: Newsroom, told: Sent, label: str, what: Muted, undo: str
) -> None:
    alert = as_alert(told)
    own = labels(alert)
    await newsroom.press(ADA, alert, "Faire taire")
    await newsroom.press(ADA, alert, label)
    assert labels(alert) == [undo, *own[:2], "Pourquoi ?"]
    [mute] = await mutes(newsroom, Target(ADA.id))
    assert (mute.what, mute.story_id) == (what, 1 if what is Muted.STORY else None)
    await newsroom.press(ADA, alert, "Annuler")
    assert labels(alert) == own
    assert await mutes(newsroom, Target(ADA.id)) == []


async def test_an_edit_of_the_alert_closes_the_menu_and_loses_no_undo(newsroom: Newsroom, told: Sent) -> None:
    alert = as_alert(told)
    await newsroom.press(ADA, alert, "Faire taire")
    await newsroom.press(ADA, alert, "24 heures")
    as_alert(told)  # as the reviser does, for another outlet
    await newsroom.press(ADA, alert, "Faire taire")
    assert labels(alert)[0] == "🔕 Mohamed Amra · Annuler"


async def test_two_people_mute_the_same_at_once(newsroom: Newsroom, told: Sent) -> None:
    alert = as_alert(told)
    newsroom.botapi.presses(ADA, alert, "mute:5:24h")
    newsroom.botapi.presses(ADA, alert, "mute:5:24h")
    await newsroom.settle()
    assert len(await mutes(newsroom, Target(ADA.id))) == 1


async def test_the_alert_of_a_closed_topic_is_muted_for_that_topic(newsroom: Newsroom, told: Sent) -> None:
    async with newsroom.database.transaction() as tx:
        await tx.execute(update(schema.deliveries).values(topic_id=12))
    alert = as_alert(told)
    await newsroom.press_data(ADA, alert, "mute:5:24h")
    assert [each.target for each in await mutes(newsroom, Target(ADA.id, 12))] == [Target(ADA.id, 12)]
    await newsroom.press(ADA, alert, "Annuler")
    assert await mutes(newsroom, Target(ADA.id, 12)) == []


async def test_an_alert_of_another_chat_is_not_muted(newsroom: Newsroom, told: Sent) -> None:
    page = await newsroom.ask(ADMIN, "/list")
    for data in ("mute:5", "mute:5:24h", "mute:999:story", "mute:", "mute:x:undo:y", "mute:5:undo:1"):
        await newsroom.press_data(ADMIN, page, data)
        assert newsroom.botapi.texts(ADMIN.id)[-1] == text("fr", "why.gone")
    assert await mutes(newsroom, Target(ADMIN.id)) == []
    assert await mutes(newsroom, Target(ADA.id)) == []


async def test_somebody_elses_mute_is_not_lifted(newsroom: Newsroom, told: Sent) -> None:
    alert = as_alert(told)
    await newsroom.press_data(ADA, alert, "mute:5:24h")
    [mute] = await mutes(newsroom, Target(ADA.id))
    page = await newsroom.ask(ADMIN, "/list")
    await newsroom.press_data(ADMIN, page, f"unmute:{mute.id}")
    assert await mutes(newsroom, Target(ADA.id)) == [mute]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_has_its_menu(newsroom: Newsroom, told: Sent, language: str) -> None:
    alert = as_alert(told)
    await newsroom.ask(ADA, f"/language {language}")
    for data in ("mute:5", "mute:5:story", "mute:5:back"):
        await newsroom.press_data(ADA, alert, data)
        assert all(labels(alert))


# --- Whatever is typed ----------------------------------------------------------------------------------------------


TYPED = st.text(max_size=80) | st.text(st.sampled_from("<b>&\"'🙂٢ \u202e\u2067amra24hd:-/"), max_size=40)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["/mute", "/digest", "/quiet", "/timezone", "/language", "/unmute", "/stop"]), TYPED)
async def test_whatever_is_typed_is_answered(newsroom: Newsroom, command: str, typed: str) -> None:
    words = f"{command} {typed}".encode(errors="ignore").decode().replace("\x00", "")
    await newsroom.ask(ADA, "/subscribe justice")
    answer = await newsroom.ask(ADA, words)
    assert answer.text
    assert answer.text not in {text(language, "error") for language in LANGUAGES}
    assert newsroom.botapi.violations == []
