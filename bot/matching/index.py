"""The matcher: one index over every watched word of every scope, read once per article whatever the number of names.

An entity is kept once however many scopes ask for it. What one scope asks for never changes what another finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.matching import weights
from bot.matching.alias import Manner, aliases_of
from bot.matching.judge import Rules, Verdict, judge, rules_of
from bot.matching.lexicon import PARTICLES
from bot.matching.mentions import Document, Hit, Reading, read
from bot.matching.spelling import ENDINGS, JOINED, Likeness, compare, keys
from bot.model import Match, MatchField, Reason, Scope, Tier, WatchedName
from bot.text import LONGEST_WORD, View, plain_tokens, view

MEMO_LIMIT = 200_000
"""Word forms remembered; a year of news has more, most of them seen once."""

Place = tuple[str, int, int]
"""Where a watched word stands: entity key, alias number, word number."""


class Matcher:
    """Not safe for several threads: `thread.py` gives it one of its own."""

    def __init__(self) -> None:
        self._rules: dict[str, Rules] = {}
        self._names: dict[tuple[Scope, str], WatchedName] = {}
        self._asked: dict[str, set[tuple[Scope, str]]] = defaultdict(set)
        self._places: dict[str, set[Place]] = {}
        self._filed: dict[str, set[str]] = defaultdict(set)
        self._memo: dict[tuple[str, str | None], tuple[tuple[str, Likeness], ...]] = {}

    def __len__(self) -> int:
        """How many names are watched, over all scopes."""
        return len(self._names)

    def add(self, name: WatchedName) -> None:
        """Watch a name, in place of what the same scope had under the same id."""
        self.remove(name.scope, name.id)
        key = name.entity.key
        self._names[name.scope, name.id] = name
        self._asked[key].add((name.scope, name.id))
        if key not in self._rules:
            self._rules[key] = rules_of(name.entity, aliases_of(name.entity))
            self._file(key)

    def remove(self, scope: Scope, name_id: str) -> None:
        """Stop watching; nothing happens when it was not watched."""
        name = self._names.pop((scope, name_id), None)
        if name is None:
            return
        key = name.entity.key
        self._asked[key].discard((scope, name_id))
        if not self._asked[key]:
            self._unfile(key)
            del self._asked[key], self._rules[key]

    def find(self, title: str, text: str, language: str | None = None) -> list[Match]:
        """One match at most a scope and name: its best mention. In the order of scope and name."""
        fields = {MatchField.TITLE: title, MatchField.TEXT: text}
        views = {field: view(written) for field, written in fields.items()}
        documents = [Document(field, seen.text, plain_tokens(seen.text)) for field, seen in views.items()]
        verdicts = self._judge(documents, _declining(language))
        by_scope: dict[Scope, dict[str, Verdict]] = defaultdict(dict)
        for key, verdict in verdicts.items():
            for scope, name_id in self._asked[key]:
                by_scope[scope][name_id] = verdict
        return [
            _match(
                scope, name_id, verdict, fields[verdict.mention.document.field], views[verdict.mention.document.field]
            )
            for scope in sorted(by_scope)
            for name_id, verdict in sorted(_compete(by_scope[scope]).items())
        ]

    # --- The index -----------------------------------------------------------------------------------------------

    def _file(self, key: str) -> None:
        for place, word in self._words(key):
            if word not in self._places:
                self._places[word] = set()
                for each in keys(word):
                    self._filed[each].add(word)
                self._memo.clear()  # any word read before may resemble the new one
            self._places[word].add(place)

    def _unfile(self, key: str) -> None:
        for place, word in self._words(key):
            self._places[word].discard(place)
            if not self._places[word]:
                del self._places[word]
                for each in keys(word):
                    self._filed[each].discard(word)
                    if not self._filed[each]:
                        del self._filed[each]
                self._memo.clear()

    def _words(self, key: str) -> list[tuple[Place, str]]:
        return [
            ((key, number, at), word)
            for number, alias in enumerate(self._rules[key].aliases)
            for at, word in enumerate(alias.words)
        ]

    def _resembled(self, folded: str, language: str | None) -> tuple[tuple[str, Likeness], ...]:
        """The watched words that a word of the text resembles."""
        known = self._memo.get((folded, language))
        if known is None:
            filed = {word for key in keys(folded, language) if key in self._filed for word in self._filed[key]}
            compared = ((word, compare(folded, word, language)) for word in sorted(filed))
            known = tuple((word, likeness) for word, likeness in compared if likeness)
            if len(self._memo) >= MEMO_LIMIT:
                self._memo.clear()
            self._memo[folded, language] = known
        return known

    # --- Reading an article ----------------------------------------------------------------------------------------

    def _judge(self, documents: Sequence[Document], language: str | None) -> dict[str, Verdict]:
        readings: dict[str, list[Reading]] = defaultdict(list)
        for document in documents:
            for (key, number), hits in self._hits(document, language).items():
                readings[key].append(read(document, self._rules[key].aliases[number], hits))
        if not any(reading.mentions for found in readings.values() for reading in found):
            return {}
        every = [token for document in documents for token in document.tokens]
        words = frozenset(token.folded for token in every)
        lower = frozenset(token.folded for token in every if not token.capital)
        judged = ((key, judge(self._rules[key], found, words, lower)) for key, found in readings.items())
        return {key: verdict for key, verdict in judged if verdict}

    def _hits(self, document: Document, language: str | None) -> dict[tuple[str, int], list[Hit]]:
        """What resembles a word of an alias, by entity and alias, in the order of the text."""
        found: dict[tuple[str, int], list[Hit]] = defaultdict(list)
        for at, token in enumerate(document.tokens):
            if len(token.folded) > LONGEST_WORD:
                continue  # nobody is called that
            for word, likeness in (*self._resembled(token.folded, language), *self._joined(document, at)):
                for key, number, part in self._places[word]:
                    found[key, number].append((at, part, likeness))
        self._add_spelt_out_acronyms(found, document)
        return found

    def _joined(self, document: Document, at: int) -> tuple[tuple[str, Likeness], ...]:
        """`Mc Grath`, `El-Khatib`, `Eck-art`: two tokens that a watched name writes as one, told at the second."""
        if at == 0:
            return ()
        one, two = document.tokens[at - 1], document.tokens[at]
        whole = one.folded + two.folded
        if whole not in self._places or len(two.folded) < 2 or not document.joined(at - 1):
            return ()
        return ((whole, JOINED),) if one.folded in PARTICLES or "-" in document.between(at - 1, at) else ()

    def _add_spelt_out_acronyms(self, found: dict[tuple[str, int], list[Hit]], document: Document) -> None:
        """`P.S.J.` holds none of the words of PSJ; its letters stand alone."""
        letters = "".join(token.folded if token.end - token.start == 1 else " " for token in document.tokens)
        for run in set(letters.split()):
            if len(run) < 2:
                continue
            for length in range(2, min(len(run), 6) + 1):
                for start in range(len(run) - length + 1):
                    for key, number, _ in self._places.get(run[start : start + length], ()):
                        if self._rules[key].aliases[number].manner is Manner.ACRONYM:
                            found.setdefault((key, number), [])


def _declining(language: str | None) -> str | None:
    """The two-letter code, for the languages that decline names; None for the others, so that they share a memo."""
    code = (language or "").split("-")[0].lower()
    return code if code in ENDINGS else None


def _compete(found: dict[str, Verdict]) -> dict[str, Verdict]:
    """Inside one scope a span of text is one entity's: the longer, surer reading takes it."""
    kept = {
        name_id: verdict
        for name_id, verdict in found.items()
        if not any(_outdoes(other, verdict) for other in found.values() if other is not verdict)
    }
    shared: dict[tuple[object, int, int], list[str]] = defaultdict(list)
    for name_id, verdict in kept.items():
        mention = verdict.mention
        if mention.weak:
            shared[mention.document.field, mention.first, mention.last].append(name_id)
    for name_ids in shared.values():
        if len(name_ids) > weights.MOST_ENTRIES:
            kept |= {each: _ambiguous(kept[each], len(name_ids)) for each in name_ids}
    return kept


