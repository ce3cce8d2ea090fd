"""Keys under which a written word and a watched word meet, one by one in memory and all at once in a database.

`vocabulary.py` files watched words under keys and asks for those of a written word. A text index cannot ask: it keeps
every written word under `written_keys`, and a watched word that may be meant by it is found under one of its
`watched_keys` at least. What meets is not yet alike; `Vocabulary.likes` has the last word.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from bot.matching import weights
from bot.matching.inflection import stem, stems, whole_names
from bot.matching.lexicon import SPLIT_HEADS
from bot.matching.romanise import sounds
from bot.matching.same_names import same_names
from bot.matching.spelling import Script, Spelling, bones, readings, shortened


def sounds_of(word: Spelling) -> Iterable[str]:
    return sounds(word.roman) if word.script is Script.LATIN else (word.heard,)


def foreign_keys(word: Spelling) -> frozenset[str]:
    return frozenset() if word.script is Script.LATIN else foreign_bones(word)


def foreign_bones(word: Spelling) -> frozenset[str]:
    return bones(word, abjad=False) | bones(word, abjad=True)


def tails(whole: Spelling) -> Iterator[Spelling]:
    """What stands behind a first piece that others write apart: `kader` of Abdelkader, `grath` of McGrath."""
    folded = whole.folded
    for length in range(1, min(_LONGEST_HEAD, len(folded) - weights.SHORTEST_SOUND) + 1):
        if folded[:length] in SPLIT_HEADS:
            yield Spelling(folded[length:])


_LONGEST_HEAD = max(map(len, SPLIT_HEADS))


# --- For a text index --------------------------------------------------------------------------------------------


def written_keys(folded: str) -> frozenset[int]:
    """The keys of a word as texts write it: about fifteen numbers below 2^31. Of Han, Kana and Hangul there are none.

    Stored with every word: whoever changes what they are must have them made anew by a migration (a test tells).
    """
    word = Spelling(folded)
    if word.script is Script.IDEOGRAPHIC:
        return frozenset()
    every = readings(word)
    found: set[tuple[str, object]] = {("s", word.heard), *(("z", key) for key in shortened(word.roman))}
    found |= {("t", key) for key in stems(word.heard)} | {("s", key) for key in whole_names(word.heard)}
    for reading in every:
        found |= {("s", key) for key in sounds_of(reading)} | {("g", group) for group in same_names(reading.folded)}
    found |= {("w", reading.folded) for reading in every[1:]}
    if word.script is Script.LATIN:
        found |= {("f", key) for key in foreign_bones(word)}
    else:
        abjad = word.script is Script.ABJAD
        found |= {("a" if abjad else "b", key) for reading in every for key in bones(reading, abjad=abjad)}
    return _numbered(found)


def watched_keys(folded: str) -> frozenset[int]:
    """The keys under which the words that may stand for a watched one are found."""
    word = Spelling(folded)
    found: set[tuple[str, object]] = {("w", folded), ("t", stem(word.heard)), ("t", word.heard.rstrip("aiu"))}
    found |= {("s", key) for key in sounds_of(word)} | {("s", tail.heard) for tail in tails(word)}
    found |= {("g", group) for group in same_names(folded)} | {("z", key) for key in shortened(word.roman)}
    found |= {("f", key) for key in foreign_keys(word)}
    found |= {("a", key) for key in bones(word, abjad=True)} | {("b", key) for key in bones(word, abjad=False)}
    return _numbered(found)


def _numbered(keys: Iterable[tuple[str, object]]) -> frozenset[int]:
    return frozenset(zlib.crc32(f"{kind}{key}".encode()) & 0x7FFF_FFFF for kind, key in keys if key != "")
