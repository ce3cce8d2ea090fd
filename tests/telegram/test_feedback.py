"""Right person, other person: what they teach, in which chat, how it is undone and how it comes into the watchlist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import LessonKind, Target, list_scope
from bot.storage import schema
from bot.storage.chats import Chat, save_chat
from bot.storage.database import insert
from bot.storage.subscriptions import subscribe
from bot.storage.wishes import wishes_of
from bot.telegram.feedback_screen import choice_of
from bot.texts import text
from tests.botapi import Sent, User
from tests.telegram.newsroom import ADA, ADMIN, Newsroom

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
JUSTICE = list_scope("justice")
TEXT = "L’attaquante Sofia Amra marque un penalty en finale du championnat."


async def _row(tx: AsyncConnection, table: Any, **values: Any) -> None:
    await tx.execute(insert(tx, table).values(values))


async def told(newsroom: Newsroom, user: User, names: tuple[str, ...] = ("Mohamed Amra",)) -> Sent:
    """An alert about a namesake that somebody got, and a message of ours to press buttons under."""
    newsroom.botapi.says(user, "hello")
    await newsroom.botapi.until(lambda: newsroom.botapi.sent_to(user.id))
    message = newsroom.botapi.sent_to(user.id)[-1]
    async with newsroom.database.transaction() as tx:
        await save_chat(tx, Chat(user.id, "private", user.first_name), NOW)
        await subscribe(tx, Target(user.id), JUSTICE, NOW, user.id)
        await _row(
            tx, schema.feeds, id="a", url_digest="0", title="Média A", tags=[], active=True, state="ok",
            next_poll_at=NOW,
        )  # fmt: skip
        await _row(
            tx, schema.articles, id=1, feed_id="a", title="Finale", text=TEXT, language="fr", published_at=NOW,
            dated=True, seen_at=NOW, digest="0" * 32, state="done",
        )  # fmt: skip
        await _row(tx, schema.stories, id=1, title="Finale", first_at=NOW, last_at=NOW)
        await _row(tx, schema.alerts, id=1, story_id=1, sequence=1, article_id=1, created_at=NOW)
        start = TEXT.index("Amra")
        for name in names:
            await _row(
                tx, schema.matches, article_id=1, scope=JUSTICE, name_id=name, alias=name, text="Amra", field="text",
                start=start, end=start + 4, score=74, tier="possible", reasons=[],
            )  # fmt: skip
        await _row(
            tx, schema.deliveries, id=5, alert_id=1, chat_id=user.id, topic_id=0, state="held", why="possible",
            tier="possible", priority="normal", names=[[JUSTICE, name] for name in names], due_at=NOW, created_at=NOW,
        )  # fmt: skip
    return message


async def lessons(newsroom: Newsroom, user: User) -> list[tuple[LessonKind, str]]:
    async with newsroom.database.read() as connection:
        wishes = await wishes_of(connection, [Target(user.id)], NOW, newsroom.desk.timezone)
    return [(each.kind, each.value) for each in wishes[Target(user.id)].lessons]


async def fate(newsroom: Newsroom) -> tuple[str, str | None]:
    async with newsroom.database.read() as connection:
        row = (await connection.execute(select(schema.deliveries))).one()
    return row.state, row.why


def last(newsroom: Newsroom, user: User = ADA) -> Sent:
    return newsroom.botapi.sent_to(user.id)[-1]


async def test_other_person_offers_what_stands_there(newsroom: Newsroom) -> None:
    await newsroom.press_data(ADA, await told(newsroom, ADA), "other:5")
    asked = last(newsroom)
    assert (
        asked.text
        == "Une autre personne que Mohamed Amra, écrite « Amra ». Que dois-je retenir, pour cette discussion ?"
    )
    labels = [each["text"] for row in asked.buttons for each in row]
    assert labels[:2] == ["Cet article seulement", "Prénom « Sofia »"]
    assert "Articles avec « penalty »" in labels
    assert labels[-1] == "Un autre mot …"
    assert await lessons(newsroom, ADA) == []


@pytest.mark.parametrize(
    ("label", "lesson"),
    [
        ("Cet article seulement", (LessonKind.ARTICLE, "")),
        ("Prénom « Sofia »", (LessonKind.GIVEN, "Sofia")),
        ("Articles avec « penalty »", (LessonKind.WORD, "penalty")),
    ],
)
async def test_what_was_chosen_is_learnt_here_and_can_be_undone(
    newsroom: Newsroom, label: str, lesson: tuple[LessonKind, str]
) -> None:
    await newsroom.press_data(ADA, await told(newsroom, ADA), "other:5")
    await newsroom.press(ADA, last(newsroom), label)
    assert await lessons(newsroom, ADA) == [lesson]
    assert await lessons(newsroom, ADMIN) == []
    assert await fate(newsroom) == ("suppressed", "other-person")
    assert "pour cette discussion seulement" in last(newsroom).text
    assert "Pour tous : dans la liste" not in [each["text"] for row in last(newsroom).buttons for each in row]
    await newsroom.press(ADA, last(newsroom), "Annuler")
    assert last(newsroom).text == "C’est oublié."
    assert await lessons(newsroom, ADA) == []


async def test_a_word_of_ones_own_is_asked_for_and_heard(newsroom: Newsroom) -> None:
    await newsroom.press_data(ADA, await told(newsroom, ADA), "other:5")
    await newsroom.press(ADA, last(newsroom), "Un autre mot …")
    question = last(newsroom)
    assert question.asks
    learnt = await newsroom.ask(ADA, "  football ", reply_to=question)
    assert learnt.text.startswith("Avec le mot « football » : ce n’est pas Mohamed Amra")
    assert await lessons(newsroom, ADA) == [(LessonKind.WORD, "football")]


@pytest.mark.parametrize("word", ["le", "avec", "2026", "…"])
async def test_a_word_that_tells_nobody_from_nobody_is_refused(newsroom: Newsroom, word: str) -> None:
    await newsroom.press_data(ADA, await told(newsroom, ADA), "other:5")
    await newsroom.press(ADA, last(newsroom), "Un autre mot …")
    refused = await newsroom.ask(ADA, word, reply_to=last(newsroom))
    assert refused.text == text("fr", "feedback.weak-word", word=word)
    assert await lessons(newsroom, ADA) == []


@pytest.mark.parametrize("choice", ["w0", choice_of("goal"), "z", "g:g"])
async def test_a_choice_that_is_offered_no_more_teaches_nothing(newsroom: Newsroom, choice: str) -> None:
    message = await told(newsroom, ADA)
    await newsroom.press_data(ADA, message, f"teach:5:0:{choice}")
    assert await lessons(newsroom, ADA) == []


async def test_right_person_confirms_the_spelling(newsroom: Newsroom) -> None:
    message = await told(newsroom, ADA)
    for _ in range(2):  # said twice, learnt once
        await newsroom.press_data(ADA, message, "right:5")
        assert last(newsroom).text.startswith("« Amra » est bien Mohamed Amra")
    assert await lessons(newsroom, ADA) == [(LessonKind.SPELLING, "Amra")]


async def test_of_several_names_one_is_asked_for(newsroom: Newsroom) -> None:
    await newsroom.press_data(ADA, await told(newsroom, ADA, ("Mohamed Amra", "Félix Bingui")), "other:5")
    assert last(newsroom).text == "De qui s’agit-il ?"
    await newsroom.press(ADA, last(newsroom), "Félix Bingui")
    assert "Une autre personne que Félix Bingui" in last(newsroom).text


async def test_nobody_judges_an_alert_of_another_chat(newsroom: Newsroom) -> None:
    await told(newsroom, ADA)
    page = await newsroom.ask(ADMIN, "/list")
    for data in ("other:5", "right:5", "teach:5:0:a"):
        await newsroom.press_data(ADMIN, page, data)
    async with newsroom.database.read() as connection:
        assert (await connection.execute(select(schema.verdicts))).all() == []


async def test_what_was_learnt_is_listed_and_forgotten_by_number(newsroom: Newsroom) -> None:
    message = await told(newsroom, ADA)
    await newsroom.press_data(ADA, message, "teach:5:0:a")
    await newsroom.press_data(ADA, message, "teach:5:0:g")
    await newsroom.press_data(ADA, message, "lessons:0")
    assert message.text.splitlines()[:2] == [
        "Ce que vous m’avez appris ici",
        "1. « Sofia » devant le nom : ce n’est pas Mohamed Amra · " + message.text.splitlines()[1].rpartition(" · ")[2],
    ]
    await newsroom.press(ADA, message, "✗ 1")
    assert await lessons(newsroom, ADA) == [(LessonKind.ARTICLE, "")]


# --- Into the watchlist -----------------------------------------------------------------------------------------------

YAML = "title: Justice France–Maroc\nnames:\n  - Mohamed Amra  # évadé\n  - Félix Bingui\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "justice.yaml"
    written.write_text(YAML, encoding="utf-8")
    return written


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ("right:5", "Amra"),
        ("teach:5:0:g", "Sofia Amra"),
        (f"teach:5:0:{choice_of('penalty')}", "not_context: [penalty]"),
    ],
)
async def test_an_admin_writes_a_lesson_into_the_watchlist(
    newsroom: Newsroom, file: Path, data: str, written: str
) -> None:
    message = await told(newsroom, ADMIN)
    await newsroom.press_data(ADMIN, message, data)
    learnt = last(newsroom, ADMIN) if data.startswith("right") else message
    await newsroom.press(ADMIN, learnt, "Pour tous : dans la liste")
    assert learnt.text == "✓ Écrit dans la liste : cela vaut maintenant pour tous ceux qui la suivent."
    after = file.read_text("utf-8")
    assert written in after
    assert "# évadé" in after
    assert after.endswith("  - Félix Bingui\n")
    async with newsroom.database.read() as connection:
        [logged] = (await connection.execute(select(schema.admin_log))).all()
        verdict = (await connection.execute(select(schema.verdicts))).one()
    assert (logged.user_id, logged.action) == (ADMIN.id, "promote")
    assert verdict.promoted_by == ADMIN.id


async def test_a_name_with_an_id_is_promoted_by_its_surname(newsroom: Newsroom, file: Path) -> None:
    message = await told(newsroom, ADMIN)
    file.write_text(YAML.replace("Mohamed Amra", "{name: Mohamed Amra, id: amra-2}"), encoding="utf-8")
    async with newsroom.database.transaction() as tx:
        for table in (schema.matches, schema.watched_names):
            await tx.execute(update(table).where(table.c.name_id == "Mohamed Amra").values(name_id="amra-2"))
        await tx.execute(update(schema.deliveries).values(names=[[JUSTICE, "amra-2"]]))
    await newsroom.press_data(ADMIN, message, "teach:5:0:g")
    await newsroom.press(ADMIN, message, "Pour tous : dans la liste")
    assert "Sofia Amra" in file.read_text("utf-8")


async def test_a_member_writes_nothing_and_a_file_that_is_gone_is_said(newsroom: Newsroom, file: Path) -> None:
    message = await told(newsroom, ADA)
    await newsroom.press_data(ADA, message, "teach:5:0:g")
    await newsroom.press_data(ADA, message, "promote:1")
    assert message.text == "Cette commande est réservée aux administrateurs du bot."
    assert file.read_text("utf-8") == YAML
    file.unlink()
    async with newsroom.database.transaction() as tx:
        await tx.execute(update(schema.verdicts).values(chat_id=ADMIN.id))
    page = await newsroom.ask(ADMIN, "/list")
    await newsroom.press_data(ADMIN, page, "promote:1")
    assert page.text.startswith("La liste n’a pas pu être modifiée : ")


async def test_what_is_no_number_does_no_harm(newsroom: Newsroom) -> None:
    message = await told(newsroom, ADA)
    for data in (
        f"right:{10**30}",
        f"unlearn:{10**30}",
        f"why:{10**30}",
        f"lessons:{10**30}",
        "right:x",
        "other:",
        "teach:5:9:w9",
        "unlearn:x",
        "promote:",
        "lessons:x",
        "teach:5:0:g:g",
    ):
        await newsroom.press_data(ADA, message, data)
