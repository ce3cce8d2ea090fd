"""From the words of one field to mentions: one pass, whatever the number of names.

Only words that resemble a watched word are looked at, and an alias is read only where two of its words stand near
each other, or where one of them says enough alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

from bot.matching import weights
from bot.matching.alias import Manner
from bot.matching.document import Document
from bot.matching.entry import Entry, Filed
from bot.matching.lexicon import CONNECTORS, PARTICLES, SPLIT_HEADS
from bot.matching.mentions import (
    Neighbour,
    Reading,
    bare_surname,
    initials_beside,
    neighbour_of,
    read_alone,
    read_together,
    spelt_out,
    with_initial,
)
from bot.matching.vocabulary import Seen

Readings = dict[Entry, Reading]

_BEFORE = 7
_BEHIND = 2
"""How far from its anchor another word of an alias may stand: given names, middle names and particles."""
_LINKS = PARTICLES | CONNECTORS | SPLIT_HEADS
"""Words without a capital over which a name goes on."""


def scan(document: Document, readings: Readings) -> None:
    """Add the mentions that stand in a field."""
    _read_together(document, readings)
    _read_alone(document, readings)


def _read_together(document: Document, readings: Readings) -> None:
    for filed, anchors in near_each_other(document).items():
        for at in anchors[: weights.MOST_READ]:
            mention = read_together(document, filed, at)
            if mention:
                readings[filed.entry].mentions.append(mention)


def near_each_other(document: Document) -> dict[Filed, list[int]]:
    """Aliases two of whose words stand near each other, with the places of the anchor."""
    found: dict[Filed, list[int]] = defaultdict(list)
    seen, spots = document.seen, document.spots
    for number, at in enumerate(spots):
        anchor = seen[at]
        if anchor is None or not anchor.partners:
            continue
        partners = anchor.partners
        first = bisect_left(spots, _reach(document, at), max(0, number - _BEFORE), number)
        for near in spots[first : number + 1 + _BEHIND]:
            other = seen[near]
            if other is None or near == at or near > at + _BEHIND or partners.isdisjoint(other.words):
                continue
            for filed in _sharing(anchor, other):
                places = found[filed]
                if not places or places[-1] != at:
                    places.append(at)
    return found


def _reach(document: Document, at: int) -> int:
    """Where a name that goes on to a place may begin: a word in lower case may be of it, and ends it."""
    farthest = max(0, at - _BEFORE)
    end = document.small.rfind(1, farthest, at)
    while end > 0 and document.words[end] in _LINKS:
        end = document.small.rfind(1, farthest, end)
    return max(end, farthest)


def _sharing(anchor: Seen, other: Seen) -> Iterator[Filed]:
    partners = anchor.partners & other.words
    for word in anchor.anchors:
        for partner in partners:
            if partner in word.partners:
                yield from word.partners[partner]


def _read_alone(document: Document, readings: Readings) -> None:
    """Surnames without a given name, and aliases of one word, of entries that are not named in full."""
    looked: Counter[Seen] = Counter()
    for at in document.spots:
        seen = document.seen[at]
        if seen is None or not (seen.alone or seen.surnames):
            continue
        looked[seen] += 1
        if looked[seen] > weights.MOST_READ_ALONE:
            continue
        for filed in seen.alone:
            _read_one(document, filed, at, readings)
        if seen.surnames and seen.capital:
            if _has_short_neighbour(document, at):
                _read_initials(document, seen, at, readings)
            if seen.bare:
                _read_surnames(document, seen, at, readings)


def _read_one(document: Document, filed: Filed, at: int, readings: Readings) -> None:
    spelt = filed.alias.manner is Manner.ACRONYM and len(document.words[at]) == 1
    mention = spelt_out(document, filed, at) if spelt else read_alone(document, filed, at)
    if mention:
        readings[filed.entry].mentions.append(mention)


def _has_short_neighbour(document: Document, at: int) -> bool:
    """A letter stands before it, or before a particle (`Y. El …`), or behind it."""
    words = document.words
    return 1 in map(len, (*words[max(0, at - 2) : at], *words[at + 1 : at + 2]))


def _read_initials(document: Document, seen: Seen, at: int, readings: Readings) -> None:
    if initials_beside(document, at):
        for word in seen.surnames:
            for filed in word.surname_of:
                mention = None if filed.entry.entity.in_full else with_initial(document, filed, at)
                if mention:
                    readings[filed.entry].mentions.append(mention)


def _read_surnames(document: Document, seen: Seen, at: int, readings: Readings) -> None:
    neighbour = neighbour_of(document, at)
    for filed in seen.bare:
        if filed.entry.entity.in_full or _is_named(readings, filed.entry):
            continue
        mention = bare_surname(document, filed, at, neighbour)
        if mention:
            readings[filed.entry].mentions.append(mention)
        elif neighbour is Neighbour.OTHER_PERSON:
            readings[filed.entry].others += 1


def _is_named(readings: Readings, entry: Entry) -> bool:
    """In full, somewhere before or in this field: a bare surname adds nothing."""
    return entry in readings and any(not each.weak and not each.doubtful for each in readings[entry].mentions)
