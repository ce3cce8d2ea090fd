"""Where the words of an alias stand together as one mention, and how sure its shape makes us. Knows one text only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.given_names import given_names
from bot.known_names import known_names
from bot.matching import weights
from bot.matching.alias import Alias, Manner
from bot.matching.document import MOST_BEFORE, MOST_BEHIND, Document
from bot.matching.entry import Filed
from bot.matching.lexicon import CONJUNCTIONS, CONNECTORS, FUNCTION_WORDS, PARTICLES, PLACES, TITLES
from bot.matching.romanise import latin, skeleton, undoubled
from bot.matching.spelling import EXACT, WRONG_START, Likeness, Script
from bot.model import Reason
from bot.text import fold_text, tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of words, `first` to `last`, that may be an alias."""

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
    def behind_title(self) -> bool:
        """M. Vantadour, Mme la ministre Vantadour: a person is meant."""
        before = self.first - 1
        return before >= 0 and self.document.joined(before) and self.document.folded(before) in TITLES

    @property
    def start(self) -> int:
        return self.document.start(self.first)

    @property
    def end(self) -> int:
        return self.document.end(self.last)


@dataclass(slots=True)
class Reading:
    """What one entity came to in one article."""

    mentions: list[Mention] = field(default_factory=list)
    others: int = 0
    """Times that the surname stood behind another given name: another person of that family is about."""


Hit = tuple[int, int, Likeness]
"""A word's number in the text, the number of the alias's word it resembles, and how."""


def read_together(document: Document, filed: Filed, anchor: int) -> Mention | None:
    """The mention of an alias of several words whose anchor stands at `anchor`, or None."""
    if filed.alias.manner is Manner.FULL_NAME:
        return _full_name(document, filed, anchor)
    return _sequence(document, filed, anchor)


def read_alone(document: Document, filed: Filed, at: int) -> Mention | None:
    """The mention of an alias of one word (an acronym, a nickname, one word of a name of its own), or None."""
    like = document.like(at, filed.words[0])
    if like is None:
        return None
    match filed.alias.manner:
        case Manner.ACRONYM:
            return _acronym(document, filed, at, like)
        case Manner.SURNAME:
            return _listed_alone(document, filed, at, like)
        case _:
            hit = (at, 0, like)
            return _said(document, filed.alias, [hit]) if _capitals_fit(document, filed.alias, [hit]) else None


def _listed_alone(document: Document, filed: Filed, at: int, like: Likeness) -> Mention | None:
    short = len(filed.words[0].folded) < weights.SHORTEST_WITH_TYPO
    too_vague = short and like != EXACT
    if too_vague or not document.capital(at):
        return None
    # Watched by the surname only, everybody of that name is meant.
    by_surname_only = all(each.alias.manner is not Manner.FULL_NAME for each in filed.entry.filed)
    neighbour = Neighbour.NOBODY if by_surname_only else neighbour_of(document, at)
    return bare_surname(document, filed, at, neighbour)


# --- Persons -----------------------------------------------------------------------------------------------------


def _hits(document: Document, filed: Filed, places: Sequence[int]) -> Iterator[Hit]:
    """What resembles a word of the alias there, with its capital."""
    for at in places:
        seen = document.seen[at]
        if seen is None:
            continue
        for number, word in enumerate(filed.words):
            if word in seen.words and (seen.capital or not filed.alias.capitals[number]):
                like = document.like(at, word)
                if like is not None:
                    yield at, number, like


def _full_name(document: Document, filed: Filed, anchor: int) -> Mention | None:
    """The surname with one given name of the alias at least, before it or right after it."""
    alias = filed.alias
    likeness = document.like(anchor, filed.words[alias.surname])
    if likeness is None or not (document.capital(anchor) or not alias.capitals[alias.surname]):
        return None
    surname = (anchor, alias.surname, likeness)
    given: dict[int, list[Hit]] = {}
    for hit in _hits(document, filed, document.beside(anchor)):
        if hit[1] != alias.surname:
            given.setdefault(hit[0], []).append(hit)
    if not given:
        return None
    before = _given_before(document, anchor, given)
    after = [] if before else _given_after(anchor, given)
    if after and not _may_come_first(document, filed, surname, after):
        return None
    found = before or after
    words = [*found, surname]
    if not found or _parts_a_bound_name(alias, words) or (document.caseless(anchor) and _is_guess(filed, words)):
        return None
    between = abs(anchor - min(hit[0] for hit in found)) - len(found) if before else 0
    score = sum(hit[2].score for hit in words) / len(words) - weights.WORD_BETWEEN * max(0, between)
    reasons = [_full_reason(alias, words, inverted=bool(after)), *_spelling_reasons(document, alias, words)]
    return Mention(
        document,
        alias,
        min(hit[0] for hit in words),
        max(hit[0] for hit in words),
        round(score),
        tuple(reasons),
        doubtful=surname[2] is WRONG_START
        or any(hit[2].code == "other-name" for hit in words)
        or (bool(before) and surname[2] is EXACT and any(_is_declined(document, hit) for hit in before)),
    )


