"""Every word of the dashboard's pages is in the catalogues, and nothing else is there for them."""

from __future__ import annotations

import re
from pathlib import Path

from bot.health.judge import WORDS, State
from bot.model import DeliveryState, Kind, Tier
from bot.storage.vitals import FEED_STATES
from bot.texts import has_text
from tests.test_texts import KEYS

ROOM = Path(__file__).parents[2] / "bot" / "web"
TEMPLATES = {path.name: path.read_text("utf-8") for path in (ROOM / "templates").glob("*.html")}
MODULES = "".join(path.read_text("utf-8") for path in ROOM.glob("*.py"))
GAPS = ("failing", "refused", "gone", "network", "stopped", "late")
PAGES = [name.removesuffix(".html") for name in TEMPLATES if name not in {"base.html", "parts.html", "fault.html"}]
BUILT = {
    *(f"page.{page}" for page in PAGES),
    *(f"state.{state}" for state in State),
    *(f"delivery.{state}" for state in DeliveryState),
    *(f"tier.{tier}" for tier in Tier),
    *(f"kind.{kind}" for kind in Kind),
    *(f"feed.{state}" for state in FEED_STATES),
    *(f"gap.{why}" for why in GAPS),
    *(f"trouble.{code}" for code in WORDS),
    *(f"fault.{status}" for status in (404, 500, 503)),
}
"""Keys that are put together from a value."""


def asked_for() -> set[str]:
    literal = r"""\bt\(["']([a-z.-]+[a-z])["']"""
    found = {key for text in TEMPLATES.values() for key in re.findall(literal, text)}
    return found | BUILT | set(re.findall(r'said\("([a-z.-]+)"', MODULES)) | {"chart.day", "chart.day-possible"}


def test_every_word_that_a_page_asks_for_is_there() -> None:
    assert len(asked_for()) > 100
    assert {key for key in asked_for() if not has_text(f"board.{key}")} == set()


def test_no_word_is_there_that_no_page_asks_for() -> None:
    assert {key.removeprefix("board.") for key in KEYS if key.startswith("board.")} - asked_for() == set()


def test_no_page_says_anything_in_one_language_only() -> None:
    """Whatever is not markup, an expression or a sign comes from the catalogues."""
    for name, text in TEMPLATES.items():
        bare = re.sub(r"\{[{%].*?[}%]\}|<[^>]*>", " ", text, flags=re.DOTALL)
        assert set(re.findall(r"[A-Za-z]{2,}", bare)) <= {"Guetteur"}, name
