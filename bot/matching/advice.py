"""What a name will accept and refuse, and what to know before watching it. Pure.

Nothing is said from theory: every spelling shown was tried on the matcher, which watched this name and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.given_names import is_given_name
from bot.known_names import known_names
from bot.matching import weights
from bot.matching.alias import Alias, Manner, aliases_of
from bot.matching.index import matcher_of
from bot.matching.judge import frequent_surnames
from bot.matching.lexicon import PARTICLES, is_common_word
from bot.matching.romanise import is_ideographic
from bot.matching.variants import Person, Variant, Way, variants
from bot.model import THRESHOLDS, Entity, Match, Scope, Tier, WatchedName
from bot.text import fold, fold_text

MOST_ACCEPTED = 6
MOST_TO_CHECK = 3
MOST_REFUSED = 4
SHORT = 3
"""Letters: Lee, Un and Li are words, and parts of other names, in many languages."""
SHORT_ACRONYM = 2
MOST_ALIASES = 3
NAMES_LISTED = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A way to write the name, and what the matcher said to it (None: nothing)."""

    written: str
    way: Way
    match: Match | None

    @property
    def tier(self) -> Tier | None:
        return self.match.tier if self.match else None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know about a name: a code with its values, worded in `advice_words.py`.

    `other` is the name it is about, beside the one it was found for.
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    other: WatchedName | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """Examples, the most telling first, and cautions."""

    accepts: tuple[Example, ...]
    """These ring."""
    checks: tuple[Example, ...]
    """These are kept to check and do not ring."""
    refuses: tuple[Example, ...]
    """These do nothing."""
    cautions: tuple[Caution, ...]


def advise(name: WatchedName, *, more: int = 0) -> Advice:
    """The advice on one name, looked at alone. Takes some milliseconds.

    Args:
        more: how many more examples of each kind than a short answer has room for.
    """
    trial = _Trial([name])
    tried = [Example(each.written, each.way, trial.of(0, each.written)) for each in _tried(name.entity)]
    return Advice(
        accepts=_selection(tried, Tier.CERTAIN, MOST_ACCEPTED + more),
        checks=_selection(tried, Tier.POSSIBLE, MOST_TO_CHECK + more),
        refuses=_selection(tried, None, MOST_REFUSED + more),
        cautions=tuple(_cautions(name, 0, trial)),
    )


def advise_list(names: Sequence[WatchedName]) -> list[tuple[WatchedName, Caution]]:
    """The cautions on all names of one list, also those that come of their being together; in the order of the list."""
    trial = _Trial(names)
    found: list[tuple[WatchedName, Caution]] = []
    twins = _twins(names, trial)
    families = _families(names, twins, trial)
    for number, name in enumerate(names):
        found += [(name, each) for each in _cautions(name, number, trial)]
        if number in families:
            found.append((name, _ambiguous(name, [names[member] for member in families[number]])))
        if number in twins and not _is_told_by_the_loader(name, twins[number]):
            found.append((name, twins[number]))
    return found


def alike(name: WatchedName, others: Iterable[WatchedName]) -> WatchedName | None:
    """The first of the others that may be this one: its name is a mention of this one, or has it as its surname."""
    trial = _Trial([name])
    whole = fold(name.entity.name)
    for other in others:
        written = [alias.written for alias in _as_written(other.entity)]
        if any(_is_full(trial.of(0, each), each) for each in written) or fold(_surname(other.entity) or "") == whole:
            return other
    return None


# --- Trials -----------------------------------------------------------------------------------------------------------


class _Trial:
    """Names on a matcher of their own, each in a scope of its own: none takes a mention from another."""

    def __init__(self, names: Sequence[WatchedName]) -> None:
        self._numbers = {Scope(str(number)): number for number in range(len(names))}
        self._matcher = matcher_of(replace(name, scope=scope) for scope, name in zip(self._numbers, names, strict=True))
        self._said: dict[str, dict[int, Match]] = {}

    def all_of(self, written: str) -> Mapping[int, Match]:
        """What the matcher makes of these words alone in a sentence, by the number of the name."""
        if written not in self._said:
            found = self._matcher.find("", f"« {written} »")
            self._said[written] = {self._numbers[match.scope]: match for match in found}
        return self._said[written]

    def of(self, number: int, written: str) -> Match | None:
        return self.all_of(written).get(number)


def _tried(entity: Entity) -> Iterator[Variant]:
    """The name in many ways, and each alias as it is and in small letters."""
    for alias in _as_written(entity)[: 1 + MOST_ALIASES]:
        yield Variant(alias.written, Way.ALIAS if alias.listed else Way.ITSELF)
        yield from (each for each in variants(alias) if not alias.listed or each.way is Way.LOWER_CASE)


def _as_written(entity: Entity) -> list[Alias]:
    """The name, then its aliases, each once and as newspapers print it."""
    by_text: dict[str, Alias] = {}
    for alias in aliases_of(entity):
        by_text.setdefault(alias.written, replace(alias, written=_printed(alias)))
    return list(by_text.values())


def _printed(alias: Alias) -> str:
    """A person's name that was typed without capitals has them in print."""
    written = alias.written
    if alias.manner not in {Manner.FULL_NAME, Manner.SURNAME} or written != written.lower():
        return written
    return " ".join(word if fold(word) in PARTICLES else word[:1].upper() + word[1:] for word in written.split())


def _selection(tried: Iterable[Example], tier: Tier | None, most: int) -> tuple[Example, ...]:
    """The first examples with this outcome, one of each way and each text once."""
    by_way: dict[Way, Example] = {}
    for example in tried:
        told = any(example.written == each.written for each in by_way.values())
        if example.tier is tier and not told:
            by_way.setdefault(example.way, example)
    return tuple(by_way.values())[:most]


