"""From the mentions of one entity in one article to a verdict: the best one, its tier, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bot.given_names import given_names
from bot.matching import weights
from bot.matching.alias import Alias, Manner
from bot.matching.mentions import Mention, Reading
from bot.model import Entity, MatchField, Reason, Tier
from bot.text import fold, fold_text, sentence_around, tokens


@dataclass(frozen=True, slots=True)
class Rules:
    """What an entity says about evidence, folded once."""

    entity: Entity
    aliases: tuple[Alias, ...]
    context: frozenset[str]
    excluded: tuple[str, ...]
    excluded_context: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mention that speaks best for an entity."""

    mention: Mention
    tier: Tier
    reasons: tuple[Reason, ...]

    @property
    def rank(self) -> tuple[object, ...]:
        """Greater is better."""
        mention = self.mention
        in_title = mention.document.field is MatchField.TITLE
        return (self.tier is Tier.CERTAIN, not mention.weak, mention.score, in_title, -mention.start)


def rules_of(entity: Entity, aliases: tuple[Alias, ...]) -> Rules:
    return Rules(
        entity,
        aliases,
        frozenset(fold_text(word) for word in entity.context),
        tuple(fold_text(phrase) for phrase in entity.excluded),
        frozenset(fold_text(word) for word in entity.excluded_context),
    )


def judge(rules: Rules, readings: Sequence[Reading], words: frozenset[str], lower: frozenset[str]) -> Verdict | None:
    """The best mention that stands, or None.

    Args:
        readings: of every alias in every field.
        words: the folded words of the whole article.
        lower: those of them that stand there without a capital.
    """
    if not any(reading.mentions for reading in readings):
        return None
    mentions = [each for reading in readings for each in reading.mentions if not _is_excluded(rules, each)]
    strong = any(not each.weak and not each.doubtful for each in mentions)
    relative = not strong and any(reading.others for reading in readings)
    verdicts = []
    for mention in mentions:
        if relative and mention.weak and mention.alias.manner is Manner.FULL_NAME and not _has_initial(mention):
            continue  # the surname alone is the relative's whom the article names in full
        tier, why = _tier(rules, mention, words, lower, strong=strong)
        verdict = _measured(rules, Verdict(mention, tier, (*mention.reasons, *why)))
        if verdict:
            verdicts.append(_near_namesake(rules, verdict))
    return max((each for each in verdicts if each), key=lambda each: each.rank, default=None)


def _tier(
    rules: Rules, mention: Mention, words: frozenset[str], lower: frozenset[str], *, strong: bool
) -> tuple[Tier, Iterator[Reason]]:
    if not mention.weak:
        doubt = (Reason("check-other-name"),) if mention.doubtful else ()
        return (Tier.POSSIBLE if mention.doubtful else Tier.CERTAIN), iter(doubt)
    if strong:
        return Tier.CERTAIN, iter((Reason("named-in-full"),))
    if rules.context:
        present = sorted(word for word in rules.context if _stands_in(word, words))
        if present:
            return Tier.CERTAIN, iter((Reason("context", {"words": ", ".join(present)}),))
        return Tier.POSSIBLE, iter((Reason("no-context"),))
    doubt_code = _doubt(mention, lower)
    if doubt_code:
        return Tier.POSSIBLE, iter((Reason(doubt_code),))
    return Tier.CERTAIN, iter((Reason("asked-for" if mention.alias.manner is Manner.SURNAME else "rare-surname"),))


def _doubt(mention: Mention, lower: frozenset[str]) -> str | None:
    """Why a bare surname is not certain by itself."""
    if _has_initial(mention):
        return None
    surname = mention.alias.words[mention.alias.surname]
    if mention.doubtful:
        return "perhaps-other-person"
    if mention.alias.manner is Manner.SURNAME:
        return None
    if any(reason.code == "sounds-alike" for reason in mention.reasons):
        return "only-sounds-alike"
    if surname in given_names():
        return "also-given-name"
    if surname in frequent_surnames():
        return "frequent-surname"
    return "also-common-word" if surname in lower else None


@cache
def frequent_surnames() -> frozenset[str]:
    """Folded surnames that many people bear, and places and common words that are surnames too."""
    text = files("bot.matching").joinpath("frequent.txt").read_text(encoding="utf-8")
    return frozenset(fold(word) for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _measured(rules: Rules, verdict: Verdict) -> Verdict | None:
    missing = rules.entity.threshold - verdict.mention.score
    if missing <= 0:
        return verdict
    if missing > weights.POSSIBLE_BELOW_THRESHOLD:
        return None
    below = Reason("below-threshold", {"threshold": str(rules.entity.threshold)})
    return replace(verdict, tier=Tier.POSSIBLE, reasons=(*verdict.reasons, below))


def _near_namesake(rules: Rules, verdict: Verdict) -> Verdict | None:
    """`not_context`: a full name needs somebody to check it, anything weaker is the namesake."""
    mention = verdict.mention
    if not rules.excluded_context:
        return verdict
    nearby = mention.document.tokens[max(0, mention.first - weights.NEAR) : mention.last + weights.NEAR + 1]
    found = sorted(rules.excluded_context & {token.folded for token in nearby})
    if not found:
        return verdict
    if mention.weak:
        return None
    namesake = Reason("namesake-context", {"words": ", ".join(found)})
    return replace(verdict, tier=Tier.POSSIBLE, reasons=(*verdict.reasons, namesake))


def _is_excluded(rules: Rules, mention: Mention) -> bool:
    """`not`: one of the phrases stands in the mention's sentence."""
    if not rules.excluded:
        return False
    text = mention.document.text
    start, end = sentence_around(text, mention.start, mention.end)
    sentence = f" {' '.join(token.folded for token in tokens(text[start:end]))} "
    return any(f" {phrase} " in sentence for phrase in rules.excluded)


def _stands_in(context: str, words: frozenset[str]) -> bool:
    return all(word in words for word in context.split())


def _has_initial(mention: Mention) -> bool:
    return any(reason.code == "initial" for reason in mention.reasons)
