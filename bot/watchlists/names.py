"""One name as a person wrote it: tidied, understood, or refused with the reason. Pure.

Serves the names of watchlist files and those typed after /watch alike.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.given_names import is_given_name
from bot.matching.lexicon import LEGAL_FORMS, is_common_word
from bot.model import Entity, Kind

MAX_LENGTH = 200
"""Code points. No name of a person or body is longer; a pasted paragraph is."""

_JOINERS = "\u200c\u200d"
"""Persian and others need them inside words; every other invisible character is an accident of pasting."""

_WRAPPINGS = (("«", "»"), ("“", "”"), ('"', '"'), ("'", "'"), ("*", "*"))
"""Around a whole name these mean nothing to us: quotes, and stars that stand for “anything” elsewhere."""


@dataclass(frozen=True, slots=True)
class NameRefusal:
    """Why a text cannot be watched; screens word it by `code`: `empty`, `too-long`, `no-letters`, `given-name`,
    `common-word`, `several`."""

    code: str
    wrong: str
    mend: str


def parse_name(text: str) -> Entity | NameRefusal:
    """The entity that one typed name stands for, with nothing but its name and kind."""
    name = clean_name(text)
    if sum(map(_is_full_name, re.split(r"[,;\n]", text))) > 1:
        return NameRefusal("several", f"“{name}” reads like several names", "give them one by one")
    if is_common_word(name):
        wrong = f"“{name}” alone is an everyday word and would alert all day"
        return NameRefusal("common-word", wrong, "write the whole name")
    return refuse(name, None) or Entity(name=name, kind=guess_kind(name))


def _is_full_name(text: str) -> bool:
    words = text.split()
    return len(words) > 1 and all(word[0].isalpha() and not word[0].islower() for word in words)


def clean_name(text: str) -> str:
    """The name without what pasting leaves around it; composed (NFC), with single spaces."""
    visible = (" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    kept = "".join(one for one in visible if one in _JOINERS or unicodedata.category(one) != "Cf")
    return _unwrapped(" ".join(unicodedata.normalize("NFC", kept).split()))


def _unwrapped(name: str) -> str:
    """Without quotes and stars around it, however many."""
    for left, right in _WRAPPINGS:
        if len(name) > 2 and name.startswith(left) and name.endswith(right):
            return _unwrapped(name[1:-1].strip())
    bare = name.lstrip("*").rstrip("*,;").strip()
    return bare if bare == name else _unwrapped(bare)


def refuse(name: str, kind: Kind | None) -> NameRefusal | None:
    """Why this (clean) name cannot be watched; None if it can. `kind` is what the writer said, if anything."""
    if not name:
        return NameRefusal("empty", "there is no name here", "write one, or delete the line")
    if len(name) > MAX_LENGTH:
        return NameRefusal("too-long", f"a name of {len(name)} characters", f"keep it under {MAX_LENGTH + 1}")
    if not any(one.isalnum() for one in name):
        return NameRefusal("no-letters", f"“{name}” has no letter and no digit", "write the name in letters")
    if kind in {None, Kind.PERSON} and is_given_name(name):
        wrong = f"“{name}” alone is a common given name and would alert about thousands of people"
        mend = f"add the surname; or, if it is no person, write {{name: {name}, kind: organisation}}"
        return NameRefusal("given-name", wrong, mend)
    return None


def guess_kind(name: str) -> Kind:
    """What a name is when nobody says.

    One word in capitals is an acronym (`PNACO`, `G7`), an organisation like what ends in a legal form (`Ruche SA`).
    What holds digits otherwise, or no letter (`1984`, `L'Ofast #2`), is a phrase; all else is a person, one word alone
    being a surname. Scripts without capitals have no acronyms.
    """
    if _has_legal_form(name):
        return Kind.ORGANISATION
    if re.search(r"\s", name) is None and name == name.upper() != name.lower() and sum(map(str.isalnum, name)) > 1:
        return Kind.ORGANISATION
    return Kind.PHRASE if any(one.isdigit() for one in name) or not any(map(str.isalpha, name)) else Kind.PERSON


_LEGAL_FORMS_IN_SMALL = frozenset({"gmbh", "inc", "incorporated", "limited", "llc", "ltd", "plc", "sarl", "sàrl"})


def _has_legal_form(name: str) -> bool:
    """It ends in `SA`, `S.A.` or `GmbH`; `João Sá` and `JOAO SA` are people."""
    *before, last = name.split() or [""]
    form = last.replace(".", "")
    if not before or name == name.upper():
        return False
    return form.casefold() in _LEGAL_FORMS_IN_SMALL or (form.isupper() and form.casefold() in LEGAL_FORMS)
