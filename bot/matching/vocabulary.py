"""Every watched word once, and which of them a word of a text resembles.

A text's word is compared once in its life: what it came to is remembered under the word as it was written.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from rapidfuzz.fuzz import ratio

from bot.matching import weights
from bot.matching.inflection import declined, stem, stems, whole_names
from bot.matching.keys import foreign_bones, foreign_keys, sounds_of, tails
from bot.matching.lexicon import NEVER_NAMES
from bot.matching.romanise import is_ideographic, syllabic
from bot.matching.same_names import same_names
from bot.matching.spelling import (
    EXACT,
    INFLECTED,
    JOINED,
    OTHER_NAME,
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
    is_other_sex,
    is_transliterated,
    may_stand_alone,
    readings,
    shortened,
    slip,
)
from bot.text import LONGEST_WORD, fold, has_case, read_word

if TYPE_CHECKING:
    from bot.matching.entry import Filed
    from bot.model import Scope

MEMO_LIMIT = 400_000
"""Word forms remembered; a year of news has more, most of them seen once."""
FROZEN_AT_ONCE = 2_000
"""New word forms after which they are kept out of the garbage collector's way."""


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

    full: frozenset[Scope] | None = None
    """See `full_scopes`; None when that was not looked at yet."""
    seen_as: list[Seen] = field(default_factory=list)
    """What resembles it, of the words that are remembered."""

    @property
    def folded(self) -> str:
        return self.spelling.folded

    def full_scopes(self) -> frozenset[Scope]:
        """Scopes where it is the surname of so many that alone it says nothing."""
        if self.full is None:
            entries = {filed.entry for filed in self.surname_of}
            counted = Counter(scope for entry in entries for scope in {scope for scope, _ in entry.asked})
            self.full = frozenset(scope for scope, count in counted.items() if count > weights.MOST_ENTRIES)
        return self.full

    def changed(self) -> None:
        """After its aliases, or who asks for them, changed."""
        self.full = None
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
    anchors: tuple[Word, ...] = ()
    """Those that are the anchor of an alias."""
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
        self.anchors = tuple(word for word in self.words if word.partners)
        self.partners = frozenset().union(*(word.partners for word in self.anchors))
        self.alone = tuple(filed for word in self.words for filed in word.alone)
        self.surnames = tuple(word for word in self.likes if word.surname_of)
        self.bare = tuple(filed for word in self.surnames for filed in self._bare(word))

    def _bare(self, word: Word) -> list[Filed]:
        like = self.likes[word]
        if like.score < weights.SAME_SOUND:
            return []
        with_context, without = (
            may_stand_alone(self.spelling, word.spelling, like, context=context) for context in (True, False)
        )
        # Where nothing is capital a surname may be any word: الحداد is a smith, and Haddad.
        without = without and not self.caseless
        if not (with_context or without):
            return []
        full = word.full_scopes()
        return [
            filed
            for filed in word.surname_of
            if (with_context if filed.entry.context else without and not filed.entry.is_asked_only_by(full))
        ]


RUN = Seen(Spelling(""), {})
"""What stands for words written without blanks (渡辺健二氏は), which are read sign by sign (`ideographs.py`)."""


