"""One field of an article as the matcher reads it: written words, what they resemble, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, compress, count, islice

from bot.matching import weights
from bot.matching.inflection import DECLINING
from bot.matching.language import languages_of
from bot.matching.lexicon import SPLIT_HEADS
from bot.matching.romanise import IDEOGRAPH
from bot.matching.spelling import JOINED, Likeness
from bot.matching.vocabulary import RUN, Seen, Vocabulary, Word
from bot.model import MatchField
from bot.text import INVISIBLE, has_case, read_word, view, words_and_gaps

_UNSEEN = re.compile(rf"[\s{INVISIBLE}]+")
PARAGRAPH = "¶"
"""A blank line: what stands before it and behind it is not one name."""
MOST_BEFORE = 7
MOST_BEHIND = 4
"""How many words before and behind a surname are looked at for a given name."""
_BEGINS = frozenset('.!?…؟:«»"“”\n–—•')
_ENDS = frozenset(".!?;\n؟。")


def _sign_by_sign(parts: Sequence[str]) -> Iterator[str]:
    """Of words written together, each sign is a word; nothing stands between two of them."""
    yield parts[0]
    for word, gap in zip(parts[1::2], parts[2::2], strict=True):
        if IDEOGRAPH.search(word):
            for sign in word[:-1]:
                yield from (sign, "")
            yield word[-1]
        else:
            yield word
        yield gap


@lru_cache(maxsize=4_096)
def _glue(gap: str) -> str:
    return PARAGRAPH if gap.count("\n") > 1 else _UNSEEN.sub("", gap)


class Document:
    """Words are counted from 0; offsets are those of the `view` of the text, not of the text as it was given.

    Args:
        vocabulary: knows what each written word resembles.
        language: what the feed says, as a code such as `pl` or `pt-BR`.
    """

    def __init__(self, field: MatchField, written: str, vocabulary: Vocabulary, language: str | None = None) -> None:
        self.field = field
        self._written = written
        self._language = (language or "").split("-")[0].lower()
        self.view = view(written)
        self.text = self.view.text
        self._parts = words_and_gaps(self.text)
        self.words: Sequence[str] = self._parts[1::2]
        declines = not DECLINING.isdisjoint(self.languages)
        memo = vocabulary.memo(declines=declines)
        self.seen: Sequence[Seen | None] = self._read(vocabulary, memo)
        self.ideographic = RUN in self.seen
        """Some of its words are signs of Han, Kana or Hangul, each of them a word here."""
        if self.ideographic:
            self._parts = list(_sign_by_sign(self._parts))
            self.words = self._parts[1::2]
            self.seen = [None if IDEOGRAPH.match(word) else memo[word] for word in self.words]
        self.spots: Sequence[int] = list(compress(count(), self.seen))
        """The places of words that resemble a watched word."""
        self._beside: dict[int, Sequence[int]] = {}

    def _read(self, vocabulary: Vocabulary, memo: Mapping[str, Seen | None]) -> list[Seen | None]:
        different: Iterable[str] = self.word_set
        if len(self.word_set) > weights.MOST_WORDS:
            different = islice(dict.fromkeys(self.words), weights.MOST_WORDS)
        # The memory is large and slow to look into: once for each word, however often it stands there.
        resembling = {word: memo[word] for word in vocabulary.worth_reading(different)}
        return list(map(resembling.get, self.words))

    @cached_property
    def _ends(self) -> list[int]:
        """Where each of the parts ends."""
        return list(accumulate(map(len, self._parts)))

    @cached_property
    def word_set(self) -> frozenset[str]:
        """Every word as it is written."""
        return frozenset(self.words)

    @cached_property
    def small(self) -> bytes:
        """For each word 1 when it is in lower case, else 0."""
        return bytes(map(str.islower, self.words))

    @cached_property
    def languages(self) -> frozenset[str]:
        """What the text may be written in, as the feed says and as its words look."""
        return languages_of(self.word_set, self._language)

    def like(self, at: int, word: Word) -> Likeness | None:
        """How the word at `at` stands for a watched one."""
        seen = self.seen[at]
        if seen is None:
            return None
        likeness = seen.likes.get(word)
        if likeness is not None:
            holds = likeness.languages is None or likeness.languages & self.languages
            return likeness if holds else likeness.otherwise
        return JOINED if word in seen.wholes and self._behind_head(at) else None

    def _behind_head(self, at: int) -> bool:
        """A first piece of a name stands before it: Mc, Abdel, Abd al."""
        return at > 0 and self.capital(at) and self.folded(at - 1) in SPLIT_HEADS and self.joined(at - 1)

    def start(self, at: int) -> int:
        return self._ends[2 * at]

    def end(self, at: int) -> int:
        return self._ends[2 * at + 1]

    def as_given(self, first: int, last: int) -> tuple[str, int, int]:
        """The words `first` to `last` as they stand in the text as it was given, and their offsets there."""
        start, end = self.view.place(self.start(first)), self.view.place(self.end(last))
        return self._written[start:end], start, end

    def folded(self, at: int) -> str:
        return read_word(self.words[at])[0]

    def capital(self, at: int) -> bool:
        """The word begins with a capital, or its script has none."""
        return read_word(self.words[at])[1]

    def caseless(self, at: int) -> bool:
        """Its script has no capitals."""
        return not has_case(self.words[at][0])

    def upper(self, at: int) -> bool:
        """More than one letter, all of them capitals."""
        return len(self.words[at]) > 1 and self.words[at].isupper()

    def initial(self, at: int) -> bool:
        """`Aurélie E. Vantadour`: a capital and its dot."""
        end = self.end(at)
        return len(self.words[at]) == 1 and self.words[at].isupper() and self.text[end : end + 1] == "."

    def between(self, left: int, right: int) -> str:
        """What stands between the ends of two words."""
        if right == left + 1:
            return self._parts[2 * right]
        return self.text[self.end(left) : self.start(right)]

    def glue(self, at: int) -> str:
        """What is seen between a word and the next one: neither blanks nor invisible marks."""
        gap = self._parts[2 * at + 2]
        return "" if gap == " " else _glue(gap)

    def joined(self, at: int) -> bool:
        """The word and the next one belong to one name: hyphens, apostrophes or an initial's dot between them."""
        glue = self.glue(at)
        if not glue:
            return True
        if glue.startswith(".") and (len(self.words[at]) == 1 or self.folded(at) in {"mc", "st", "ste", "jr"}):
            glue = glue[1:]
        return not glue.strip("-‑'’")

    def beside(self, at: int) -> Sequence[int]:
        """The places before and behind a word that may hold other words of a name; a comma may stand behind it."""
        if at not in self._beside:
            first = last = at
            while first > max(0, at - MOST_BEFORE) and self.joined(first - 1):
                first -= 1
            while last < min(len(self.words) - 1, at + MOST_BEHIND) and self._goes_on(last, comma=last == at):
                last += 1
            self._beside[at] = [each for each in range(first, last + 1) if each != at and self.seen[each]]
        return self._beside[at]

    def _goes_on(self, at: int, *, comma: bool) -> bool:
        glue = self.glue(at).strip("-‑")
        return not glue or (comma and glue == ",")

    def adjacent(self, at: int) -> bool:
        """Nothing but a blank or a hyphen stands between the word and the next one."""
        return not self.glue(at).strip("-‑")

    def begins_sentence(self, at: int) -> bool:
        return at == 0 or not _BEGINS.isdisjoint(self.between(at - 1, at))

    def sentence_ends_between(self, left: int, right: int) -> bool:
        return not _ENDS.isdisjoint(self.between(left, right))
