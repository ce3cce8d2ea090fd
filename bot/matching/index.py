"""The matcher: one index over every watched word of every scope, read once per article whatever the number of names.

An entity is kept once however many scopes ask for it. What one scope asks for never changes what another finds.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.matching import weights
from bot.matching.alias import Alias, Manner
from bot.matching.document import Document
from bot.matching.entry import Entry, Filed
from bot.matching.ideographs import read_ideographs
from bot.matching.judge import Article, Refusal, Verdict, judge, judge_all
from bot.matching.mentions import Reading
from bot.matching.near import Lack, NearMiss, lacks_in
from bot.matching.romanise import latin
from bot.matching.scan import Readings, scan
from bot.matching.vocabulary import Vocabulary, Word
from bot.model import Entity, Match, MatchField, Reason, Scope, Tier, WatchedName

MANY = 1_000
"""Names from which on the index is kept out of the garbage collector's way."""


class Matcher:
    """Not safe for several threads: `thread.py` gives it one of its own."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._entries: dict[str, Entry] = {}
        self._names: dict[tuple[Scope, str], Entry] = {}

    def __len__(self) -> int:
        """How many names are watched, over all scopes."""
        return len(self._names)

    def add(self, name: WatchedName) -> None:
        """Watch a name, in place of what the same scope had under the same id."""
        self.remove(name.scope, name.id)
        key = name.entity.key
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = self._file(key, name.entity)
        entry.asked.append((name.scope, name.id))
        self._names[name.scope, name.id] = entry
        _changed(entry)

    def remove(self, scope: Scope, name_id: str) -> None:
        """Stop watching; nothing happens when it was not watched."""
        entry = self._names.pop((scope, name_id), None)
        if entry is None:
            return
        entry.asked.remove((scope, name_id))
        if not entry.asked:
            del self._entries[entry.key]
            self._unfile(entry)
        _changed(entry)
        if not entry.asked:
            entry.filed.clear()  # which knows the entry, and would keep it

    def find(self, title: str, text: str, language: str | None = None) -> list[Match]:
        """One match at most a scope and name: its best mention. In the order of scope and name."""
        documents = self._documents(title, text, language)
        by_scope = _judged(self._read(documents), Article(documents))
        return [
            _match(scope, name_id, verdict)
            for scope in sorted(by_scope)
            for name_id, verdict in sorted(_compete(by_scope[scope]).items())
        ]

    def near(self, title: str, text: str, language: str | None = None) -> list[NearMiss]:
        """Names that are nearly in the article and not found there, with what they lack; in the order of the text."""
        documents = self._documents(title, text, language)
        readings, article = self._read(documents), Article(documents)
        by_scope = _judged(readings, article)
        told = {(scope, name_id) for scope, claims in by_scope.items() for name_id in _compete(claims)}
        missed: dict[tuple[Scope, str], NearMiss] = {}
        for lack in self._lacks(documents, readings, article):
            for asked in lack.entry.asked:
                if asked not in told and asked not in missed:
                    missed[asked] = _near_miss(*asked, lack)
        return sorted(missed.values(), key=lambda each: (each.field, each.start, each.scope, each.name_id))

    def _lacks(self, documents: Sequence[Document], readings: Readings, article: Article) -> Iterator[Lack]:
        """The nearest first: mentions that another name took, those that were refused, words that make no mention."""
        for entry, reading in readings.items():
            for verdict in judge(entry, reading, article):
                mention = verdict.mention
                yield Lack(entry, mention.document, mention.first, mention.last, Reason("taken"))
        for entry, reading in readings.items():
            for each in judge_all(entry, reading, article):
                if isinstance(each, Refusal):
                    yield Lack(entry, each.mention.document, each.mention.first, each.mention.last, each.lacks)
        for document in documents:
            yield from lacks_in(document, self._vocabulary)

    def _documents(self, title: str, text: str, language: str | None) -> list[Document]:
        written = {MatchField.TITLE: title, MatchField.TEXT: text}
        return [Document(field, each, self._vocabulary, language) for field, each in written.items() if each]

    def _read(self, documents: Sequence[Document]) -> Readings:
        readings: Readings = defaultdict(Reading)
        for document in documents:
            scan(document, readings)
            if document.ideographic:
                for filed, mention in read_ideographs(document, self._vocabulary):
                    readings[filed.entry].mentions.append(mention)
        return readings

    def clear(self) -> None:
        """Watch nothing. To be called on a matcher that is no longer used: its objects know each other in circles."""
        while self._names:
            self._names.popitem()
        while self._entries:  # one by one, so that other threads have their turn
            self._entries.popitem()[1].filed.clear()
        self._vocabulary.clear()

    # --- The index -----------------------------------------------------------------------------------------------

    def _file(self, key: str, entity: Entity) -> Entry:
        entry = Entry.of(key, entity)
        before = self._vocabulary.shape
        for alias in entry.aliases():
            words = tuple(self._vocabulary.word(folded) for folded in _filed_under(alias))
            filed = Filed(entry, alias, words, initial=latin(alias.words[0])[:1] or alias.words[0][:1])
            entry.filed.append(filed)
            for word in words:
                word.uses += 1
                if _in_any_case(alias, word):
                    self._vocabulary.count_any_case(word, 1)
            for places in _places(filed):
                places.append(filed)
        if self._vocabulary.shape != before:
            self._vocabulary.forget_readings()  # any word read before may resemble a new one
        return entry

    def _unfile(self, entry: Entry) -> None:
        before = self._vocabulary.shape
        for filed in entry.filed:
            for places in _places(filed):
                places.remove(filed)
            for word in filed.words:
                word.partners = {partner: places for partner, places in word.partners.items() if places}
                word.uses -= 1
                if _in_any_case(filed.alias, word):
                    self._vocabulary.count_any_case(word, -1)
        for word in {word for filed in entry.filed for word in filed.words if not word.uses}:
            self._vocabulary.drop(word)
        if self._vocabulary.shape != before:
            self._vocabulary.forget_readings()


def _in_any_case(alias: Alias, word: Word) -> bool:
    """It may stand without a capital: of an organisation, a phrase, or as the alias itself writes it (Jong-un)."""
    if alias.manner in {Manner.ORGANISATION, Manner.PHRASE, Manner.NICKNAME}:
        return True
    if all(alias.capitals):
        return False
    return not dict(zip(alias.words, alias.capitals, strict=True)).get(word.folded, True)


def _filed_under(alias: Alias) -> tuple[str, ...]:
    """The alias's words; P.S.J. holds none of the words of PSJ, but its first letter."""
    return (*alias.words, alias.words[0][:1]) if alias.manner is Manner.ACRONYM else alias.words


