"""The keys of a watchlist file, with what each is for. Pure; `read.py` fills these."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from bot.model import THRESHOLDS, Kind, Priority
from bot.yamlmodel import TEXT_SCHEMA, Refused, Section, Text, Texts, split_texts


def _threshold(value: Any) -> int:
    text = str(value).strip()
    if text in THRESHOLDS:
        return THRESHOLDS[text]
    if text.isascii() and text.isdigit() and int(text) <= 100:
        return int(text)
    raise Refused(f"{text} is no threshold", f"write a whole number from 0 to 100, or {', '.join(THRESHOLDS)}")


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    text = str(value).strip()
    french = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    mend = "write one like 2027-12-31"
    try:
        if french is None and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        if french is not None:
            mend = f"write it as {date(int(french[3]), int(french[2]), int(french[1])).isoformat()}"
    except ValueError:
        pass
    raise Refused(f"{text} is not a date", mend)


def _visible_to(value: Any) -> str | tuple[int, ...]:
    if isinstance(value, str) and value in {"everyone", "admins"}:
        return str(value)
    ids = split_texts(value)
    if isinstance(ids, list | tuple) and ids and all(re.fullmatch(r"-?\d{1,19}", str(one)) for one in ids):
        return tuple(int(one) for one in ids)
    raise Refused("nobody is named like this", "write everyone, admins, or chat ids like [-1001234567890, 4242]")


def _id(text: str) -> str:
    if len(text) > 100:
        raise Refused("an id this long is none", "write at most 100 characters")
    return text


Threshold = Annotated[
    int,
    BeforeValidator(_threshold),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 100},
                {"type": "string", "pattern": rf"^(\d+|{'|'.join(THRESHOLDS)})$"},
            ]
        }
    ),
]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"format": "date"})]
"""The schema names no type: some readers of YAML make a date of it, others a text."""
_ID = {"type": "integer"}
VisibleTo = Annotated[
    str | tuple[int, ...],
    PlainValidator(_visible_to),
    WithJsonSchema({"anyOf": [{"type": ["string", "integer"]}, {"type": "array", "items": _ID}]}),
]


class NameDetails(Section):
    """What may be said about one name; only the name itself is required."""

    id: Annotated[Text, AfterValidator(_id), WithJsonSchema(TEXT_SCHEMA)] | None = Field(
        None, description="Stable: the name may then change without losing its history. Default: the name."
    )
    aliases: Texts = Field((), description="Other ways to write it: nicknames, acronyms, other scripts.")
    context: Texts = Field((), description="Words that confirm a weak mention (bare surname, nickname, namesake).")
    not_: Texts = Field((), alias="not", description="A mention in a sentence with one of these is not one.")
    not_context: Texts = Field((), description="With one of these words near, it is the namesake.")
    threshold: Threshold | None = Field(
        None, description="How alike a spelling must be: 0 to 100, or strict, normal, wide."
    )
    kind: Kind | None = Field(None, description="Person, organisation or phrase; default: told by its form.")
    priority: Priority | None = Field(
        None, description="Urgent pierces the night, normal rings, digest waits for the digest."
    )
    label: Text | None = Field(None, description="Shown instead of the name.")
    note: Text | None = Field(None, description="Shown in /why.")
    ref: Text | None = Field(None, description="Your own reference: a file number, a register.")
    until: Day | None = Field(None, description="The last day on which the name is watched.")


class NameEntry(NameDetails):
    """A name with what is said about it."""

    name: Text = Field(description="The name; its short form is enough.")


class WatchlistFile(Section):
    """A watchlist: its title, who it is for, and its names."""

    title: Text | None = Field(None, description="Shown to readers; default: the file's name.")
    description: Text | None = Field(None, description="A sentence for those who may subscribe.")
    tags: Texts = Field((), description="Feeds with any of these tags; leave out for all feeds.")
    visible_to: VisibleTo = Field("everyone", description="everyone who has access, admins, or a list of chat ids.")
    threshold: Threshold = Field(THRESHOLDS["normal"], description="Default for the names below.")
    context: Texts = Field((), description="Default for the names below.")
    kind: Kind | None = Field(None, description="Default for the names below.")
    priority: Priority = Field(Priority.NORMAL, description="Default for the names below.")
    names: Any = Field(None, description="The names, each a text or an entry with keys.")
    names_file: Text | None = Field(None, description="A CSV file beside this one with more names.")


def watchlist_schema() -> dict[str, Any]:
    """The JSON Schema of a watchlist file in all its forms: the file or a bare list; names as text, as an entry with
    `name`, or as a key of their own (`Mohamed Amra: {aliases: …}`)."""
    file, entry, details = (model.model_json_schema() for model in (WatchlistFile, NameEntry, NameDetails))
    definitions = {**file.pop("$defs", {}), **entry.pop("$defs", {}), **details.pop("$defs", {})}
    definitions["Details"] = details
    keyed = {"anyOf": [{"$ref": "#/$defs/Details"}, {"type": "null"}]}
    del entry["required"]
    definitions["Name"] = {
        "anyOf": [
            {"type": [*TEXT_SCHEMA["type"], "null"]},
            {**entry, "type": "object", "minProperties": 1, "additionalProperties": keyed},
        ]
    }
    names = {"type": "array", "items": {"$ref": "#/$defs/Name"}}
    by_key = {"type": ["object", "null"], "additionalProperties": keyed}
    file["properties"]["names"] = {**file["properties"]["names"], "anyOf": [names, by_key]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Guetteur watchlist",
        "anyOf": [file, names],
        "$defs": definitions,
    }
