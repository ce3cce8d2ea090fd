"""Every watched word once, and which of them a word of a text resembles.

A text's word is compared once in its life: what it came to is remembered under the word as it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.known_names import known_names
from bot.matching import weights
from bot.matching.inflection import declined, stem, stems, whole_names
from bot.matching.lexicon import NEVER_NAMES, SPLIT_HEADS
from bot.matching.romanise import is_ideographic, syllabic
from bot.matching.spelling import (
    EXACT,
    INFLECTED,
    SAME_NAME,
    SAME_SOUND,
    SOUNDS_ALIKE,
    TRANSLITERATED,
    Likeness,
    Script,
    Spelling,
    bones,
    consonants,
    is_one_name,
    is_transliterated,
    may_stand_alone,
    readings,
    shortened,
    slip,
)
from bot.text import LONGEST_WORD, fold, has_case, read_word

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
    """See `is_crowded`; None when that was not looked at yet."""
    seen_as: list[Seen] = field(default_factory=list)
    """What resembles it, of the words that are remembered."""

    @property
    def folded(self) -> str:
        return self.spelling.folded

    def is_crowded(self) -> bool:
        """As a surname it fits too many names of every scope that asks for it to say anything."""
        if self.crowded is None:
            asked = {asked for filed in self.surname_of for asked in filed.entry.asked}
            self.crowded = min(Counter(scope for scope, _ in asked).values(), default=0) > weights.MOST_ENTRIES
        return self.crowded

    def changed(self) -> None:
        """After its aliases, or who asks for them, changed."""
        self.crowded = None
        for seen in self.seen_as:
            seen.refresh()


@dataclass(eq=False, slots=True)
class Seen:
    """A written word that resembles watched words."""

    spelling: Spelling
    likes: dict[Word, Likeness]
    wholes: tuple[Word, ...] = ()
    """What it is with a first piece before it: `Grath`, behind `Mc`, is a watched McGrath."""
    capital: bool = True
    caseless: bool = False
    """Its script has no capitals."""
    words: frozenset[Word] = frozenset()
    """All of them."""
    partners: frozenset[Word] = frozenset()
    """What must stand near it to make one of the names it is the anchor of."""
    alone: tuple[Filed, ...] = ()
    """Aliases that it is, all by itself."""
    surnames: tuple[Word, ...] = ()
    """The words it resembles that are a surname."""
    bare: tuple[Filed, ...] = ()
    """Persons whose surname it may be without a given name."""

    def refresh(self) -> None:
        """After the aliases of its words changed."""
        self.words = frozenset((*self.likes, *self.wholes))
        self.partners = frozenset(partner for word in self.words for partner in word.partners)
        self.alone = tuple(filed for word in self.words for filed in word.alone)
        self.surnames = tuple(word for word in self.likes if word.surname_of)
        self.bare = tuple(
            filed
            for word in self.surnames
            if not word.is_crowded()
            for filed in word.surname_of
            if self._may_be_bare(word, filed)
        )

    def _may_be_bare(self, word: Word, filed: Filed) -> bool:
        context = bool(filed.entry.context)
        if self.caseless and not context:
            return False  # where nothing is capital a surname may be any word: الحداد is a smith, and Haddad
        return may_stand_alone(self.spelling, word.spelling, self.likes[word], context=context)


RUN = Seen(Spelling(""), {})
"""What stands for words written without blanks (渡辺健二氏は), which are read sign by sign (`ideographs.py`)."""


class Vocabulary:
    """Watched words and the memory of written ones."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._scripts: Counter[Script] = Counter()
        """How many watched words are of each script."""
        self._by_sound: Index = {}
        self._by_stem: Index = {}
        self._by_group: Index = {}
        self._by_slip: Index = {}
        self._by_abjad: Index = {}
        """By consonants, as Arabic and Hebrew write them."""
        self._by_bones: Index = {}
        """By consonants, as other alphabets write them."""
        self._by_foreign: Index = {}
        """By consonants, the words that are not in Latin letters."""
        self._by_signs: Index = {}
        """By consonants, as Han, Kana and Hangul write them."""
        self._by_tail: Index = {}
        """By what stands behind a first piece that others write apart."""
        self.memo = _Memo(self)

    def __len__(self) -> int:
        return len(self._words)

    def word(self, folded: str) -> Word:
        """The watched word, added if it is new."""
        known = self._words.get(folded)
        if known is None:
            known = self._words[folded] = Word(Spelling(folded))
            self._scripts[known.spelling.script] += 1
            for index, key in self._keys(known):
                index.setdefault(key, []).append(known)
        return known

    def drop(self, word: Word) -> None:
        """Forget a word that no alias uses any more."""
        del self._words[word.folded]
        self._scripts[word.spelling.script] -= 1
        for index, key in self._keys(word):
            index[key].remove(word)
            if not index[key]:
                del index[key]

    def forget_readings(self) -> None:
        """After words came or went, what was read before may be read otherwise."""
        if self.memo:
            self.memo.clear()
            for word in self._words.values():
                word.seen_as.clear()

    def _keys(self, word: Word) -> Iterator[tuple[Index, object]]:
        """Where a watched word is filed."""
        spelling = word.spelling
        heard = spelling.heard
        if heard:
            yield self._by_sound, heard
        keys: list[tuple[Index, Iterable[object]]] = [
            (self._by_stem, {stem(heard), heard.rstrip("aiu")} - {""}),
            (self._by_slip, set(shortened(spelling.roman)) if spelling.script is not Script.IDEOGRAPHIC else ()),
            (self._by_group, known_names().groups(spelling.folded)),
            (self._by_abjad, bones(spelling, abjad=True)),
            (self._by_bones, bones(spelling, abjad=False)),
            (
                self._by_foreign,
                bones(spelling, abjad=False) | bones(spelling, abjad=True)
                if spelling.script is not Script.LATIN
                else (),
            ),
            (self._by_signs, (each for each in syllabic(spelling.roman) if len(each) > 1)),
            (self._by_tail, (tail.heard for tail in _tails(spelling))),
        ]
        yield from ((index, key) for index, found in keys for key in found)

    # --- Reading a word ----------------------------------------------------------------------------------------------

    def read(self, written: str) -> Seen | None:
        """What a written word may stand for; None for the most of them."""
        folded, capital = read_word(written)
        if not capital:
            word = self._words.get(folded)
            return (
                _remembered(Seen(Spelling(folded), {word: EXACT}, capital=False))
                if word is not None and word.any_case
                else None
            )
        if written in NEVER_NAMES or not folded:
            return None
        spelling = Spelling(folded)
        likes = self.likes(spelling)
        wholes = tuple(self._by_tail.get(spelling.heard, ())) if self._scripts[spelling.script] else ()
        if not likes and not wholes:
            return None
        return _remembered(Seen(spelling, likes, wholes, caseless=not has_case(written[0])))

    def likes(self, written: Spelling) -> dict[Word, Likeness]:
        """The watched words that a word resembles, and how."""
        found: dict[Word, Likeness] = {}
        exact = self._words.get(written.folded)
        if exact is not None:
            found[exact] = EXACT
        self._add_one_name(found, written, SAME_NAME)
        if written.script is Script.LATIN:
            self._add_heard(found, written)
            self._add_transliterated(found, written, self._by_foreign, abjad=False)
            self._add_transliterated(found, written, self._by_foreign, abjad=True)
        elif written.script is Script.IDEOGRAPHIC:
            self._add_heard(found, written)
        else:
            self._add_readings(found, written)
        if self._scripts[written.script]:
            self._add_declined(found, written)
            self._add_slips(found, written)
        return found

    def read_signs(self, written: str, *, foreign: bool) -> dict[Word, Likeness]:
        """What signs of Han, Kana or Hangul may stand for; with `foreign`, for a name that is only written by sound."""
        spelling = Spelling(fold(written))
        found = self.likes(spelling)
        if foreign:
            chinese = "\u3400" <= written[0] <= "\u9fff"
            for key in syllabic(spelling.roman, chinese=chinese):
                for word in self._by_signs.get(key, ()):
                    found.setdefault(word, TRANSLITERATED)
        return found

    def _add_one_name(self, found: dict[Word, Likeness], written: Spelling, likeness: Likeness) -> None:
        if not self._by_group:
            return
        for group in known_names().groups(written.folded):
            for word in self._by_group.get(group, ()):
                if word not in found and is_one_name(written, word.spelling):
                    found[word] = likeness

    def _add_heard(self, found: dict[Word, Likeness], written: Spelling, *, inflected: bool = False) -> None:
        heard = written.heard
        if len(heard) >= weights.SHORTEST_SOUND and heard in self._by_sound:
            for word in self._by_sound[heard]:
                like = SOUNDS_ALIKE if word.spelling.script is written.script else SAME_SOUND
                found.setdefault(word, INFLECTED if inflected else like)

    def _add_declined(self, found: dict[Word, Likeness], written: Spelling) -> None:
        """Inflected in some languages, and in the others perhaps a slip."""
        heard = written.heard
        for index, bases in ((self._by_stem, stems(heard)), (self._by_sound, whole_names(heard))):
            for base in bases:
                for word in index.get(base, ()):
                    if word not in found and word.spelling.script is written.script:
                        languages = declined(heard, word.spelling.heard)
                        if languages:
                            found[word] = _inflected(written, word.spelling, languages)

    def _add_readings(self, found: dict[Word, Likeness], written: Spelling) -> None:
        """What the word is in other scripts, and there and in its own without its prefix or its ending."""
        abjad = written.script is Script.ABJAD
        index = self._by_abjad if abjad else self._by_bones
        own = self._scripts[written.script]
        for number, reading in enumerate(readings(written)):
            if number and own and (exact := self._words.get(reading.folded)):
                found.setdefault(exact, INFLECTED)
            if number:
                self._add_one_name(found, reading, INFLECTED)
            if not abjad or own:
                self._add_heard(found, reading, inflected=number > 0)
            self._add_transliterated(found, reading, index, abjad=abjad, inflected=number > 0)

    def _add_transliterated(
        self,
        found: dict[Word, Likeness],
        written: Spelling,
        index: Index,
        *,
        abjad: bool,
        inflected: bool = False,
    ) -> None:
        if not index:
            return
        for key in bones(written, abjad=abjad):
            for word in index.get(key, ()):
                wanted = word.spelling
                if word in found or wanted.script is written.script:
                    continue
                if wanted.heard == written.heard:
                    found[word] = INFLECTED if inflected else SAME_SOUND
                elif is_transliterated(written, wanted, consonants(key)):
                    found[word] = TRANSLITERATED

    def _add_slips(self, found: dict[Word, Likeness], written: Spelling) -> None:
        index = self._by_slip
        for key in shortened(written.roman):
            if key in index:
                for word in index[key]:
                    if word not in found and word.spelling.script is written.script:
                        likeness = slip(written, word.spelling)
                        if likeness is not None:
                            found[word] = likeness


def _inflected(written: Spelling, wanted: Spelling, languages: frozenset[str]) -> Likeness:
    if written.script is not Script.LATIN:
        return INFLECTED
    return Likeness(weights.INFLECTED, "inflected", languages, otherwise=slip(written, wanted))


Index = dict[object, list[Word]]


def compare(written: Spelling, wanted: Spelling) -> Likeness | None:
    """How one word stands for another, wherever it is found; None when it is another word."""
    vocabulary = Vocabulary()
    return vocabulary.likes(written).get(vocabulary.word(wanted.folded))


def _remembered(seen: Seen) -> Seen:
    seen.refresh()
    for word in seen.words:
        word.seen_as.append(seen)
    return seen


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


def _tails(whole: Spelling) -> Iterator[Spelling]:
    """What stands behind a first piece that others write apart: `kader` of Abdelkader, `grath` of McGrath."""
    for head in SPLIT_HEADS:
        if whole.folded.startswith(head) and len(whole.folded) - len(head) >= weights.SHORTEST_SOUND:
            yield Spelling(whole.folded[len(head) :])