def _outdoes(other: Verdict, verdict: Verdict) -> bool:
    one, two = other.mention, verdict.mention
    if one.document.field is not two.document.field or one.last < two.first or two.last < one.first:
        return False
    return _strength(other) > _strength(verdict)


def _strength(verdict: Verdict) -> tuple[bool, int, int]:
    mention = verdict.mention
    return (not mention.weak, mention.last - mention.first, mention.score)


def _ambiguous(verdict: Verdict, number: int) -> Verdict:
    why = Reason("fits-many", {"number": str(number)})
    return Verdict(verdict.mention, Tier.POSSIBLE, (*verdict.reasons, why))


def _match(scope: Scope, name_id: str, verdict: Verdict, written: str, seen: View) -> Match:
    mention = verdict.mention
    start, end = seen.place(mention.start), seen.place(mention.end)
    return Match(
        scope=scope,
        name_id=name_id,
        alias=mention.alias.written,
        text=written[start:end],
        field=mention.document.field,
        start=start,
        end=end,
        score=mention.score,
        tier=verdict.tier,
        reasons=verdict.reasons,
    )


def matcher_of(names: Iterable[WatchedName]) -> Matcher:
    """A matcher that watches these names."""
    matcher = Matcher()
    for name in names:
        matcher.add(name)
    return matcher