def _is_declined(document: Document, given: Hit) -> bool:
    """Where the surname behind it is not: Karima Lazregui is a woman rather than a case of Karim Lazregui."""
    return given[2].code == "inflected" and not document.caseless(given[0])


def _parts_a_bound_name(alias: Alias, words: Sequence[Hit]) -> bool:
    """One half of a name with a hyphen stands there, and not the other; of `Khalid of Saudi Arabia`, the country."""
    present = {hit[1] for hit in words}
    if alias.titled and 0 not in present:
        return True
    surname = {number for pair in alias.bound if alias.surname in pair for number in pair}
    return any((one in present) != (two in present) for one, two in alias.bound) or present <= surname


def _is_guess(filed: Filed, words: Sequence[Hit]) -> bool:
    """Nothing but consonants agrees, and not many: in a script without capitals any two words may do that."""
    if any(hit[2].score > weights.TRANSLITERATED for hit in words):
        return False
    return sum(len(skeleton(filed.words[hit[1]].spelling.heard, abjad=True)) for hit in words) < weights.GUESSED


def _given_before(document: Document, surname: int, given: dict[int, list[Hit]]) -> list[Hit]:
    found: list[Hit] = []
    strangers = 0
    for at in range(surname - 1, max(0, surname - MOST_BEFORE) - 1, -1):
        if not document.joined(at):
            break
        used = {hit[1] for hit in found}
        mine = [hit for hit in given.get(at, ()) if hit[1] not in used]
        if mine:
            found.append(max(mine, key=lambda hit: hit[2].score))
            continue
        folded = document.folded(at)
        conjunction = folded in CONJUNCTIONS and not document.initial(at) and not document.glue(at)  # O'Brien
        if conjunction or not _may_stand_between(document, at):
            break
        strangers += folded not in PARTICLES
        if strangers > weights.MOST_WORDS_BETWEEN:
            break
    return found


def _given_after(surname: int, given: dict[int, list[Hit]]) -> list[Hit]:
    """Surname first: `AMRA Mohamed`, `Bingui, Félix`; a comma may stand between, nothing else."""
    found: list[Hit] = []
    for at in range(surname + 1, surname + 1 + MOST_BEHIND):
        if at not in given:
            break
        found.append(max(given[at], key=lambda hit: hit[2].score))
    return found


def _may_come_first(document: Document, filed: Filed, surname: Hit, given: Sequence[Hit]) -> bool:
    """`Pierre-Joseph Proudhon` is no Joseph Pierre: nothing that looks like the real surname may follow."""
    last = max(hit[0] for hit in given)
    if document.upper(surname[0]) and not document.upper(last):
        return True
    follows = last + 1 < len(document.words) and document.adjacent(last) and _is_name_word(document, last + 1)
    surname_first = filed.words[surname[1]].spelling.script is Script.IDEOGRAPHIC
    return not follows and (surname_first or surname[2].code in {"exact", "inflected"})


def _may_stand_between(document: Document, at: int) -> bool:
    folded = document.folded(at)
    if folded in PARTICLES:
        return True
    # Where nothing is capital, any word would do: only particles may.
    return document.capital(at) and not document.caseless(at)


def with_initial(document: Document, filed: Filed, surname: int) -> Mention | None:
    """`G. Darmanin`, `Darmanin G.`: the initial of the first given name."""
    if document.caseless(surname):
        return None  # where nothing is capital, a letter with a dot is any abbreviation (ق.م.)
    likeness = document.like(surname, filed.words[-1])
    for at in initials_beside(document, surname):
        if likeness and not _is_of_another(document, at, surname) and _reads(document.folded(at), filed.initial):
            score = round((likeness.score + weights.INITIAL) / 2)
            reasons = (Reason("initial", {"initial": document.words[at]}),)
            spelt = tuple(_spelling_reasons(document, filed.alias, [(surname, filed.alias.surname, likeness)]))
            return Mention(
                document,
                filed.alias,
                min(at, surname),
                max(at, surname),
                score,
                reasons + spelt,
                weak=True,
                # « Il y A Martin », R. Martan: a letter alone, or beside another spelling, may be anything.
                doubtful=not document.initial(at) or likeness.code not in {"exact", "inflected"},
            )
    return None


