"""What is shown of names in bulk before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.errors import Problem
from bot.matching.advice_words import caution_words
from bot.model import Question, WatchedName, Watchlist
from bot.telegram.markup import clean, cut
from bot.telegram.render import Button, Rendered
from bot.telegram.screens import FOUND_ROOM, LABEL, shown
from bot.texts import listed, number, plural, text
from bot.watchlists.bulk import Bulk, Preview, name_on
from bot.watchlists.names import NameRefusal, clean_name, parse_name

SHOWN = 5
"""Of a kind; the others are counted."""
LISTS = 20
COMPLAINT = 150
NAME = 60
SPELLING = 40


def received(bulk: Bulk, pasted: str, lists: Sequence[Watchlist], language: str) -> Rendered:
    """How many names were read, what cannot be used, and the watchlists to choose from; its message keeps the list."""
    lines = [f"<b>{plural(language, 'bulk.read', len(bulk.names))}</b>"]
    faults = [each for each in bulk.problems if not each.warning]
    if faults:
        lines.append(plural(language, "bulk.refused", len(faults)))
        for each in faults[:SHOWN]:
            wrong = _wrong(each, pasted, language)
            lines.append("• " + text(language, "bulk.line", line=number(language, each.line), wrong=wrong))
        lines += _more(len(faults), language)
    if not bulk.names:
        return Rendered("\n".join(lines))
    lines.append(text(language, "bulk.which"))
    rows = [(Button(cut(clean(each.title), LABEL), data=f"bulk:pick:{each.id}"),) for each in lists[:LISTS]]
    no = Button(text(language, "bulk.button.no"), data="bulk:no")
    return Rendered("\n".join(lines), (*rows, (no,)), asks=Question("bulk", pasted))


def _wrong(problem: Problem, pasted: str, language: str) -> str:
    """In the reader's language where it is about the name on a line; else in the words of the file's reader."""
    name = name_on("".join(pasted.splitlines()[problem.line - 1 : problem.line]))
    refusal = parse_name(name)
    if not isinstance(refusal, NameRefusal) or f"“{clean_name(name)}”" not in problem.wrong:
        return shown(f"{problem.wrong}; {problem.mend}", COMPLAINT)
    key = "bulk.given-name" if refusal.code == "given-name" else f"watch.refused.{refusal.code}"
    return text(language, "bulk.wrong", name=shown(name, NAME), reason=text(language, key, name=shown(name, NAME)))


def previewed(seen: Preview, target: Watchlist, rates: Mapping[str, float] | None, language: str) -> Rendered:
    """What would be written: how often it would ring, which spellings count, what to be careful about."""
    title = shown(target.title)
    if seen.fresh:
        head = text(language, "bulk.would", count=plural(language, "count.names", len(seen.fresh)), title=title)
    else:
        head = text(language, "bulk.nothing", title=title)
    blocks = [[head, *(f"• {_fresh(name, rates, language)}" for name in seen.fresh[:SHOWN])]]
    blocks += [_more(len(seen.fresh), language), _present(seen, language), _cautions(seen, language)]
    blocks.append(_spellings(seen, language) if seen.fresh else [])
    write = Button(plural(language, "bulk.button.write", len(seen.fresh)), data=f"bulk:write:{target.id}")
    no = Button(text(language, "bulk.button.no"), data="bulk:no")
    html = "\n".join(_fitting([line for block in blocks for line in block]))
    return Rendered(html, ((write,), (no,)) if seen.fresh else ((no,),))


def written(names: int, target: Watchlist, language: str) -> Rendered:
    count = plural(language, "count.names", names)
    return Rendered(text(language, "bulk.written", count=count, title=shown(target.title)))


def _fresh(name: WatchedName, rates: Mapping[str, float] | None, language: str) -> str:
    if rates is None:
        return shown(name.shown, NAME)
    rate = number(language, round(rates.get(name.id, 0.0), 1))
    return text(language, "bulk.rate", name=shown(name.shown, NAME), rate=rate)


def _present(seen: Preview, language: str) -> list[str]:
    """What is left out, and what another list has as well."""
    found = (("bulk.listed", seen.listed), ("bulk.elsewhere", seen.elsewhere))
    return [text(language, key, names=_names([each.name for each in there], language)) for key, there in found if there]


def _cautions(seen: Preview, language: str) -> list[str]:
    lines = [
        text(
            language,
            "bulk.caution",
            name=shown(name.shown, NAME),
            caution=shown(caution_words(caution, language), COMPLAINT),
        )
        for name, caution in seen.cautions[:SHOWN]
    ]
    return lines + _more(len(seen.cautions), language)


def _spellings(seen: Preview, language: str) -> list[str]:
    return [
        text(
            language,
            "bulk.spellings",
            name=shown(name.shown, NAME),
            spellings=listed(language, [shown(each.written, SPELLING) for each in advice.accepts]),
        )
        for name, advice in seen.advised[:SHOWN]
        if advice.accepts
    ]


def _names(names: Sequence[WatchedName], language: str) -> str:
    more = len(names) - SHOWN
    rest = [plural(language, "more", more)] if more > 0 else []
    return listed(language, [*(shown(name.shown, NAME) for name in names[:SHOWN]), *rest])


def _more(total: int, language: str) -> list[str]:
    return [plural(language, "more", total - SHOWN)] if total > SHOWN else []


def _fitting(lines: Sequence[str]) -> list[str]:
    """The lines that fit one message: the last are examples of spellings, which may be missing."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) <= FOUND_ROOM:
            kept.append(line)
    return kept
