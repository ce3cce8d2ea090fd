"""Every watched word once, and which of them a word of a text resembles.

A text's word is compared once in its life: what it came to is remembered under the word as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.matching import weights
from bot.matching.inflection import stem, stems, whole_names
from bot.matching.lexicon import NEVER_NAMES, SPLIT_HEADS
from bot.matching.romanise import is_ideographic, syllabic
from bot.matching.spelling import (
    EXACT,
    SAME_NAME,
    SAME_SOUND,
    TRANSLITERATED,
    Likeness,
    Script,
    Spelling,
    bones,
    compare,
    readings,
    shortened,
    spell,
)
from bot.text import LONGEST_WORD, fold, read_word

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
    wholes: tuple[Word, ...] = ()
    """What it is with a first piece before it: `Grath`, behind `Mc`, is a watched McGrath."""
    words: frozenset[Word] = frozenset()
    """All of them."""
    partners: frozenset[Word] = frozenset()
    """What must stand near it to make one of the names it is the anchor of."""
    alone: tuple[Word, ...] = ()
    """The words it resembles that are a surname or a whole alias."""

    def refresh(self) -> None:
        """After the aliases of its words changed."""
        self.words = frozenset((*self.likes, *self.wholes))
        self.partners = frozenset(partner for word in self.words for partner in word.partners)
        self.alone = tuple(word for word in self.words if word.surname_of or word.alone)


RUN = Seen("", True, {}, ())
"""What stands for words written without blanks (渡辺健二氏は), which are read sign by sign (`ideographs.py`)."""


class Vocabulary:
    """Watched words and the memory of written ones."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._keys: dict[str, dict[object, list[Word]]] = {
            kind: {} for kind in ("heard", "stem", "slip", "group", "bones", "abjad", "foreign", "signs", "tail")
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

    def read_signs(self, written: str, *, foreign: bool) -> dict[Word, Likeness]:
        """What signs of Han, Kana or Hangul may stand for; with `foreign`, for a name that is only written by sound."""
        spelling = spell(fold(written))
        found: dict[Word, Likeness] = {}
        exact = self._words.get(spelling.folded)
        if exact is not None:
            found[exact] = EXACT
        chinese = "\u3400" <= written[0] <= "\u9fff"
        for likeness, kind, keys in (
            (SAME_NAME, "group", spelling.groups),
            (SAME_SOUND, "heard", (spelling.heard,)),
            (
                TRANSLITERATED,
                "signs",
                syllabic(spelling.roman, chinese=chinese) if foreign else (),
            ),
        ):
            near: set[Word] = set()
            self._add(near, kind, keys)
            for word in near:
                found.setdefault(word, likeness)
        return found

    # --- Reading a word ----------------------------------------------------------------------------------------------

    def read(self, written: str) -> Seen | None:
        """What a written word may stand for; None for the most of them."""
        folded, capital = read_word(written)
        if written in NEVER_NAMES:
            return None
        if not capital:
            return self._read_lower(folded)
        spelling = spell(folded)
        likes = {word: like for word in self._candidates(spelling) if (like := compare(spelling, word.spelling))}
        return _seen(folded, capital, likes, tuple(self._keys["tail"].get(spelling.heard, ())))

    def _read_lower(self, folded: str) -> Seen | None:
        word = self._words.get(folded)
        return _seen(folded, False, {word: EXACT}, ()) if word is not None and word.any_case else None

    def _candidates(self, written: Spelling) -> set[Word]:
        found: set[Word] = set()
        exact = self._words.get(written.folded)
        if exact is not None:
            found.add(exact)
        self._add(found, "group", written.groups)
        if written.script is Script.LATIN:
            self._add_latin(found, written)
        elif written.script is Script.IDEOGRAPHIC:
            self._add(found, "heard", (written.heard,))
        else:
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
                self._add(found, "foreign", bones(written, abjad=abjad))

    def _add_foreign(self, found: set[Word], written: Spelling) -> None:
        abjad = written.script is Script.ABJAD
        for reading in readings(written):
            exact = self._words.get(reading.folded)
            if exact is not None:
                found.add(exact)
            self._add(found, "group", reading.groups)
            self._add(found, "abjad" if abjad else "bones", bones(reading, abjad=abjad))
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
        if is_ideographic(written) and len(written) > 1:
            return RUN
        if len(written) > LONGEST_WORD:
            return None  # nobody is called that
        if len(self) >= MEMO_LIMIT:
            self._vocabulary.forget_readings()
        seen = self[written] = self._vocabulary.read(written)
        return seen


def _seen(folded: str, capital: bool, likes: dict[Word, Likeness], wholes: tuple[Word, ...]) -> Seen | None:
    if not likes and not wholes:
        return None
    seen = Seen(folded, capital, likes, wholes)
    seen.refresh()
    for word in seen.words:
        word.seen_as.append(seen)
    return seen


def _keys(word: Word) -> Iterator[tuple[str, object]]:
    """Where a watched word is filed."""
    spelling = word.spelling
    heard = spelling.heard
    if heard:
        yield "heard", heard
        yield from (("stem", base) for base in {stem(heard), heard.rstrip("aiu")})
    if spelling.script is not Script.IDEOGRAPHIC:
        yield from (("slip", key) for key in set(shortened(spelling.roman)))
    if spelling.script is not Script.LATIN:
        yield from (("foreign", key) for key in bones(spelling, abjad=spelling.script is Script.ABJAD))
    yield from (("group", group) for group in spelling.groups)
    yield from (("abjad", key) for key in bones(spelling, abjad=True))
    yield from (("bones", key) for key in bones(spelling, abjad=False))
    yield from (("signs", key) for key in syllabic(spelling.roman) if len(key) > 1)
    yield from (("tail", tail.heard) for tail in _tails(spelling))


def _tails(whole: Spelling) -> Iterator[Spelling]:
    """What stands behind a first piece that others write apart: `kader` of Abdelkader, `grath` of McGrath."""
    for head in SPLIT_HEADS:
        if whole.folded.startswith(head) and len(whole.folded) - len(head) >= weights.SHORTEST_SOUND:
            yield spell(whole.folded[len(head) :])
