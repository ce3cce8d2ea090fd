"""The JSON Schemas of the settings and of feed files, made from their models. Pure."""

from __future__ import annotations

from typing import Any

from bot.config.feeds import FeedEntry
from bot.config.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_VARIABLE = {"type": "string", "pattern": r"\$\{"}
"""Any value may come from the environment."""

_AROUND = frozenset({"title", "description", "default", "examples"})


def settings_schema() -> dict[str, Any]:
    """Of `guetteur.yaml`."""
    schema = Settings.model_json_schema()
    for section, values in Settings().model_dump(mode="json").items():
        for key, value in values.items() if isinstance(values, dict) else ():
            _section(schema, section)["properties"][key]["default"] = value
    return {"$schema": DIALECT, **_with_variables(schema), "title": "Guetteur's settings"}


def _section(schema: dict[str, Any], name: str) -> dict[str, Any]:
    definition: dict[str, Any] = schema["$defs"][schema["properties"][name]["$ref"].rsplit("/", 1)[1]]
    return definition


def feeds_schema() -> dict[str, Any]:
    """Of a feeds file in YAML: a list of entries and bare URLs."""
    entry = _with_variables(FeedEntry.model_json_schema())
    items = {"anyOf": [{"type": "string"}, entry]}
    return {"$schema": DIALECT, "title": "A list of feeds", "type": ["array", "null"], "items": items}


def _with_variables(schema: Any) -> Any:
    """The schema with `${NAME}` allowed wherever something narrower than text is asked for."""
    if isinstance(schema, list):
        return [_with_variables(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("integer", "number") or schema.keys() & {"enum", "pattern", "const"}:
        around = {key: value for key, value in schema.items() if key in _AROUND}
        narrow = {key: value for key, value in schema.items() if key not in _AROUND}
        return {**around, "anyOf": [narrow, _VARIABLE]}
    return {key: value if key in _AROUND else _with_variables(value) for key, value in schema.items()}
