"""The words for each reason. A reason is stored as its code and values only; its words stand in the catalogues."""

from __future__ import annotations

from bot.model import Reason
from bot.texts import words


def explain(reason: Reason, language: str) -> str:
    """The reason in words, its values as they are; English where the language has none."""
    return words(language, f"reason.{reason.code}").format_map(reason.values)
