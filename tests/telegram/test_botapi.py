"""The stand-in itself: as strict as the documents say, so that what passes here passes there."""

from __future__ import annotations

import json

import pytest
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.telegram.bot import BotApplication
from bot.telegram.limits import Lane
from tests.botapi import BotApi, reference
from tests.botapi.people import Chat
from tests.botapi.rates import FloodControl, FloodError, Rates
from tests.corpus import CORPUS

DOCUMENTED = CORPUS.parent / "reference" / "bot-api-10.2.json"


@pytest.mark.corpus
@pytest.mark.skipif(not DOCUMENTED.is_file(), reason="the Bot API's description is not here")
@pytest.mark.parametrize("method", reference.PARAMETERS)
def test_our_table_of_parameters_agrees_with_the_documentation(method: str) -> None:
    documented = json.loads(DOCUMENTED.read_text("utf-8"))["methods"][method].get("fields", [])
    kinds = {each["name"]: reference.kind_of(each["types"]) for each in documented}
    ours = reference.PARAMETERS[method]
    assert {name: kinds.get(name) for name in ours} == ours
    assert reference.REQUIRED.get(method, set()) == {each["name"] for each in documented if each["required"]}


def test_what_no_method_knows_is_a_complaint() -> None:
    assert reference.complaints("sendMessage", {"chat_id": 1, "text": "x", "disable_sound": True})
    assert reference.complaints("sendMessage", {"chat_id": 1})
    assert reference.complaints("sendMessage", {"chat_id": "one", "text": "x"})
    assert reference.complaints("banChatMember", {})
    assert not reference.complaints("sendMessage", {"chat_id": -100, "text": "[1]", "disable_notification": True})


SAID = {
    "Bonjour <b": "can't parse entities: Unclosed start tag at byte offset 8",
    "é<p>x</p>": 'can\'t parse entities: Unsupported start tag "p" at byte offset 2',
    "<b>x</i>": 'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    "<b>x": "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    "x</b>": "can't parse entities: Unexpected end tag at byte offset 1",
    "x" * 4097: "message is too long",
    "&amp;" * 6554: "text is too long",
    "<b> </b>": "text must be non-empty",
}


@pytest.mark.parametrize("html", SAID)
async def test_texts_are_refused_in_telegrams_words(html: str, application: BotApplication, strict: BotApi) -> None:
    strict.chat(1, "private")
    with pytest.raises(BadRequest) as refused:
        await application.bot.send_message(1, html)
    assert refused.value.message.lower().removeprefix("bad request: ") == SAID[html].lower()
    assert strict.violations


@pytest.fixture
def strict(botapi: BotApi) -> BotApi:
    """Whose complaints are what the test is about."""
    botapi.violations = _Forgiven()
    return botapi


class _Forgiven(list[str]):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


async def test_uploads_arrive_and_captions_are_short(application: BotApplication, strict: BotApi) -> None:
    strict.chat(1, "private")
    await application.bot.send_photo(1, b"\x89PNG fake", caption="<b>Amra</b>", rate_limit_args=Lane.REPLY)
    await application.bot.send_document(1, b"a;b", filename="export.csv")
    photo, document = strict.sent
    assert (photo.photo, photo.text) == (b"\x89PNG fake", "Amra")
    assert (document.document, document.file_name) == (b"a;b", "export.csv")
    with pytest.raises(TelegramError, match=r"(?i)caption is too long"):
        await application.bot.send_photo(1, b"\x89PNG", caption="x" * 1025)


async def test_general_has_no_id_and_closed_topics_take_nothing(application: BotApplication, botapi: BotApi) -> None:
    forum = botapi.chat(-1001, "supergroup", topics={7, 8})
    forum.closed.add(8)
    for topic, said in [(1, "thread not found"), (9, "thread not found"), (8, "TOPIC_CLOSED")]:
        with pytest.raises(BadRequest, match=f"(?i){said}"):
            await application.bot.send_message(-1001, "x", message_thread_id=topic)


def test_limits_and_statistics() -> None:
    control = FloodControl(Rates(per_second=3, per_group_minute=2, retry_after=5))
    for chat_id in (1, 2, 3):
        control.count(Chat(chat_id, "private"), 0.0)
    with pytest.raises(FloodError) as refused:
        control.count(Chat(4, "private"), 0.5)
    assert refused.value.parameters == {"retry_after": 5}
    with pytest.raises(FloodError):
        control.count(Chat(5, "private"), 2.0)
    assert control.statistics.sent_during_retry_after == 1
    group = Chat(-1, "group")
    control.count(group, 10.0)
    control.count(group, 40.0)
    with pytest.raises(FloodError):
        control.count(group, 60.0)
    assert control.statistics.max_in_a_minute_in_a_group == 3


async def test_a_bot_wide_flood_is_everybodys(application: BotApplication, botapi: BotApi) -> None:
    botapi.chat(1, "private")
    botapi.flood_all(30)
    with pytest.raises(RetryAfter):
        await application.bot.send_message(1, "x", rate_limit_args=Lane.BROADCAST)
