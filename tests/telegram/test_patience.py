"""How much one chat may ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.patience import MANY, WINDOW_S, Counter, Patience
from bot.texts import text
from tests.telegram.newsroom import ADA, ADMIN, EVE, Newsroom

SERVE, SAY_SO, SILENT = Patience


def test_too_much_is_said_once_and_ends_within_a_minute() -> None:
    counter = Counter(most=2)
    assert [counter.ask(1, now) for now in (0, 1, 2, 3, 59)] == [SERVE, SERVE, SAY_SO, SILENT, SILENT]
    assert counter.ask(2, 59) is SERVE  # another chat
    assert [counter.ask(1, now) for now in (60, 60.5, 61, 61.5, 62.5)] == [SERVE, SILENT, SERVE, SILENT, SAY_SO]


def test_it_says_when_the_next_is_served() -> None:
    counter = Counter(most=2)
    for now in (0, 10.5):
        assert counter.ready_in_s(1, now) == 0
        counter.ask(1, now)
    assert [counter.ready_in_s(1, now) for now in (11, 59.2, 60)] == [49, 1, 0]
    assert counter.ask(1, 60) is SERVE


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5))
def test_no_minute_holds_more_than_the_most_nor_two_complaints(waits: list[float], most: int) -> None:
    counter, now, answers = Counter(most), 0.0, []
    for wait in waits:
        now += wait
        answers.append((now, counter.ask(7, now)))
    for kind, limit in ((SERVE, most), (SAY_SO, 1)):
        times = [at for at, answer in answers if answer is kind]
        assert all(sum(at <= other < at + WINDOW_S for other in times) <= limit for at in times)


def test_chats_that_are_quiet_are_forgotten() -> None:
    counter = Counter(most=1)
    for chat_id in range(MANY):
        counter.ask(chat_id, 0)
    counter.ask(-1, WINDOW_S)
    assert counter.chats == 1


async def test_commands_and_presses_are_counted_of_admins_too(newsroom: Newsroom) -> None:
    newsroom.desk.asked = Counter(most=3)
    page = await newsroom.ask(ADMIN, "/watchlists")
    await newsroom.press_data(ADMIN, page, "lists:0")
    await newsroom.ask(ADMIN, "hello")
    told = (await newsroom.ask(ADMIN, "/help")).text
    assert told.startswith("Ce n’est pas fait : c’était plus de 3 demandes en une minute. Réessayez dans ")
    before = len(newsroom.botapi.sent)
    assert (await newsroom.press_data(ADMIN, page, "follow:justice:0") or "").startswith("Ce n’est pas fait")
    newsroom.botapi.says(ADMIN, "/list")
    await newsroom.settle()
    assert len(newsroom.botapi.sent) == before
    assert not [button for row in page.buttons for button in row if button["text"].startswith("✓")]
    assert (await newsroom.ask(ADA, "/help")).text.startswith("Suivre")


async def test_a_press_that_is_too_much_is_answered_with_the_reason(newsroom: Newsroom) -> None:
    newsroom.desk.asked = Counter(most=1)
    page = await newsroom.ask(ADA, "/watchlists")
    for _ in range(2):  # each press has to be answered
        assert (await newsroom.press_data(ADA, page, "lists:0") or "").startswith("Ce n’est pas fait")


async def test_strangers_are_not_refused_without_end(newsroom: Newsroom) -> None:
    newsroom.desk.asked = Counter(most=2)
    for command in ("/start", "/help", "/list", "/latest", "/watchlists", "/why"):
        newsroom.botapi.says(EVE, command)
    await newsroom.settle()
    *refused, told = newsroom.botapi.texts(EVE.id)
    assert refused == [text("fr", "access.refused")] * 2
    assert told.startswith("Ce n’est pas fait")
