"""Every watched word once, and which of them a word of a text resembles.

A text's word is compared once in its life: what it came to is remembered under the word as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.matching import weights
from bot.matching.inflection import stem, stems, whole_names
from bot.matching.lexicon import SPLIT_HEADS
from bot.matching.romanise import skeletons
from bot.matching.spelling import EXACT, Likeness, Script, Spelling, compare, readings, shortened, spell
from bot.text import LONGEST_WORD, read_word

if TYPE_CHECKING:
    from bot.matching.entry import Filed

MEMO_LIMIT = 400_000
"""Word forms remembered; a year of news has more, most of them seen once."""


@dataclass(eq=False, slots=True)
class Word:
    """A word of watched names."""

    spelling: Spelling
    uses: int = 0
    """How many words of how many aliases it is."""
    any_case: int = 0
    """How many of them may stand in lower case: of an organisation, a phrase."""
    partners: dict[Word, list[Filed]] = field(default_factory=dict)
    """Aliases whose anchor this word is, by another word of theirs that must stand near."""
    surname_of: list[Filed] = field(default_factory=list)
    """Persons' aliases that end in it."""
    alone: list[Filed] = field(default_factory=list)
    """Aliases that are this word and nothing else."""

    crowded: bool | None = None
    """As a surname it fits too many names of every scope to say anything; None when that was not looked at yet."""
    seen_as: list[Seen] = field(default_factory=list)
    """What resembles it, of the words that are remembered."""

    @property
    def folded(self) -> str:
        return self.spelling.folded

    def changed(self) -> None:
        """After its aliases, or who asks for them, changed."""
        self.crowded = None
        for seen in self.seen_as:
            seen.refresh()


@dataclass(eq=False, slots=True)
class Seen:
    """A written word that resembles watched words."""

    folded: str
    capital: bool
    likes: dict[Word, Likeness]
    heads: tuple[tuple[str, Word], ...] = ()
    """`Grath`, behind `Mc`, is a watched McGrath."""
    words: frozenset[Word] = frozenset()
    """All of them."""
    partners: frozenset[Word] = frozenset()
    """What must stand near it to make one of the names it is the anchor of."""
    alone: tuple[Word, ...] = ()
    """The words it resembles that are a surname or a whole alias."""

    def refresh(self) -> None:
        """After the aliases of its words changed."""
        self.words = frozenset((*self.likes, *(word for _, word in self.heads)))
        self.partners = frozenset(partner for word in self.words for partner in word.partners)
        self.alone = tuple(word for word in self.words if word.surname_of or word.alone)


