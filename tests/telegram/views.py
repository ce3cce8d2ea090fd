"""Situations that alerts are made of, as functions to combine. All people but those of the sample list are invented."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model import AlertView, Mention, Outlet, Priority, Tier, list_scope

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
JUSTICE = list_scope("justice")
HEADLINE = "Gérald Darmanin de retour à Rabat, lundi et mardi"
SENTENCE = (
    "Au menu des discussions : le Franco-Marocain Badis Bajou, soupçonné d’avoir commandité plusieurs enlèvements."
)


def mention(
    shown: str = "Badiss Mohammed Bajjou",
    spelling: str = "Badis Bajou",
    sentence: str = SENTENCE,
    *,
    tier: Tier = Tier.CERTAIN,
    score: int = 92,
) -> Mention:
    start = sentence.find(spelling)
    return Mention(shown, spelling, Priority.NORMAL, tier, score, sentence, start, start + len(spelling), (), JUSTICE)


def outlet(
    name: str = "Média A",
    url: str | None = "https://exemple.fr/a",
    *,
    title: str = HEADLINE,
    at: datetime = datetime(2026, 2, 3, 8, 42, tzinfo=UTC),
    language: str | None = "fr",
) -> Outlet:
    return Outlet(title, name, url, at, language)


def alert(
    *mentions: Mention,
    outlets: tuple[Outlet, ...] = (outlet(),),
    also: tuple[str, ...] = ("Mohamed Amra", "Félix Bingui", "Gérald Darmanin"),
    watchlists: tuple[str, ...] = ("Justice France–Maroc",),
    reply_to_story: bool = False,
) -> AlertView:
    return AlertView(mentions or (mention(),), also, outlets, watchlists, reply_to_story)