def _is_of_another(document: Document, initial: int, surname: int) -> bool:
    """`Robert P. Griffin` and `Morgan J. Freeman` are no P. Griffin and no J. Morgan."""
    first, last = min(initial, surname), max(initial, surname)
    if last + 1 < len(document.words) and document.joined(last) and _is_name_word(document, last + 1):
        return True
    if initial > surname or first == 0 or not document.joined(first - 1):
        return False
    return document.folded(first - 1) in given_names()


def initials_beside(document: Document, surname: int) -> list[int]:
    """Single capitals right before the surname, or right behind it with a dot."""
    words, found = document.words, []
    start = surname
    while start and document.folded(start - 1) in PARTICLES and document.adjacent(start - 1):
        start -= 1  # Y. El Bouhadiri
    first = start
    while (
        first
        and len(words[first - 1]) == 1
        and words[first - 1].isupper()
        and document.glue(first - 1) in {"", ".", ".-"}
    ):
        first -= 1
    if first < start and not (words[first] == "M" and document.languages == {"fr"}):
        found.append(first)  # of `J. R. Vantadour` and `J.-R. Vantadour` the first; M. is Monsieur in French
    after = surname + 1
    if after < len(words) and len(words[after]) == 1 and document.joined(surname) and document.initial(after):
        found.append(after)
    return [at for at in found if document.capital(at)] if found else found


def _reads(folded: str, initial: str) -> bool:
    return folded == initial or latin(folded)[:1] == initial


# --- Bare surnames -----------------------------------------------------------------------------------------------


class Neighbour(Enum):
    """What stands beside a bare surname."""

    NOBODY = "nobody"
    UNKNOWN = "unknown"
    OTHER_PERSON = "other-person"


def bare_surname(document: Document, filed: Filed, at: int, neighbour: Neighbour) -> Mention | None:
    """A surname without any of our given names; None when it is somebody else's."""
    likeness = document.like(at, filed.words[-1])
    if likeness is None or neighbour is Neighbour.OTHER_PERSON:
        return None
    alias = filed.alias
    reasons = [Reason("surname", {"text": document.words[at]})]
    reasons += _spelling_reasons(document, alias, [(at, alias.surname, likeness)])
    score = likeness.score - (0 if alias.manner is Manner.SURNAME else weights.BARE_SURNAME)
    doubtful = neighbour is Neighbour.UNKNOWN or likeness.score < weights.INFLECTED
    return Mention(document, alias, at, at, score, tuple(reasons), weak=True, doubtful=doubtful)


def neighbour_of(document: Document, at: int) -> Neighbour:
    """Whether the words beside a surname make it somebody else's."""
    words = document.words
    after = at + 1
    if _names_a_place(document, at):
        return Neighbour.OTHER_PERSON
    if 0 < at < len(words) - 1 and words[after].islower() and words[at - 1].islower():
        if words[at - 1] not in PARTICLES:
            return Neighbour.NOBODY  # as most surnames stand: quickly told
    elif after < len(words) and document.adjacent(at) and _is_name_word(document, after):
        return Neighbour.OTHER_PERSON
    before = at - 1
    while before >= 0 and document.joined(before) and document.folded(before) in PARTICLES:
        before -= 1
    if before < 0 or not document.joined(before):
        return Neighbour.NOBODY
    folded = document.folded(before)
    if folded in given_names() or (document.initial(before) and folded not in TITLES):
        return Neighbour.OTHER_PERSON
    if not document.capital(before) or folded in TITLES | FUNCTION_WORDS or document.caseless(before):
        return Neighbour.NOBODY
    # In German every noun has a capital: « Leitung von Koch ».
    unsure = before < at - 1 or (document.begins_sentence(before) and folded not in known_names())
    return Neighbour.UNKNOWN if unsure else Neighbour.OTHER_PERSON


def _names_a_place(document: Document, at: int) -> bool:
    """`rue Vantadour`, `château de Vantadour`, `Vantadour-sur-Lot`."""
    if at + 1 < len(document.words) and document.glue(at) in {"-", "‑"}:
        return True
    before = at - 1
    while before >= 0 and document.folded(before) in PARTICLES and document.joined(before):
        before -= 1
    return before >= 0 and document.folded(before) in PLACES and document.joined(before)


def _is_name_word(document: Document, at: int) -> bool:
    word = document.words[at]
    cased = document.capital(at) and not document.caseless(at) and len(word) > 1
    return cased and not (word.isupper() and len(word) > 3)


# --- Words in order ----------------------------------------------------------------------------------------------

_GAP = 4
"""Connectors that an organisation's name may have between two of its words: de la, of the …"""


