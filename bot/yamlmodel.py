"""Pydantic models filled from located YAML, complaining in the words of the person who wrote the file.

Every key keeps its place, so that each complaint names line, column and the nearest valid key. Knows no particular key:
`config/` and `watchlists/` hold the models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema, model_validator
from pydantic.fields import FieldInfo
from rapidfuzz import fuzz, process

from bot.errors import Problem
from bot.yamlfile import Located, quote

NEAR_ENOUGH = 60
"""Below this likeness (0 to 100) a guess at the key that was meant would only confuse."""


class Refused(ValueError):  # noqa: N818 - reads as what a validator says
    """A value that cannot be used: what is wrong with it and what to do."""

    def __init__(self, wrong: str, mend: str) -> None:
        super().__init__(f"{wrong}; {mend}")
        self.wrong = wrong
        self.mend = mend


class Null(str):
    """An empty value, `null` or `~` without quotes: None for a key that may be null, for all others the text itself."""

    __slots__ = ()


@cache
def _nullable(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(key for key, field in fields_of(model).items() if type(None) in get_args(field.annotation))


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields under the names that people write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _mapping_or_nothing(schema: dict[str, Any]) -> None:
    """In a JSON Schema as in our reading: a section may be left empty, and `x-` keys are free."""
    schema["type"] = ["object", "null"]
    schema["patternProperties"] = {"^x-": {}}


class Section(BaseModel):
    """A mapping whose unknown keys are errors (except `x-…`) and whose nullable keys understand YAML's null."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra=_mapping_or_nothing, arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _read_nulls(cls, data: Any) -> Any:
        if isinstance(data, Null):
            return {}
        if not isinstance(data, dict):
            return data
        nullable = _nullable(cls)
        return {
            key: None if isinstance(value, Null) and key in nullable else value
            for key, value in data.items()
            if not key.startswith("x-")
        }


def as_data(node: Located) -> Any:
    """The node as pydantic wants it: text, lists and dicts, with `Null` where YAML would say null."""
    if isinstance(node.value, str):
        return Null(node.value) if node.is_null else node.value
    if isinstance(node.value, list):
        return [as_data(item) for item in node.value]
    return {key: as_data(item) for key, item in node.value.items()}


# --- Kinds of value that both configuration and watchlists use -------------------------------------------------------


def _text(value: Any) -> Any:
    """One text, as written: a number or a lower-case `null` in a list is text as well."""
    if isinstance(value, Mapping) and len(value) == 1:
        [(key, rest)] = value.items()
        written = f"{key}: {rest}" if isinstance(rest, str) else str(key)
        raise Refused("a colon and a space make this a “key: value”", f"if it is one text, write {quote(written)}")
    if isinstance(value, Mapping | list):
        raise Refused("one text is expected here", "write it on one line, without brackets")
    if not str(value).strip():
        raise Refused("nothing is written here", "write the text or delete the line")
    return str(value).strip()


def written(value: Any) -> str:
    """The text of a value that has to be there.

    Raises:
        Refused: nothing is written.
    """
    text = str(value).strip()
    if not text:
        raise Refused("nothing is written here", "write a value, or delete the line for the default")
    return text


def split_texts(value: Any) -> Any:
    """`évasion, prison` as a list; commas of any script and semicolons separate."""
    if isinstance(value, Null):
        return []
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[,;،؛]", value) if part.strip()]
    if isinstance(value, Mapping):
        raise Refused("a list is expected here", "write [one, two], or one a line beginning with “- ”")
    return value


TEXT_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
"""What other readers of YAML make of `Amra`, `1984` and `no`, all of which we take as text."""

Text = Annotated[str, BeforeValidator(_text), WithJsonSchema(TEXT_SCHEMA)]
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(split_texts),
    WithJsonSchema({"anyOf": [{"type": "array", "items": TEXT_SCHEMA}, {"type": [*TEXT_SCHEMA["type"], "null"]}]}),
]
"""A list of texts, or one text with commas."""


# --- Filling and complaining -----------------------------------------------------------------------------------------

