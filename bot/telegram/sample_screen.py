"""A made-up alert that shows how alerts look in a chat, marked as one; its buttons explain themselves. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.matching.reasons import explain
from bot.model import AlertView, Mention, Outlet, Priority, Reason, Tier, list_scope
from bot.telegram.digest_screen import Reader
from bot.telegram.markup import plain
from bot.telegram.render import Button, Rendered, render_alert
from bot.texts import text

SAMPLE = "sample"
"""The prefix of its buttons."""


def render_sample(reader: Reader) -> Rendered:
    """As a real one would look here now, with the reasons of its match below."""
    language = reader.language
    alert = render_alert(_view(reader), delivery_id=0, language=language, timezone=reader.timezone, now=reader.now)
    reasons = (plain(explain(each, language)).markup for each in _reasons(language))
    lines = [
        f"<b>{text(language, 'sample.title')}</b>",
        "",
        alert.html,
        "",
        f"<i>{text(language, 'sample.why')}</i>",
        *(f"• {each}" for each in reasons),
    ]
    rows = tuple(tuple(_explaining(each) for each in row) for row in alert.buttons)
    return Rendered("\n".join(lines), rows)


def _explaining(button: Button) -> Button:
    verb = (button.data or "").partition(":")[0]
    return replace(button, data=f"{SAMPLE}:{verb}")


def _view(reader: Reader) -> AlertView:
    language = reader.language
    spelling = text(language, "sample.spelling")
    sentence = text(language, "sample.sentence", name=spelling)
    at = sentence.index(spelling)
    mention = Mention(
        shown=text(language, "sample.name"),
        spelling=spelling,
        priority=Priority.NORMAL,
        tier=Tier.CERTAIN,
        score=93,
        sentence=sentence,
        sentence_start=at,
        sentence_end=at + len(spelling),
        reasons=_reasons(language),
        scope=list_scope(SAMPLE),
    )
    outlet = Outlet(
        title=text(language, "sample.headline"),
        name=text(language, "sample.outlet"),
        url="https://example.com/",
        published_at=reader.now - timedelta(minutes=3),
        language=language,
    )
    return AlertView((mention,), (), (outlet,), (text(language, "sample.list"),))


def _reasons(language: str) -> tuple[Reason, ...]:
    words = {"text": text(language, "sample.spelling"), "name": text(language, "sample.name")}
    return (Reason("full-name"), Reason("sounds-alike", words))
