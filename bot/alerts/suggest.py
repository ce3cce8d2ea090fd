"""What a verdict "other person" may teach: the given name that stands there, and words of the sentence. Pure."""

from __future__ import annotations

from bot.alerts.hit import Hit
from bot.model import Article, MatchField
from bot.stories.words import RAREST, stem, weights_of
from bot.text import Token, fold_text, sentence_around, tokens

MOST_WORDS = 3
LEAST_LETTERS = 4
"""Of a word that may tell one affair from another."""
LEAST_TOLD = 3.0
"""Of `RAREST`: a word that stands in one article of twenty tells nobody from nobody."""


def given_name_there(hit: Hit, article: Article) -> str | None:
    """The capitalised word before the mention, or the first of the mention, where the watched name has no such word."""
    watched = set(fold_text(" ".join([hit.name.entity.name, *hit.name.entity.aliases])).split())
    there = [hit.match.text[token.start : token.end] for token in tokens(hit.match.text)]
    word = there[0] if len(there) > 1 else _word_before(hit, article)
    return word if word[:1].isupper() and fold_text(word) not in watched else None


def _word_before(hit: Hit, article: Article) -> str:
    """With nothing but blanks between it and the mention; empty where there is none."""
    before = _source(hit, article)[max(0, hit.match.start - 80) : hit.match.start]
    last = tokens(before)[-1:]
    return before[last[0].start : last[0].end] if last and not before[last[0].end :].strip() else ""


def words_there(hit: Hit, article: Article) -> tuple[str, ...]:
    """Words of the mention's sentence that tell most about the affair, as written, in order."""
    source = _source(hit, article)
    start, end = sentence_around(source, hit.match.start, hit.match.end)
    weights = weights_of(article.language or "")
    watched = set(fold_text(hit.match.text).split()) | set(fold_text(hit.name.entity.name).split())
    found: dict[str, tuple[float, str]] = {}
    sentence = source[start:end]
    for token in tokens(sentence):
        tells = _tells(token, weights.get(stem(token.folded), RAREST), watched)
        if tells and token.folded not in found:
            found[token.folded] = (tells, sentence[token.start : token.end])
    best = sorted(found.values(), key=lambda each: (-each[0], -len(each[1]), each[1]))[:MOST_WORDS]
    return tuple(word for _, word in best)


def tells_apart(words: str, language: str) -> bool:
    """Whether one of the words is long and rare enough to tell one affair from another."""
    weights = weights_of(language)
    return any(
        len(token.folded) >= LEAST_LETTERS
        and not token.folded[0].isdigit()
        and weights.get(stem(token.folded), RAREST) > LEAST_TOLD
        for token in tokens(words)
    )


def _tells(token: Token, weight: float, watched: set[str]) -> float:
    """0 for what cannot be a word of the context: part of the name, a number, a word too short or too common."""
    if token.folded in watched or len(token.folded) < LEAST_LETTERS or token.folded[0].isdigit() or token.capital:
        return 0.0
    return weight if weight > LEAST_TOLD else 0.0


def _source(hit: Hit, article: Article) -> str:
    return article.title if hit.match.field is MatchField.TITLE else article.text
