"""Where the words of an alias stand together as one mention, and how sure its shape makes us. Knows one text only.

A `Document` is a field's text, its tokens and, per token, the watched words it resembles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from rapidfuzz.distance import OSA

from bot.given_names import given_names
from bot.matching import weights
from bot.matching.alias import Alias, Manner
from bot.matching.lexicon import CONJUNCTIONS, CONNECTORS, FUNCTION_WORDS, PARTICLES, TITLES
from bot.matching.romanise import latin
from bot.matching.spelling import EXACT, JOINED, Likeness
from bot.model import MatchField, Reason
from bot.text import INVISIBLE, Token


@dataclass(frozen=True, slots=True)
class Document:
    """One field of an article."""

    field: MatchField
    text: str
    tokens: Sequence[Token]

    def between(self, left: int, right: int) -> str:
        """What stands between two tokens that follow each other."""
        return self.text[self.tokens[left].end : self.tokens[right].start]

    def glue(self, at: int) -> str:
        """What is seen between a token and the next one: neither blanks nor invisible marks."""
        between = self.between(at, at + 1)
        return "" if between == " " else _UNSEEN.sub("", between)

    def joined(self, at: int) -> bool:
        """The token and the next one belong to one name: hyphens, apostrophes or an initial's dot between them."""
        glue = self.glue(at)
        token = self.tokens[at]
        if glue.startswith(".") and (token.end - token.start == 1 or token.folded in {"mc", "st", "ste", "jr"}):
            glue = glue[1:]
        return not glue.strip("-‑'’")

    def begins_sentence(self, at: int) -> bool:
        return at == 0 or any(sign in '.!?…؟:«»"“”\n–—•' for sign in self.between(at - 1, at))


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of tokens, `first` to `last`, that may be an alias."""

    document: Document
    alias: Alias
    first: int
    last: int
    score: int
    reasons: tuple[Reason, ...]
    weak: bool = False
    """A bare surname or an initial with it: it takes evidence from elsewhere to be certain."""
    doubtful: bool = False
    """It stands beside a word that may be another given name, or is one slip from another name."""

    @property
    def start(self) -> int:
        return self.document.tokens[self.first].start

    @property
    def end(self) -> int:
        return self.document.tokens[self.last].end

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]


_UNSEEN = re.compile(rf"[\s{INVISIBLE}]+")

Hit = tuple[int, int, Likeness]
"""A token's number, the number of the alias's word it resembles, and how."""


@dataclass(slots=True)
class Reading:
    """What one alias came to in one document."""

    mentions: list[Mention] = field(default_factory=list)
    others: int = 0
    """Times that the surname stood behind another given name: another person of that family is about."""


def read(document: Document, alias: Alias, hits: Sequence[Hit]) -> Reading:
    """Every mention of the alias, as far as `weights.MOST_READ` goes."""
    hits = hits[: weights.MOST_READ]
    match alias.manner:
        case Manner.FULL_NAME:
            return _read_person(document, alias, hits)
        case Manner.SURNAME:
            return _read_surnames(document, alias, hits)
        case Manner.ACRONYM:
            return Reading(list(_acronyms(document, alias)))
        case Manner.ORGANISATION:
            return Reading(list(_sequences(document, alias, hits, skip=CONNECTORS, gap=4)))
        case Manner.NICKNAME | Manner.PHRASE:
            return Reading(list(_sequences(document, alias, hits, skip=frozenset(), gap=0)))


# --- Persons -----------------------------------------------------------------------------------------------------


def _read_person(document: Document, alias: Alias, hits: Sequence[Hit]) -> Reading:
    reading = Reading()
    capital = [hit for hit in hits if _is_capital(document, hit)]
    surnames = [hit for hit in capital if hit[1] == alias.surname]
    given: dict[int, list[Hit]] = {}
    for hit in capital:
        if hit[1] != alias.surname:
            given.setdefault(hit[0], []).append(hit)
    for surname in surnames:
        full = _full_name(document, alias, surname, given) or _with_initial(document, alias, surname)
        if full:
            reading.mentions.append(full)
        else:
            _bare(reading, document, alias, surname)
    return reading


def _is_capital(document: Document, hit: Hit) -> bool:
    """The word begins with a capital; of one broken at the end of a line (`Van-` `tadour`), its first piece."""
    return document.tokens[hit[0] - (hit[2] is JOINED)].capital


def _full_name(document: Document, alias: Alias, surname: Hit, given: dict[int, list[Hit]]) -> Mention | None:
    """The surname with one given name of the alias at least, before it or right after it."""
    before = _given_before(document, surname[0], given)
    after = [] if before else _given_after(document, surname[0], given)
    if after and not _may_come_first(document, surname, after):
        return None
    found = before or after
    if not found:
        return None
    words = [*found, surname]
    between = abs(surname[0] - min(hit[0] for hit in found)) - len(found) if before else 0
    score = sum(hit[2].score for hit in words) / len(words) - weights.WORD_BETWEEN * max(0, between)
    reasons = [_full_reason(alias, words, inverted=bool(after)), *_spelling_reasons(document, alias, words)]
    return Mention(
        document,
        alias,
        min(hit[0] for hit in words),
        max(hit[0] for hit in words),
        round(score),
        tuple(reasons),
        doubtful=any(hit[2].code == "other-name" for hit in words),
    )


def _given_before(document: Document, surname: int, given: dict[int, list[Hit]]) -> list[Hit]:
    found: list[Hit] = []
    strangers = 0
    for at in range(surname - 1, max(-1, surname - 8), -1):
        if not document.joined(at):
            break
        token = document.tokens[at]
        used = {hit[1] for hit in found}
        mine = [hit for hit in given.get(at, ()) if hit[1] not in used]
        if mine:
            found.append(max(mine, key=lambda hit: hit[2].score))
            continue
        if (token.folded in CONJUNCTIONS and not _is_initial(document, at)) or not _may_stand_between(document, token):
            break
        strangers += token.folded not in PARTICLES
        if strangers > weights.MOST_WORDS_BETWEEN:
            break
    return found


def _given_after(document: Document, surname: int, given: dict[int, list[Hit]]) -> list[Hit]:
    """Surname first: `AMRA Mohamed`, `Bingui, Félix`; a comma may stand between, nothing else."""
    found: list[Hit] = []
    for at in range(surname + 1, min(len(document.tokens), surname + 5)):
        glue = document.glue(at - 1).strip("-‑")
        if glue not in ({"", ","} if at == surname + 1 else {""}) or at not in given:
            break
        found.append(max(given[at], key=lambda hit: hit[2].score))
    return found


def _may_come_first(document: Document, surname: Hit, given: Sequence[Hit]) -> bool:
    """`Pierre-Joseph Proudhon` is no Joseph Pierre: nothing that looks like the real surname may follow."""
    token, last = document.tokens[surname[0]], max(hit[0] for hit in given)
    if _is_upper(document, token) and not _is_upper(document, document.tokens[last]):
        return True
    follows = last + 1 < len(document.tokens) and _adjacent(document, last) and _is_name_word(document, last + 1)
    return not follows and surname[2].code in {"exact", "inflected"}


def _is_initial(document: Document, at: int) -> bool:
    """`Aurélie E. Vantadour`: a capital and its dot."""
    token = document.tokens[at]
    return token.end - token.start == 1 and token.capital and document.text[token.end : token.end + 1] == "."


def _is_upper(document: Document, token: Token) -> bool:
    return token.end - token.start > 1 and document.text[token.start : token.end].isupper()


def _may_stand_between(document: Document, token: Token) -> bool:
    if token.folded in PARTICLES:
        return True
    # Where nothing is capital, any word would do: only particles may.
    return token.capital and token.folded not in TITLES and not _has_no_capitals(document, token)


def _with_initial(document: Document, alias: Alias, surname: Hit) -> Mention | None:
    """`G. Darmanin`, `Darmanin G.`: the initial of the first given name."""
    if _has_no_capitals(document, document.tokens[surname[0]]):
        return None  # where nothing is capital, a letter with a dot is any abbreviation (ق.م.)
    initial = latin(alias.words[0])[:1] or alias.words[0][:1]
    for at in (surname[0] - 1, surname[0] + 1):
        if not 0 <= at < len(document.tokens):
            continue
        token = document.tokens[at]
        adjacent = document.joined(min(at, surname[0]))
        if token.end - token.start == 1 and token.capital and adjacent and _reads(token, initial):
            if at > surname[0] and document.text[token.end : token.end + 1] != ".":
                continue
            score = round((surname[2].score + weights.INITIAL) / 2)
            reasons = (Reason("initial", {"initial": document.text[token.start : token.end]}),)
            spelt = tuple(_spelling_reasons(document, alias, [surname]))
            return Mention(document, alias, min(at, surname[0]), max(at, surname[0]), score, reasons + spelt, weak=True)
    return None


def _reads(token: Token, initial: str) -> bool:
    return token.folded == initial or latin(token.folded)[:1] == initial


def _read_surnames(document: Document, alias: Alias, hits: Sequence[Hit]) -> Reading:
    """An alias of one word: it was asked for alone, so it is no weaker than it looks."""
    reading = Reading()
    for hit in hits:
        if document.tokens[hit[0]].capital:
            _bare(reading, document, alias, hit)
    return reading


def _bare(reading: Reading, document: Document, alias: Alias, surname: Hit) -> None:
    """A surname without any of our given names: whose is it?"""
    at, _, likeness = surname
    if not _may_stand_alone(document, alias, surname):
        return
    neighbour = _neighbour(document, at)
    if neighbour is _Neighbour.OTHER_PERSON:
        reading.others += 1
        return
    reasons = [Reason("surname", {"text": document.text[document.tokens[at].start : document.tokens[at].end]})]
    reasons += _spelling_reasons(document, alias, [surname])
    score = likeness.score - (0 if alias.manner is Manner.SURNAME else weights.BARE_SURNAME)
    doubtful = neighbour is _Neighbour.UNKNOWN or likeness.score < weights.INFLECTED
    reading.mentions.append(Mention(document, alias, at, at, score, tuple(reasons), weak=True, doubtful=doubtful))


def _may_stand_alone(document: Document, alias: Alias, surname: Hit) -> bool:
    """Whether a surname in this spelling says enough without a given name: « Brücke » is nobody called Brooke."""
    at, word, likeness = surname
    if likeness.code in {"exact", "inflected"}:
        return not _has_no_capitals(document, document.tokens[at]) or alias.manner is Manner.SURNAME
    if alias.manner is Manner.SURNAME:
        return len(alias.words[word]) >= weights.SHORTEST_WITH_TYPO
    if likeness.code != "sounds-alike" or _has_no_capitals(document, document.tokens[at]):
        return False
    roman, wanted = latin(document.tokens[at].folded), latin(alias.words[word])
    return len(wanted) >= weights.SHORTEST_WITH_SOUND_ALONE and OSA.distance(roman, wanted) <= 1 + (
        roman != document.tokens[at].folded
    )


class _Neighbour(Enum):
    """What stands beside a bare surname."""

    NOBODY = "nobody"
    UNKNOWN = "unknown"
    OTHER_PERSON = "other-person"


def _neighbour(document: Document, at: int) -> _Neighbour:
    after = at + 1
    if after < len(document.tokens) and _adjacent(document, at) and _is_name_word(document, after):
        return _Neighbour.OTHER_PERSON
    before = at - 1
    while before >= 0 and document.joined(before) and document.tokens[before].folded in PARTICLES:
        before -= 1
    if before < 0 or not document.joined(before):
        return _Neighbour.NOBODY
    token = document.tokens[before]
    if token.folded in given_names():
        return _Neighbour.OTHER_PERSON
    if not token.capital or token.folded in TITLES | FUNCTION_WORDS or _has_no_capitals(document, token):
        return _Neighbour.NOBODY
    # In German every noun has a capital: « Leitung von Koch ».
    unsure = document.begins_sentence(before) or before < at - 1
    return _Neighbour.UNKNOWN if unsure else _Neighbour.OTHER_PERSON


def _adjacent(document: Document, at: int) -> bool:
    return not document.glue(at).strip("-‑")


def _is_name_word(document: Document, at: int) -> bool:
    token = document.tokens[at]
    cased = token.capital and not _has_no_capitals(document, token) and token.end - token.start > 1
    return cased and not (document.text[token.start : token.end].isupper() and token.end - token.start > 3)


def _has_no_capitals(document: Document, token: Token) -> bool:
    letter = document.text[token.start]
    return letter.lower() == letter.upper()


# --- Words in order ----------------------------------------------------------------------------------------------


def _sequences(
    document: Document, alias: Alias, hits: Sequence[Hit], *, skip: frozenset[str], gap: int
) -> Iterator[Mention]:
    """Every word of the alias in order, with at most `gap` words of `skip` between two of them."""
    at_word: dict[tuple[int, int], Likeness] = {(token, word): likeness for token, word, likeness in hits}
    for token, word, likeness in hits:
        if word == 0:
            found = _follow(document, alias, at_word, (token, 0, likeness), skip, gap)
            if found and _capitals_fit(document, alias, found):
                score = round(sum(hit[2].score for hit in found) / len(found))
                reasons = (Reason("all-words"), *_spelling_reasons(document, alias, found))
                yield Mention(document, alias, token, found[-1][0], score, reasons)


def _follow(
    document: Document,
    alias: Alias,
    at_word: dict[tuple[int, int], Likeness],
    first: Hit,
    skip: frozenset[str],
    gap: int,
) -> list[Hit] | None:
    found = [first]
    at = first[0]
    for word in range(1, len(alias.words)):
        for step in range(1, gap + 2):
            token = at + step
            if token >= len(document.tokens) or any(sign in ".!?;\n" for sign in document.between(token - 1, token)):
                return None
            likeness = at_word.get((token, word))
            if likeness:
                found.append((token, word, likeness))
                at = token
                break
            if document.tokens[token].folded not in skip:
                return None
        else:
            return None
    return found


def _capitals_fit(document: Document, alias: Alias, found: Sequence[Hit]) -> bool:
    """A word that the alias writes with a capital has one in the text, articles apart; a phrase has no such rule."""
    if alias.manner is Manner.PHRASE:
        return True
    wanted = [hit for hit in found if alias.capitals[hit[1]]]
    if alias.manner is Manner.NICKNAME and len(found) > 1:
        wanted = [hit for hit in wanted if hit[1] > 0]
    elif alias.manner is Manner.ORGANISATION:
        wanted = [] if len(found) >= weights.LONG_ORGANISATION else wanted[-1:]
    return all(document.tokens[hit[0]].capital for hit in wanted)


def _acronyms(document: Document, alias: Alias) -> Iterator[Mention]:
    letters = alias.words[0]
    reasons = (Reason("acronym"),)
    for at, token in enumerate(document.tokens):
        if token.folded == letters and document.text[token.start : token.end].isupper():
            yield Mention(document, alias, at, at, weights.EXACT, reasons)
        elif token.folded == letters[0] and _spelt_out(document, at, letters):
            yield Mention(document, alias, at, at + len(letters) - 1, weights.EXACT, reasons)


def _spelt_out(document: Document, at: int, letters: str) -> bool:
    """`P.S.J.`: one capital a token, a dot between them."""
    if at + len(letters) > len(document.tokens):
        return False
    run = range(at, at + len(letters))
    return all(
        document.tokens[i].folded == letter and document.tokens[i].capital
        for i, letter in zip(run, letters, strict=True)
    ) and all(document.between(i, i + 1).strip() == "." for i in run[:-1])


# --- Reasons -----------------------------------------------------------------------------------------------------


def _full_reason(alias: Alias, words: Sequence[Hit], *, inverted: bool) -> Reason:
    if inverted:
        return Reason("surname-first")
    return Reason("full-name") if len(words) == len(alias.words) else Reason("shorter-name")


def _spelling_reasons(document: Document, alias: Alias, words: Sequence[Hit]) -> Iterator[Reason]:
    for at, word, likeness in sorted(words, key=lambda hit: hit[0]):
        if likeness != EXACT:
            token = document.tokens[at]
            values = {"text": document.text[token.start : token.end], "name": alias.words[word]}
            yield Reason(likeness.code, values)
