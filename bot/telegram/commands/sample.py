"""/test: what an alert looks like here. Nothing is stored, nothing was found."""

from __future__ import annotations

from bot.telegram.desk import Desk, Visit
from bot.telegram.digest_screen import Reader
from bot.telegram.render import Rendered
from bot.telegram.sample_screen import render_sample
from bot.telegram.screens import said

EXPLAINED = frozenset({"mute", "why"})
"""The buttons with words of their own; the others, of verdicts, share theirs."""


async def sample(_: Desk, visit: Visit, __: str) -> Rendered:
    return render_sample(Reader(visit.language, visit.timezone, visit.now))


async def press_sample(desk: Desk, visit: Visit, button: str) -> Rendered:
    """What the button of a real alert would have done; `show` is the sample itself."""
    if button == "show":
        return await sample(desk, visit, "")
    return said(visit.language, f"sample.button.{button if button in EXPLAINED else 'verdict'}")