# --- One name ---------------------------------------------------------------------------------------------------------


def _cautions(name: WatchedName, number: int, trial: _Trial) -> Iterator[Caution]:
    if name.entity.threshold < THRESHOLDS["wide"]:
        yield Caution("low-threshold", {"threshold": str(name.entity.threshold), "usual": str(THRESHOLDS["normal"])})
    for alias in _as_written(name.entity):
        if trial.of(number, alias.written) is None:
            yield Caution("never-found", {"name": alias.written})
        elif alias.manner is Manner.FULL_NAME:
            yield from _of_a_full_name(alias, number, trial)
        else:
            yield from _of_one_word(alias, settled=bool(name.entity.context))


def _of_one_word(alias: Alias, *, settled: bool) -> Iterator[Caution]:
    """`settled`: there is a context that decides who is meant."""
    word = {"name": alias.written}
    letters = sum(map(str.isalpha, alias.written))
    if alias.manner is Manner.ACRONYM:
        if letters <= SHORT_ACRONYM:
            yield Caution("short-acronym", word)
    elif alias.manner is Manner.SURNAME:
        if is_common_word(alias.written):
            yield Caution("common-word", word)
        elif settled:
            return
        elif fold(alias.written) in frequent_surnames():
            yield Caution("common-alone", word)
        elif letters <= SHORT and not any(map(is_ideographic, alias.written)):
            yield Caution("short", word)


def _of_a_full_name(alias: Alias, number: int, trial: _Trial) -> Iterator[Caution]:
    person = Person.of(alias.written)
    frequent = fold(person.surname) in frequent_surnames()
    given, surname = is_given_name(person.given), is_given_name(person.surname) and not frequent
    rare = known_names().spread(fold(person.given)) <= weights.RARE  # no given name, in all likelihood
    if surname and given and not person.particles and all(map(is_given_name, person.middle)):
        yield Caution("lone-given-name", {"name": alias.written})
    elif surname and not given and rare and trial.of(number, person.given) is None:
        yield Caution("surname-first", {"surname": person.given, "given": person.surname})
    elif not alias.listed and _said_to_be_common(trial.of(number, person.surname)):
        yield Caution("common-surname", {"surname": person.surname})


def _said_to_be_common(match: Match | None) -> bool:
    return match is not None and any(reason.code in {"frequent-surname", "also-given-name"} for reason in match.reasons)


# --- Several names ----------------------------------------------------------------------------------------------------


def _twins(names: Sequence[WatchedName], trial: _Trial) -> dict[int, Caution]:
    """Number of a name → the caution about one before it, where one of the two is a mention of the other."""
    twins: dict[int, Caution] = {}
    for number, name in enumerate(names):
        for alias in _as_written(name.entity):
            for other, match in trial.all_of(alias.written).items():
                if other != number and _is_full(match, alias.written):
                    second, first = names[max(number, other)], names[min(number, other)]
                    by_alias = alias.listed and match.alias != names[other].entity.name
                    caution = _shared_alias(alias.written, first) if by_alias else _listed_twice(second, first)
                    twins.setdefault(max(number, other), caution)
    return twins


def _is_told_by_the_loader(name: WatchedName, caution: Caution) -> bool:
    """The names differ in case and accents alone."""
    return caution.other is not None and fold(caution.other.entity.name) == fold(name.entity.name)


def _listed_twice(second: WatchedName, first: WatchedName) -> Caution:
    return Caution("listed-twice", {"name": second.entity.name, "other": first.entity.name}, first)


def _shared_alias(alias: str, first: WatchedName) -> Caution:
    return Caution("shared-alias", {"alias": alias, "other": first.entity.name}, first)


def _is_full(match: Match | None, written: str) -> bool:
    """The matcher takes all of these words for the name, surely, and not by the surname alone."""
    return (
        match is not None
        and match.tier is Tier.CERTAIN
        and fold_text(match.text) == fold_text(written)
        and not _by_surname(match)
    )


def _by_surname(match: Match) -> bool:
    return any(reason.code == "surname" for reason in match.reasons)


def _families(names: Sequence[WatchedName], twins: Mapping[int, Caution], trial: _Trial) -> dict[int, list[int]]:
    """Names that one bare surname fits, none of which has a context to tell them apart, under the first of them."""
    families: dict[int, list[int]] = {}
    told: set[int] = set()
    for number, name in enumerate(names):
        surname = _surname(name.entity)
        if number in told or surname is None:
            continue
        found = trial.all_of(surname).items()
        family = [each for each, match in found if _by_surname(match) and each not in twins and _is_plain(names[each])]
        common = _said_to_be_common(trial.of(number, surname))  # which is said already, and as much as to check
        if number in family and len(family) > (weights.MOST_ENTRIES if common else 1):
            families[number] = sorted(family)
            told.update(family)
    return families


def _is_plain(name: WatchedName) -> bool:
    return not name.entity.context


def _surname(entity: Entity) -> str | None:
    for alias in _as_written(entity)[:1]:
        if alias.manner is Manner.FULL_NAME:
            return Person.of(alias.written).surname
        if alias.manner is Manner.SURNAME:
            return alias.written
    return None


def _ambiguous(name: WatchedName, family: Sequence[WatchedName]) -> Caution:
    shown = ", ".join(each.shown for each in family[:NAMES_LISTED]) + (" …" if len(family) > NAMES_LISTED else "")
    code = "ambiguous" if len(family) <= weights.MOST_ENTRIES else "too-ambiguous"
    return Caution(code, {"surname": _surname(name.entity) or "", "number": str(len(family)), "names": shown})
