"""What is shown of names in bulk before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.matching.advice_words import caution_words
from bot.model import Question, WatchedName, Watchlist
from bot.telegram.markup import clean, cut
from bot.telegram.render import Button, Rendered
from bot.telegram.screens import LABEL, shown
from bot.texts import listed, number, plural, text
from bot.watchlists.bulk import Bulk, Preview

SHOWN = 5
"""Of a kind; the others are counted."""
LISTS = 20
COMPLAINT = 150


def received(bulk: Bulk, lists: Sequence[Watchlist], language: str) -> Rendered:
    """How many names were read, what cannot be used, and the watchlists to choose from."""
    lines = [f"<b>{plural(language, 'bulk.read', len(bulk.names))}</b>"]
    faults = [each for each in bulk.problems if not each.warning]
    if faults:
        lines.append(plural(language, "bulk.refused", len(faults)))
        lines += [f"• {number(language, each.line)}: {shown(f'{each.wrong}; {each.mend}', COMPLAINT)}" for each in faults[:SHOWN]]
        lines += _more(len(faults), language)
    if not bulk.names:
        return Rendered("\n".join(lines))
    lines.append(text(language, "bulk.which"))
    rows = [(Button(cut(clean(each.title), LABEL), data=f"bulk:pick:{each.id}"),) for each in lists[:LISTS]]
    return Rendered("\n".join(lines), (*rows, (Button(text(language, "bulk.button.no"), data="bulk:no"),)))


def asking(screen: Rendered, question: Question) -> Rendered:
    """The screen, whose message remembers what was handed over."""
    return replace(screen, asks=question)


def previewed(seen: Preview, target: Watchlist, rates: Mapping[str, float] | None, language: str) -> Rendered:
    """What would be written: how often it would ring, which spellings count, what to be careful about."""
    lines = [text(language, "bulk.would", count=plural(language, "count.names", len(seen.fresh)), title=shown(target.title))]
    lines += [f"• {_fresh(name, rates, language)}" for name in seen.fresh[:SHOWN]] + _more(len(seen.fresh), language)
    for key, names in (
        ("bulk.listed", [each.name for each in seen.listed]),
        ("bulk.elsewhere", [each.name for each in seen.elsewhere]),
    ):
        if names:
            lines.append(text(language, key, names=_names(names, language)))
    for name, advice in seen.advised[:SHOWN]:
        accepted = listed(language, [shown(each.written, 40) for each in advice.accepts])
        lines.append(text(language, "bulk.spellings", name=shown(name.shown, 60), spellings=accepted))
    lines += [
        f"⚠️ {shown(name.shown, 60)} : {shown(caution_words(caution, language), COMPLAINT)}"
        for name, caution in seen.cautions[:SHOWN]
    ]
    lines += _more(len(seen.cautions), language)
    write = Button(plural(language, "bulk.button.write", len(seen.fresh)), data=f"bulk:write:{target.id}")
    no = Button(text(language, "bulk.button.no"), data="bulk:no")
    return Rendered("\n".join(lines), ((write, no),) if seen.fresh else ((no,),))


def written(names: int, target: Watchlist, language: str) -> Rendered:
    return Rendered(text(language, "bulk.written", count=plural(language, "count.names", names), title=shown(target.title)))


def _fresh(name: WatchedName, rates: Mapping[str, float] | None, language: str) -> str:
    if rates is None:
        return shown(name.shown, 60)
    rate = number(language, round(rates.get(name.id, 0.0), 1))
    return text(language, "bulk.rate", name=shown(name.shown, 60), rate=rate)


def _names(names: Sequence[WatchedName], language: str) -> str:
    more = len(names) - SHOWN
    rest = [plural(language, "more", more)] if more > 0 else []
    return listed(language, [*(shown(name.shown, 60) for name in names[:SHOWN]), *rest])


def _more(total: int, language: str) -> list[str]:
    return [plural(language, "more", total - SHOWN)] if total > SHOWN else []