class Vocabulary:
    """Watched words and the memory of written ones."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._added = 0
        """How many words were ever added."""
        self._in_any_case: set[str] = set()
        """Words that may stand without a capital, folded."""
        self._scripts: Counter[Script] = Counter()
        """How many watched words are of each script."""
        self._by_sound = Index(sounds_of)
        # Made when the first text comes that declines names.
        self._by_stem = Index(lambda word: {stem(word.heard), word.heard.rstrip("aiu")}, self._words)
        self._by_group = Index(lambda word: same_names(word.folded))
        self._by_slip = Index(lambda word: set(shortened(word.roman)))
        self._by_tail = Index(lambda word: {tail.heard for tail in tails(word)})
        self._by_foreign = Index(foreign_keys)
        # Of other scripts, by their consonants: made when the first word of such a script is read.
        self._by_abjad = Index(lambda word: bones(word, abjad=True), self._words)
        self._by_bones = Index(lambda word: bones(word, abjad=False), self._words)
        self._by_signs = Index(lambda word: {key for key in syllabic(word.roman) if len(key) > 1}, self._words)
        self._indexes = (
            *(self._by_sound, self._by_stem, self._by_group, self._by_slip, self._by_tail, self._by_foreign),
            *(self._by_abjad, self._by_bones, self._by_signs),
        )
        self._frozen = 0
        """How many remembered words the garbage collector no longer looks at."""
        self._memos = {declines: _Memo(partial(self.read, declines=declines)) for declines in (False, True)}

    def __len__(self) -> int:
        return len(self._words)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Changes whenever words that were read before may be read otherwise."""
        return self._added, len(self._words), len(self._in_any_case)

    def count_any_case(self, word: Word, more: int) -> None:
        """One more, or one fewer, alias lets the word stand without its capital."""
        word.any_case += more
        if word.any_case:
            self._in_any_case.add(word.folded)
        else:
            self._in_any_case.discard(word.folded)

    def word(self, folded: str) -> Word:
        """The watched word, added if it is new."""
        known = self._words.get(folded)
        if known is None:
            known = self._words[folded] = Word(Spelling(folded))
            self._added += 1
            self._scripts[known.spelling.script] += 1
            for index in self._indexes:
                index.add(known)
        return known

    def get(self, folded: str) -> Word | None:
        """The watched word, if it is one."""
        return self._words.get(folded)

    def drop(self, word: Word) -> None:
        """Forget a word that no alias uses any more."""
        del self._words[word.folded]
        self._scripts[word.spelling.script] -= 1
        for index in self._indexes:
            index.drop(word)

    def clear(self) -> None:
        """Forget everything, and let go of what knows each other."""
        while self._words:
            word = self._words.popitem()[1]
            for places in (word.partners, word.surname_of, word.alone, word.seen_as):
                places.clear()
        self._in_any_case.clear()
        for memo in self._memos.values():
            while memo:
                memo.popitem()

    def forget_readings(self) -> None:
        """After words came or went, what was read before may be read otherwise."""
        if any(self._memos.values()):
            self._frozen = 0
            for memo in self._memos.values():
                memo.clear()
            for word in self._words.values():
                word.seen_as.clear()

    def memo(self, *, declines: bool) -> Mapping[str, Seen | None]:
        """What each written word resembles, in texts of languages that decline names, or of those that do not."""
        memo = self._memos[declines]
        if len(memo) >= MEMO_LIMIT:
            self.forget_readings()
        if sum(map(len, self._memos.values())) > self._frozen + FROZEN_AT_ONCE:
            # What is remembered stays: the collector would look through all of it, and hold every thread up meanwhile.
            self._frozen = sum(map(len, self._memos.values()))
            gc.freeze()
        return memo

    def worth_reading(self, words: Iterable[str]) -> list[str]:
        """Without the most of them: words in small letters that may not stand so. The memory need not hold them."""
        small = self._in_any_case
        return [word for word in words if not (word.isascii() and word.islower() and word.isalpha()) or word in small]

    # --- Reading a word ----------------------------------------------------------------------------------------------

    def read(self, written: str, *, declines: bool) -> Seen | None:
        """What a written word may stand for; None for the most of them."""
        if written not in self._words and (written[0].isdigit() or (written.isascii() and written.islower())):
            return None  # the most of them: quickly told
        folded, capital = read_word(written)
        if not capital:
            word = self._words.get(folded)
            if word is None or not word.any_case:
                return None
            return _remembered(Seen(Spelling(folded), {word: EXACT}, capital=False))
        if written in NEVER_NAMES or not folded:
            return None
        spelling = Spelling(folded)
        likes = self.likes(spelling, declines=declines)
        wholes = tuple(self._by_tail.filed().get(spelling.heard, ())) if self._scripts[spelling.script] else ()
        if not likes and not wholes:
            return None
        return _remembered(Seen(spelling, likes, wholes, caseless=not has_case(written[0])))

    def likes(self, written: Spelling, *, declines: bool) -> dict[Word, Likeness]:
        """The watched words that a word resembles, and how.

        Args:
            declines: the text may be of a language that inflects names in Latin letters.
        """
        found: dict[Word, Likeness] = {}
        exact = self._words.get(written.folded)
        if exact is not None:
            found[exact] = EXACT
        self._add_one_name(found, written, SAME_NAME)
        if written.script is Script.LATIN:
            self._add_heard(found, written)
            if self._by_foreign:
                self._add_transliterated(found, written, self._by_foreign, foreign_bones(written))
        elif written.script is Script.IDEOGRAPHIC:
            self._add_heard(found, written)
        else:
            self._add_readings(found, written)
        if self._scripts[written.script]:
            if declines or written.script is not Script.LATIN:
                self._add_declined(found, written)
            self._add_slips(found, written)
        return found

    def meant_by(self, written: Spelling) -> dict[Word, Likeness]:
        """Every watched word that this one may stand for, in a text of any language and behind any word."""
        wholes = self._by_tail.filed().get(written.heard, ()) if self._scripts[written.script] else ()
        return dict.fromkeys(wholes, JOINED) | self.likes(written, declines=True)

    def read_signs(self, written: str, *, foreign: bool) -> dict[Word, Likeness]:
        """What signs of Han, Kana or Hangul may stand for; with `foreign`, for a name that is only written by sound."""
        spelling = Spelling(fold(written))
        found = self.likes(spelling, declines=False)
        if foreign:
            chinese = "\u3400" <= written[0] <= "\u9fff"
            for key in syllabic(spelling.roman, chinese=chinese):
                for word in self._by_signs.filed().get(key, ()):
                    if ratio(spelling.heard, word.spelling.heard) >= weights.ALIKE_IN_SIGNS:
                        found.setdefault(word, TRANSLITERATED)
        return found

    def _add_one_name(self, found: dict[Word, Likeness], written: Spelling, likeness: Likeness) -> None:
        if not self._by_group:
            return
        for group in same_names(written.folded):
            for word in self._by_group.filed().get(group, ()):
                if word not in found and (group < 0 or is_one_name(written, word.spelling)):
                    found[word] = likeness

    def _add_heard(self, found: dict[Word, Likeness], written: Spelling, *, inflected: bool = False) -> None:
        filed = self._by_sound.filed()
        own = written.heard
        for heard in sounds_of(written):
            if heard not in filed or len(heard) < weights.SHORTEST_SOUND:
                continue
            for word in filed[heard]:
                # One of them at least is read as its own language reads it.
                if word not in found and heard in {own, word.spelling.heard}:
                    found[word] = INFLECTED if inflected else _heard_alike(written, word.spelling)

    def _add_declined(self, found: dict[Word, Likeness], written: Spelling) -> None:
        """Inflected in some languages, and in the others perhaps a slip."""
        heard = written.heard
        for index, bases in ((self._by_stem, stems(heard)), (self._by_sound, whole_names(heard))):
            for base in bases:
                for word in index.filed().get(base, ()):
                    if word not in found and word.spelling.script is written.script:
                        languages = declined(heard, word.spelling.heard)
                        if languages:
                            found[word] = _inflected(written, word.spelling, languages)

    def _add_readings(self, found: dict[Word, Likeness], written: Spelling) -> None:
        """What the word is in other scripts, and there and in its own without its prefix or its ending."""
        abjad = written.script is Script.ABJAD
        own = self._scripts[written.script]
        every = readings(written)
        if not abjad or own:
            self._add_heard(found, written)
        for reading in every[1:]:
            if own and (exact := self._words.get(reading.folded)):
                found.setdefault(exact, INFLECTED)
            self._add_one_name(found, reading, INFLECTED)
            if not abjad or own:
                self._add_heard(found, reading, inflected=True)
        index = self._by_abjad if abjad else self._by_bones
        for number, reading in enumerate(every):
            if index:
                self._add_transliterated(found, reading, index, bones(reading, abjad=abjad), inflected=number > 0)

    def _add_transliterated(
        self,
        found: dict[Word, Likeness],
        written: Spelling,
        index: Index,
        keys: Iterable[str],
        *,
        inflected: bool = False,
    ) -> None:
        filed = index.filed()
        for key in keys:
            if key not in filed:
                continue
            shared = consonants(key)
            for word in filed[key]:
                wanted = word.spelling
                if word in found or wanted.script is written.script:
                    continue
                if wanted.heard == written.heard:
                    found[word] = INFLECTED if inflected else SAME_SOUND
                elif is_transliterated(written, wanted, shared):
                    found[word] = TRANSLITERATED

    def _add_slips(self, found: dict[Word, Likeness], written: Spelling) -> None:
        filed = self._by_slip.filed()
        for key in shortened(written.roman):
            if key in filed:
                for word in filed[key]:
                    if word not in found and word.spelling.script is written.script:
                        likeness = slip(written, word.spelling)
                        if likeness is not None:
                            found[word] = likeness