def _places(filed: Filed) -> list[list[Filed]]:
    """The lists that an alias is filed in, under its words."""
    words = filed.words
    if len(words) == 1 or filed.alias.manner is Manner.ACRONYM:
        return [word.alone for word in words]
    if filed.alias.manner is Manner.FULL_NAME:
        others = [words[-1].partners.setdefault(word, []) for word in dict.fromkeys(words[:-1])]
        return others if filed.alias.titled else [*others, words[-1].surname_of]
    return [words[1].partners.setdefault(words[0], [])]


def _changed(entry: Entry) -> None:
    for word in {word for filed in entry.filed for word in filed.words}:
        word.changed()


# --- Scopes ------------------------------------------------------------------------------------------------------


def _judged(readings: Mapping[Entry, Reading], article: Article) -> dict[Scope, list[tuple[str, Verdict]]]:
    """What stands, for every name of every scope, the best of a name first."""
    found: dict[Scope, list[tuple[str, Verdict]]] = defaultdict(list)
    for entry, reading in readings.items():
        if not reading.mentions:
            continue
        verdicts = judge(entry, reading, article)
        for scope, name_id in entry.asked:
            found[scope] += [(name_id, verdict) for verdict in verdicts]
    return found


Span = tuple[MatchField, int]
"""A word of a field."""


