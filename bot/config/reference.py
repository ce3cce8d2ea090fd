"""docs/configuration.md: every key of every file people edit, from the models that read them. Pure.

`guetteur schema --markdown` prints it; a test holds the page to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from bot.config.changes import waits_for_restart
from bot.config.feeds import FeedEntry
from bot.config.renamed import RENAMED
from bot.config.settings import Settings, WebhookSettings
from bot.watchlists.models import NameEntry, WatchlistFile

HEAD = """\
# Configuration

Every key, with what may be written and its default. This page is made from the program:
`guetteur schema --markdown > docs/configuration.md`. Settings stand in `config/guetteur.yaml`, feeds in the files that
its key `feeds` names, names in the files of the folder `watchlists`;
[watchlists.md](watchlists.md) and [feeds.md](feeds.md) tell how to write the latter two.

- Paths are relative to `guetteur.yaml`. Durations are written `500ms`, `20s`, `10m`, `6h`, `90d`, `5y`; sizes `10MB`; a
  number without a unit is a mistake.
- What looks like another type stays text: `no`, `22:00`, `1984`. A list may be one text with commas. An unknown key is
  a mistake, unless it begins with `x-`.
- `${NAME}` is replaced by an environment variable, `$${` is a `${` that is meant. `GUETTEUR_POLLING__INTERVAL=5m`
  overrides `polling.interval`, and so on for each key; `GUETTEUR_CONFIG` names the file of settings.
- `guetteur check` names every mistake as `FILE:LINE:COLUMN: what is wrong; what to do`. The daemon takes up edits
  within five seconds; a file with a mistake leaves the last good version in force. Keys marked ⟳ count from the next
  start.
- `guetteur schema` prints the JSON Schemas, for editors that complete keys while one types.
"""

_NAMED_PATTERNS = (("ms|[smhdwy]", "duration"), ("[bB]$", "size"), ("strict|normal|wide", "strict, normal, wide"))


def reference() -> str:
    """The page."""
    parts = [HEAD, *_settings(), *_files()]
    return "\n".join(parts)


def _settings() -> Iterator[str]:
    schema = Settings.model_json_schema()
    defaults = Settings().model_dump(mode="json")
    yield "## Settings: `config/guetteur.yaml`\n"
    for section, default in defaults.items():
        if isinstance(default, dict):
            definition = _definition(schema, schema["properties"][section])
            yield f"### {section}\n\n{definition['description']}\n"
            yield _table(definition, schema, default, within=f"{section}.")
    webhook = WebhookSettings.model_json_schema()
    yield f"### telegram.webhook\n\n{webhook['description']}\n"
    yield _table(webhook, webhook, {}, within="telegram.webhook.")
    top = {key: value for key, value in schema["properties"].items() if not isinstance(defaults[key], dict)}
    yield "### At the top\n"
    yield _table({"properties": top}, schema, defaults)
    if RENAMED:
        yield "### Renamed\n\nThe old names are understood for a year, with a warning.\n"
        yield "\n".join(f"- `{each.old}` is now `{each.new}`" for each in RENAMED) + "\n"


def _files() -> Iterator[str]:
    for title, model in (
        ("Feeds: an entry of `config/feeds.yaml`", FeedEntry),
        ("Watchlists: the keys of a file", WatchlistFile),
        ("Watchlists: the keys of a name", NameEntry),
    ):
        schema = model.model_json_schema(by_alias=True)
        yield f"## {title}\n\n{schema['description']}\n"
        yield _table(schema, schema, _defaults(model))


def _defaults(model: type[BaseModel]) -> Mapping[str, Any]:
    schema = model.model_json_schema(by_alias=True)["properties"]
    return {key: value["default"] for key, value in schema.items() if "default" in value}


def _table(
    definition: Mapping[str, Any], schema: Mapping[str, Any], defaults: Mapping[str, Any], *, within: str = ""
) -> str:
    rows = [
        f"| `{key}`{' ⟳' if within and waits_for_restart(within + key) else ''} | {_accepts(value, schema)} "
        f"| {_default(key, value, defaults)} | {value.get('description', '')} |"
        for key, value in definition["properties"].items()
    ]
    return "\n".join(["| Key | Value | Default | |", "|---|---|---|---|", *rows]) + "\n"


def _default(key: str, value: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    if key not in defaults and "default" not in value:
        return "must be given"
    shown = defaults.get(key, value.get("default"))
    return f"`{shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)}`"


def _accepts(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What may be written, in words."""
    if "$ref" in value:
        return (
            "keys, see below"
            if _definition(schema, value).get("type")
            else _accepts(_definition(schema, value), schema)
        )
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "anyOf" in value:
        kinds = value["anyOf"]
        if any(kind.get("type") == "array" for kind in kinds):
            return "a list" if any("null" in _types(kind) for kind in kinds) else "a text or a list of ids"
        return " or ".join(dict.fromkeys(_accepts(kind, schema) for kind in kinds))
    for sign, name in _NAMED_PATTERNS:
        if sign in value.get("pattern", ""):
            return name
    return _by_type(value)


def _by_type(value: Mapping[str, Any]) -> str:
    forms = {"uri": "web address", "path": "path", "password": "secret", "date": "date, as `2030-12-31`"}
    if value.get("format") in forms:
        return forms[value["format"]]
    types = _types(value)
    if "integer" in types and len(types) == 1:
        bounds = f", {value['minimum']}–{value['maximum']}" if "minimum" in value and "maximum" in value else ""
        return f"whole number{bounds}"
    if types == ["null"]:
        return "`null`"
    return {"object": "keys with texts"}.get(types[0] if types else "", "text")


def _types(value: Mapping[str, Any]) -> Sequence[str]:
    types: str | list[str] = value.get("type", [])
    return [types] if isinstance(types, str) else types


def _definition(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema["$defs"][value["$ref"].rpartition("/")[2]]
    return found