M = TypeVar("M", bound=BaseModel)


def fill(model: type[M], node: Located, path: Path, data: Any = None) -> tuple[M | None, list[Problem]]:
    """The model, or None and every problem. `data` stands in for `as_data(node)` where the caller prepared it."""
    try:
        return model.model_validate(as_data(node) if data is None else data), []
    except ValidationError as error:
        problems = [(one["type"], one["loc"], _complaint(model, node, path, dict(one))) for one in error.errors()]
    meant = {problem.mend for kind, _, problem in problems if kind == "extra_forbidden"}
    misspelt = {loc for kind, loc, _ in problems if kind == "missing" and f"did you mean {loc[-1]}?" in meant}
    return None, [problem for kind, loc, problem in problems if kind != "missing" or loc not in misspelt]


def find(root: Located, loc: Sequence[str | int]) -> Located:
    """The node at this place, or the deepest one on the way to it."""
    for part in loc:
        child = _child(root, part)
        if child is None:
            break
        root = child
    return root


def _child(node: Located, part: str | int) -> Located | None:
    if isinstance(node.value, dict):
        return node.value.get(str(part))
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def nearest(word: str, candidates: Sequence[str]) -> str | None:
    """The candidate that was probably meant."""
    found = process.extractOne(word.lower(), candidates, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    return found[0] if found else None


def unknown_key(model: type[BaseModel], key: str) -> str:
    """What to do about a key that the model does not have."""
    names = list(fields_of(model))
    if (near := nearest(key, names)) is not None:
        return f"did you mean {near}?"
    deeper = {f"{name}.{inner}": inner for name, part in _sections(model) for inner in fields_of(part)}
    found = process.extractOne(key.lower(), deeper, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    if found:
        return f"did you mean {found[2]}?"
    return f"delete it (possible here: {', '.join(names)})"


def _sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in fields_of(model).items():
        if (inner := _section_of(field)) is not None:
            yield name, inner


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _complaint(model: type[BaseModel], root: Located, path: Path, error: dict[str, Any]) -> Problem:
    loc: tuple[str | int, ...] = error["loc"]
    node = find(root, loc)
    key = ".".join(part for part in loc if isinstance(part, str))
    if error["type"] == "extra_forbidden":
        holder = model
        for name in loc[:-1]:
            holder = dict(_sections(holder)).get(str(name), holder)
        line, column = node.key_at or (node.line, node.column)
        mend = unknown_key(holder, str(loc[-1]))
        return Problem(node.path or path, line, column, f"there is no key {key}", mend)
    wrong, mend = _words(error)
    return node.problem(path, f"{key}: {wrong}" if key else wrong, mend)


def _words(error: dict[str, Any]) -> tuple[str, str]:
    """A pydantic error as what is wrong and what to do."""
    context = error.get("ctx", {})
    if isinstance(refused := context.get("error"), Refused):
        return refused.wrong, refused.mend
    if isinstance(error["input"], Null) and not error["input"]:
        return "nothing is written here", "write a value, or delete the line for the default"
    match error["type"]:
        case "missing":
            return "this is missing", "add it"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{_shown(error)} is not a whole number", "write digits only"
        case "literal_error" | "enum":
            return f"{_shown(error)} is not possible here", f"write {context['expected']}".replace("'", "")
        case "greater_than_equal" | "greater_than":
            return f"{_shown(error)} is too small", f"write at least {context.get('ge', context.get('gt'))}"
        case "less_than_equal" | "less_than":
            return f"{_shown(error)} is too big", f"write at most {context.get('le', context.get('lt'))}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "keys are expected below this one", "write one “key: value” a line, indented"
        case "tuple_type" | "list_type":
            return "a list is expected here", "write [one, two], or one a line beginning with “- ”"
        case "string_type":
            return "one text is expected here", "write it on one line, without brackets"
    return error["msg"], "mend the value"


def _shown(error: dict[str, Any]) -> str:
    """The offending value, short; never called for a key that may hold a secret."""
    text = str(error["input"])
    return text if len(text) <= 40 else text[:39] + "…"