def _compete(claims: Sequence[tuple[str, Verdict]]) -> dict[str, Verdict]:
    """Inside one scope a span of text is one entity's: the longer, surer reading takes it. The best claim of each."""
    strongest: dict[Span, Strength] = {}
    for _, verdict in claims:
        for span in _spans(verdict):
            strongest[span] = max(strongest.get(span, _NOTHING), _strength(verdict))
    kept: dict[str, Verdict] = {}
    for name_id, verdict in claims:
        if name_id not in kept and not any(_outdone(_strength(verdict), strongest[span]) for span in _spans(verdict)):
            kept[name_id] = verdict
    return _unambiguous(kept)


Strength = tuple[bool, bool, int, int]
"""Named in full, supported by evidence, words, score."""
_NOTHING: Strength = (False, False, -1, 0)


def _outdone(strength: Strength, best: Strength) -> bool:
    if strength[:3] != best[:3]:
        return strength < best
    score, top = strength[3], best[3]
    # هلدين is Haldin as well as Holdin: of two spellings that are both not it, none takes the span for a few points.
    return score < top and (top >= weights.AS_WRITTEN or top - score > weights.CLOSE)


def _unambiguous(kept: dict[str, Verdict]) -> dict[str, Verdict]:
    """Weak mentions that fit several names of the scope wait to be checked; those that fit many say nothing."""
    fitting: dict[tuple[Span, ...], set[int]] = defaultdict(set)
    for verdict in kept.values():
        fitting[_spans(verdict)].add(id(verdict))  # two ids of one entity have one verdict
    found = {}
    for name_id, verdict in kept.items():
        number = len(fitting[_spans(verdict)]) if verdict.mention.weak and not verdict.confirmed else 1
        if number <= weights.MOST_ENTRIES:
            # An initial tells two of a name apart often enough, a bare surname never.
            found[name_id] = _ambiguous(verdict, number) if number > 1 + verdict.supported else verdict
    return found


def _spans(verdict: Verdict) -> tuple[Span, ...]:
    mention = verdict.mention
    return tuple((mention.document.field, at) for at in range(mention.first, mention.last + 1))


def _strength(verdict: Verdict) -> Strength:
    mention = verdict.mention
    return (not mention.weak, verdict.supported, mention.last - mention.first, mention.score)


def _ambiguous(verdict: Verdict, number: int) -> Verdict:
    why = Reason("fits-many", {"number": str(number)})
    return Verdict(verdict.mention, Tier.POSSIBLE, (*verdict.reasons, why))


def _match(scope: Scope, name_id: str, verdict: Verdict) -> Match:
    mention = verdict.mention
    text, start, end = mention.document.as_given(mention.first, mention.last)
    return Match(
        scope=scope,
        name_id=name_id,
        alias=mention.alias.written,
        text=text,
        field=mention.document.field,
        start=start,
        end=end,
        score=mention.score,
        tier=verdict.tier,
        reasons=verdict.reasons,
    )


def _near_miss(scope: Scope, name_id: str, lack: Lack) -> NearMiss:
    text, start, end = lack.document.as_given(lack.first, lack.last)
    return NearMiss(scope, name_id, text, lack.document.field, start, end, lack.why)


def matcher_of(names: Iterable[WatchedName]) -> Matcher:
    """A matcher that watches these names."""
    matcher = Matcher()
    # A hundred thousand names are millions of objects. The collector need not look through them again and again while
    # they are made, nor afterwards, when it would hold every thread up for as long as it takes.
    collecting = gc.isenabled()
    gc.disable()
    try:
        for name in names:
            matcher.add(name)
    finally:
        if collecting:
            gc.enable()
    if len(matcher) > MANY:
        gc.freeze()
    return matcher
