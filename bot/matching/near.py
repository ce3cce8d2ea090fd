"""What was nearly found, and what it lacked: for the person who asks why an article did not ring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.matching.document import Document
from bot.matching.entry import Entry
from bot.matching.mentions import Neighbour, neighbour_of, read_together
from bot.matching.scan import near_each_other
from bot.matching.vocabulary import Vocabulary, Word
from bot.model import MatchField, Reason, Scope
from bot.text import read_word


@dataclass(frozen=True, slots=True)
class Lack:
    """Words `first` to `last` of a document, and why they are not a mention of the entry."""

    entry: Entry
    document: Document
    first: int
    last: int
    why: Reason


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A name that the article nearly holds. `text[start:end]` of the field is how it stands there."""

    scope: Scope
    name_id: str
    text: str
    field: MatchField
    start: int
    end: int
    lacks: Reason


def lacks_in(document: Document, vocabulary: Vocabulary) -> Iterator[Lack]:
    """Words of watched names that make none of them; what is nearest to a name first."""
    for filed, anchors in near_each_other(document).items():
        for at in anchors:
            if read_together(document, filed, at) is None:
                yield Lack(filed.entry, document, at, at, Reason("not-together"))
    for at, written in enumerate(document.words):
        seen = document.seen[at]
        if seen is None:
            word = vocabulary.get(read_word(written)[0]) if written.islower() else None
            yield from _of_surname(document, at, word, Reason("no-capital")) if word else ()
            continue
        for word in seen.surnames:
            if document.like(at, word):
                yield from _of_surname(document, at, word, _why(document, at, word))


def _of_surname(document: Document, at: int, word: Word, why: Reason) -> Iterator[Lack]:
    for filed in word.surname_of:
        yield Lack(filed.entry, document, at, at, why)


def _why(document: Document, at: int, word: Word) -> Reason:
    if neighbour_of(document, at) is Neighbour.OTHER_PERSON:
        before = at > 0 and document.joined(at - 1) and document.capital(at - 1)
        first, last = (at - 1, at) if before else (at, min(at + 1, len(document.words) - 1))
        return Reason("other-person", {"text": document.text[document.start(first) : document.end(last)]})
    return Reason("fits-many-names") if word.full_scopes() else Reason("too-little")