class Vocabulary:
    """Watched words and the memory of written ones."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._keys: dict[str, dict[object, list[Word]]] = {
            kind: {} for kind in ("heard", "stem", "slip", "group", "bones", "abjad", "foreign", "tail")
        }
        self.memo = _Memo(self)

    def __len__(self) -> int:
        return len(self._words)

    def word(self, folded: str) -> Word:
        """The watched word, added if it is new."""
        known = self._words.get(folded)
        if known is None:
            known = self._words[folded] = Word(spell(folded))
            for kind, key in _keys(known):
                self._keys[kind].setdefault(key, []).append(known)
        return known

    def drop(self, word: Word) -> None:
        """Forget a word that no alias uses any more."""
        del self._words[word.folded]
        for kind, key in _keys(word):
            filed = self._keys[kind]
            filed[key].remove(word)
            if not filed[key]:
                del filed[key]

    def get(self, folded: str) -> Word | None:
        return self._words.get(folded)

    def forget_readings(self) -> None:
        """After words came or went, what was read before may be read otherwise."""
        if self.memo:
            self.memo.clear()
            for word in self._words.values():
                word.seen_as.clear()

    # --- Reading a word ----------------------------------------------------------------------------------------------

    def read(self, written: str) -> Seen | None:
        """What a written word may stand for; None for the most of them."""
        folded, capital = read_word(written)
        if not capital:
            return self._read_lower(folded)
        spelling = spell(folded)
        likes = {word: like for word in self._candidates(spelling) if (like := compare(spelling, word.spelling))}
        heads = tuple(
            (folded_head, word)
            for word in self._keys["tail"].get(folded, ())
            if (folded_head := word.folded[: -len(folded)])
        )
        return _seen(folded, capital, likes, heads)

    def _read_lower(self, folded: str) -> Seen | None:
        word = self._words.get(folded)
        tails = self._keys["tail"].get(folded, ())
        if (word is None or not word.any_case) and not tails:
            return None
        likes = {word: EXACT} if word is not None and word.any_case else {}
        return _seen(folded, False, likes, tuple((tail.folded[: -len(folded)], tail) for tail in tails))

    def _candidates(self, written: Spelling) -> set[Word]:
        found: set[Word] = set()
        exact = self._words.get(written.folded)
        if exact is not None:
            found.add(exact)
        self._add(found, "group", written.groups)
        if written.script is Script.LATIN:
            self._add_latin(found, written)
        elif written.script is not Script.IDEOGRAPHIC:
            self._add_foreign(found, written)
        return found

    def _add_latin(self, found: set[Word], written: Spelling) -> None:
        heard = written.heard
        if len(heard) >= weights.SHORTEST_SOUND:
            self._add(found, "heard", (heard,))
            self._add(found, "stem", stems(heard))
            self._add(found, "heard", whole_names(heard))
        self._add(found, "slip", shortened(written.roman))
        if self._keys["foreign"]:
            for abjad in (False, True):
                self._add(found, "foreign", skeletons(written.roman, abjad=abjad))

    def _add_foreign(self, found: set[Word], written: Spelling) -> None:
        abjad = written.script is Script.ABJAD
        for reading in readings(written):
            exact = self._words.get(reading.folded)
            if exact is not None:
                found.add(exact)
            self._add(found, "group", reading.groups)
            self._add(found, "abjad" if abjad else "bones", skeletons(reading.roman, abjad=abjad))
        self._add(found, "slip", shortened(written.roman))
        self._add(found, "stem", stems(written.heard))

    def _add(self, found: set[Word], kind: str, keys: Iterable[object]) -> None:
        filed = self._keys[kind]
        for key in keys:
            if key in filed:
                found.update(filed[key])


class _Memo(dict[str, Seen | None]):
    """What written words came to; a word that is not there yet is read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, written: str) -> Seen | None:
        if len(written) > LONGEST_WORD:
            return None  # nobody is called that
        if len(self) >= MEMO_LIMIT:
            self._vocabulary.forget_readings()
        seen = self[written] = self._vocabulary.read(written)
        return seen


def _seen(folded: str, capital: bool, likes: dict[Word, Likeness], heads: tuple[tuple[str, Word], ...]) -> Seen | None:
    if not likes and not heads:
        return None
    seen = Seen(folded, capital, likes, heads)
    seen.refresh()
    for word in seen.words:
        word.seen_as.append(seen)
    return seen


def _keys(word: Word) -> Iterable[tuple[str, object]]:
    """Where a watched word is filed."""
    spelling = word.spelling
    heard = spelling.heard
    if heard:
        yield "heard", heard
        for base in {stem(heard), heard.rstrip("aiu")}:
            yield "stem", base
    for key in set(shortened(spelling.roman)):
        yield "slip", key
    for group in spelling.groups:
        yield "group", group
    for bones in skeletons(spelling.roman, abjad=True):
        yield "abjad", bones
    for bones in skeletons(spelling.roman, abjad=False):
        yield "bones", bones
    if spelling.script is not Script.LATIN:
        for bones in skeletons(spelling.roman, abjad=spelling.script is Script.ABJAD):
            yield "foreign", bones
    for head in SPLIT_HEADS:
        if spelling.folded.startswith(head) and len(spelling.folded) - len(head) >= weights.SHORTEST_SOUND:
            yield "tail", spelling.folded[len(head) :]