def _heard_alike(written: Spelling, wanted: Spelling) -> Likeness:
    if wanted.script is not written.script:
        return SAME_SOUND
    return OTHER_NAME if is_other_sex(written, wanted) else SOUNDS_ALIKE


def _inflected(written: Spelling, wanted: Spelling, languages: frozenset[str]) -> Likeness:
    if written.script is not Script.LATIN:
        return INFLECTED
    return Likeness(weights.INFLECTED, "inflected", languages, otherwise=slip(written, wanted))


class Index:
    """Watched words by keys that they share with what resembles them."""

    def __init__(self, keys: Callable[[Spelling], Iterable[object]], not_yet: Mapping[str, Word] | None = None) -> None:
        """
        Args:
            not_yet: every watched word; nothing is filed before something is looked up then.
        """
        self._keys = keys
        self._not_yet = not_yet
        self._filed: dict[object, tuple[Word, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._filed) or bool(self._not_yet)

    def add(self, word: Word) -> None:
        if self._not_yet is None:
            filed = self._filed
            alone = (word,)  # one for all its keys: most of them are of no other word
            for key in self._keys(word.spelling):
                if key:
                    others = filed.setdefault(key, alone)
                    if others is not alone:
                        filed[key] = (*others, word)

    def drop(self, word: Word) -> None:
        if self._not_yet is None:
            for key in self._keys(word.spelling):
                if key:
                    left = tuple(each for each in self._filed[key] if each is not word)
                    if left:
                        self._filed[key] = left
                    else:
                        del self._filed[key]

    def filed(self) -> Mapping[object, Sequence[Word]]:
        """The words by their keys."""
        if self._not_yet is not None:
            words, self._not_yet = self._not_yet, None
            for word in words.values():
                self.add(word)
        return self._filed


def compare(written: Spelling, wanted: Spelling) -> Likeness | None:
    """How one word stands for another, wherever it is found; None when it is another word."""
    vocabulary = Vocabulary()
    word = vocabulary.word(wanted.folded)
    return vocabulary.likes(written, declines=True).get(word)


def _remembered(seen: Seen) -> Seen:
    seen.refresh()
    for word in seen.words:
        word.seen_as.append(seen)
    return seen


class _Memo(dict[str, Seen | None]):
    """What written words came to; a word that is not there yet is read."""

    def __init__(self, read: Callable[[str], Seen | None]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, written: str) -> Seen | None:
        if is_ideographic(written) and len(written) > 1:
            return RUN
        if len(written) > LONGEST_WORD:
            return None  # nobody is called that
        seen = self[written] = self._read(written)
        return seen
