"""From the mentions of one entity in one article to a verdict: the best one, its tier, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

from bot.given_names import given_names
from bot.known_names import known_names
from bot.matching import weights
from bot.matching.alias import Manner
from bot.matching.document import Document
from bot.matching.entry import Entry
from bot.matching.mentions import Mention, Reading
from bot.model import MatchField, Reason, Tier
from bot.text import fold, fold_text, read_word, sentence_around


class Article:
    """The words of all fields, for evidence that may stand anywhere."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents

    @cached_property
    def _folded(self) -> str:
        return "  ".join(_folded(document.words) for document in self._documents)

    def holds(self, context: str) -> bool:
        """A folded expression stands somewhere, its words side by side."""
        return f" {context} " in self._folded

    def holds_in_lower_case(self, mention: Mention) -> bool:
        """The mention's word stands somewhere without its capital: it is a common word here."""
        lower = mention.document.words[mention.last].lower()
        return any(lower in document.word_set for document in self._documents)


def _folded(words: Sequence[str]) -> str:
    """The words with a blank around each."""
    return f" {' '.join(read_word(word)[0] for word in words)} "


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mention that speaks best for an entity."""

    mention: Mention
    tier: Tier
    reasons: tuple[Reason, ...]

    @property
    def supported(self) -> bool:
        """Something beside the surname says that it is meant: an initial, the context, the full name elsewhere."""
        return any(reason.code in {"initial", "context", "named-in-full"} for reason in self.reasons)

    @property
    def confirmed(self) -> bool:
        """The article says it elsewhere, too."""
        return any(reason.code in {"context", "named-in-full"} for reason in self.reasons)

    @property
    def rank(self) -> tuple[object, ...]:
        """Greater is better. Of two aliases that are equally good the words decide, and the reasons stay the same."""
        mention = self.mention
        in_title = mention.document.field is MatchField.TITLE
        place = (in_title, -mention.start, mention.last)
        return (self.tier is Tier.CERTAIN, not mention.weak, mention.score, *place, mention.alias.words)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mention that does not stand, and what it lacks."""

    mention: Mention
    lacks: Reason


def judge(entry: Entry, reading: Reading, article: Article) -> list[Verdict]:
    """Every mention that stands, the best first."""
    judged = (each for each in judge_all(entry, reading, article) if isinstance(each, Verdict))
    return sorted(judged, key=lambda each: each.rank, reverse=True)


def judge_all(entry: Entry, reading: Reading, article: Article) -> Iterator[Verdict | Refusal]:
    """What becomes of every mention."""
    mentions = []
    for mention in reading.mentions:
        phrase = _excluding(entry, mention)
        if phrase:
            yield Refusal(mention, Reason("excluded", {"phrase": phrase}))
        else:
            mentions.append(mention)
    strong = any(not each.weak and not each.doubtful for each in mentions)
    relative = not strong and reading.others > 0
    for mention in mentions:
        if relative and mention.weak and mention.alias.manner is Manner.FULL_NAME and not _has_initial(mention):
            # The surname alone is the relative's whom the article names in full.
            yield Refusal(mention, Reason("relative"))
            continue
        tier, why = _tier(entry, mention, article, strong=strong)
        measured = _measured(entry, Verdict(mention, tier, (*mention.reasons, *why)))
        yield _near_namesake(entry, measured) if isinstance(measured, Verdict) else measured


def _tier(entry: Entry, mention: Mention, article: Article, *, strong: bool) -> tuple[Tier, Iterator[Reason]]:
    if not mention.weak:
        doubt = (Reason("check-other-name"),) if mention.doubtful else ()
        return (Tier.POSSIBLE if mention.doubtful else Tier.CERTAIN), iter(doubt)
    if strong:
        return Tier.CERTAIN, iter((Reason("named-in-full"),))
    if entry.context:
        present = sorted(word for word in entry.context if article.holds(word))
        if present:
            return Tier.CERTAIN, iter((Reason("context", {"words": ", ".join(present)}),))
        return Tier.POSSIBLE, iter((Reason("no-context"),))
    doubt_code = _doubt(mention, article)
    if doubt_code:
        return Tier.POSSIBLE, iter((Reason(doubt_code),))
    if _has_initial(mention):
        return Tier.CERTAIN, iter(())
    return Tier.CERTAIN, iter((Reason("asked-for" if mention.alias.manner is Manner.SURNAME else "rare-surname"),))


def _doubt(mention: Mention, article: Article) -> str | None:
    """Why a bare surname is not certain by itself."""
    if _has_initial(mention):
        return "perhaps-other-person" if mention.doubtful else None
    surname = mention.alias.words[mention.alias.surname]
    if mention.doubtful:
        return "perhaps-other-person"
    if mention.alias.manner is Manner.SURNAME:
        return None
    if len(surname) < weights.SHORTEST_RARE:
        return "frequent-surname"
    if any(reason.code in {"sounds-alike", "doubled", "inflected", "transliterated"} for reason in mention.reasons):
        return "only-sounds-alike"
    if surname in given_names():
        return "also-given-name"
    rare = weights.RARE_WITH_TITLE if mention.behind_title else weights.RARE
    if surname in frequent_surnames() or known_names().spread(surname) > rare:
        return "frequent-surname"
    return "also-common-word" if article.holds_in_lower_case(mention) else None


@cache
def frequent_surnames() -> frozenset[str]:
    """Folded surnames that many people bear, and places and common words that are surnames too."""
    text = files("bot.matching").joinpath("frequent.txt").read_text(encoding="utf-8")
    return frozenset(fold(word) for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _measured(entry: Entry, verdict: Verdict) -> Verdict | Refusal:
    missing = entry.entity.threshold - verdict.mention.score
    if missing <= 0:
        return verdict
    below = Reason("below-threshold", {"threshold": str(entry.entity.threshold)})
    if missing > weights.POSSIBLE_BELOW_THRESHOLD:
        return Refusal(verdict.mention, below)
    return replace(verdict, tier=Tier.POSSIBLE, reasons=(*verdict.reasons, below))


def _near_namesake(entry: Entry, verdict: Verdict) -> Verdict | Refusal:
    """`not_context`: a full name needs somebody to check it, anything weaker is the namesake."""
    mention = verdict.mention
    if not entry.excluded_context:
        return verdict
    nearby = mention.document.words[max(0, mention.first - weights.NEAR) : mention.last + weights.NEAR + 1]
    nearby_text = _folded(nearby)
    found = sorted(each for each in entry.excluded_context if f" {each} " in nearby_text)
    if not found:
        return verdict
    namesake = Reason("namesake-context", {"words": ", ".join(found)})
    if mention.weak:
        return Refusal(mention, namesake)
    return replace(verdict, tier=Tier.POSSIBLE, reasons=(*verdict.reasons, namesake))


def _excluding(entry: Entry, mention: Mention) -> str | None:
    """`not`: the phrase that stands in the mention's sentence and voids it."""
    if not entry.excluded:
        return None
    text = mention.document.text
    start, end = sentence_around(text, mention.start, mention.end)
    sentence = f" {fold_text(text[start:end])} "
    return next((phrase for phrase in entry.excluded if f" {phrase} " in sentence), None)


def _has_initial(mention: Mention) -> bool:
    return any(reason.code == "initial" for reason in mention.reasons)