def _sequence(document: Document, filed: Filed, anchor: int) -> Mention | None:
    """Every word of the alias in order; the anchor is its second word."""
    skip, gap = (CONNECTORS, _GAP) if filed.alias.manner is Manner.ORGANISATION else (frozenset[str](), 0)
    for first in range(anchor - 1, max(-1, anchor - gap - 2), -1):
        likeness = document.like(first, filed.words[0])
        if likeness:
            found = _follow(document, filed, (first, 0, likeness), skip, gap)
            return (
                _said(document, filed.alias, found) if found and _capitals_fit(document, filed.alias, found) else None
            )
    return None


def _follow(document: Document, filed: Filed, first: Hit, skip: frozenset[str], gap: int) -> list[Hit] | None:
    found = [first]
    at = first[0]
    for number in range(1, len(filed.words)):
        for step in range(1, gap + 2):
            next_at = at + step
            if next_at >= len(document.words) or document.sentence_ends_between(next_at - 1, next_at):
                return None
            likeness = document.like(next_at, filed.words[number])
            if likeness:
                found.append((next_at, number, likeness))
                at = next_at
                break
            if document.folded(next_at) not in skip:
                return None
        else:
            return None
    return found


def _said(document: Document, alias: Alias, found: Sequence[Hit]) -> Mention:
    score = round(sum(hit[2].score for hit in found) / len(found))
    reasons = (Reason("all-words"), *_spelling_reasons(document, alias, found))
    return Mention(document, alias, found[0][0], found[-1][0], score, reasons)


def _capitals_fit(document: Document, alias: Alias, found: Sequence[Hit]) -> bool:
    """A word that the alias writes with a capital has one in the text, articles apart; a phrase has no such rule."""
    if alias.manner is Manner.PHRASE:
        return True
    organisation = alias.manner is Manner.ORGANISATION
    if organisation and document.capital(found[0][0]) and _is_word_for_word(document, alias, found):
        return True
    wanted = [hit for hit in found if alias.capitals[hit[1]]]
    if alias.manner is Manner.NICKNAME and len(found) > 1:
        wanted = [hit for hit in wanted if hit[1] > 0]
    elif organisation:
        wanted = [] if len(found) >= weights.LONG_ORGANISATION else wanted[-1:]
    return all(document.capital(hit[0]) for hit in wanted)


def _is_word_for_word(document: Document, alias: Alias, found: Sequence[Hit]) -> bool:
    """Observatoire des marées: every word is there in its order, the small ones too."""
    text = document.text[document.start(found[0][0]) : document.end(found[-1][0])]
    return len(found) > 1 and fold_text(text) == fold_text(alias.written)


def _acronym(document: Document, filed: Filed, at: int, likeness: Likeness) -> Mention | None:
    if likeness != EXACT or not document.words[at].isupper():
        return None
    return Mention(document, filed.alias, at, at, weights.EXACT, (Reason("acronym"),))


def spelt_out(document: Document, filed: Filed, at: int) -> Mention | None:
    """`P.S.J.`: one capital a word, a dot between them, from `at` on."""
    letters = filed.alias.words[0]
    run = range(at, at + len(letters))
    if run.stop > len(document.words):
        return None
    fits = all(document.folded(i) == letter and document.capital(i) for i, letter in zip(run, letters, strict=True))
    if not fits or any(document.between(i, i + 1).strip() != "." for i in run[:-1]):
        return None
    return Mention(document, filed.alias, at, run[-1], weights.EXACT, (Reason("acronym"),))


# --- Reasons -----------------------------------------------------------------------------------------------------


def _full_reason(alias: Alias, words: Sequence[Hit], *, inverted: bool) -> Reason:
    if inverted:
        return Reason("surname-first")
    return Reason("full-name") if len(words) == len(alias.words) else Reason("shorter-name")


def _spelling_reasons(document: Document, alias: Alias, words: Sequence[Hit]) -> Iterator[Reason]:
    for at, number, likeness in sorted(words, key=lambda hit: hit[0]):
        if likeness != EXACT:
            written = document.words[at]
            values = {"text": written, "name": _as_listed(alias, alias.words[number])}
            yield Reason(_code(likeness, document.folded(at), alias.words[number]), values)


def _as_listed(alias: Alias, folded: str) -> str:
    """The word as the alias writes it; words that it joins or drops are folded."""
    return next(
        (alias.written[word.start : word.end] for word in tokens(alias.written) if word.folded == folded), folded
    )


def _code(likeness: Likeness, written: str, wanted: str) -> str:
    """Of words that sound alike, whether they differ in nothing but a doubled letter."""
    if likeness.code == "sounds-alike" and undoubled(written) == undoubled(wanted):
        return "doubled"
    return likeness.code
