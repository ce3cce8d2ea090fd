"""What the environment adds to the files: `GUETTEUR_SECTION__KEY` overrides a key, `${NAME}` stands for a value.

Works on the located tree, before any value is checked. Reads no environment itself: it is handed over. Values of the
environment never appear in a problem: they are secrets as often as not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from bot.config.settings import Settings
from bot.errors import Problem
from bot.yamlfile import Located, parse
from bot.yamlmodel import nearest

PREFIX = "GUETTEUR_"
RESERVED = frozenset({"GUETTEUR_CONFIG", "GUETTEUR_CORPUS"})
RESERVED_PREFIX = "GUETTEUR_TEST_"

_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)\{|\{(?P<name>[^}]*)\})")


def override(root: Located, environ: Mapping[str, str]) -> list[Problem]:
    """Lay every `GUETTEUR_SECTION__KEY` over the tree of the settings, in place."""
    keys = override_names()
    problems: list[Problem] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in RESERVED or name.startswith(RESERVED_PREFIX):
            continue
        origin = Path(f"environment variable {name}")
        if name not in keys:
            near = nearest(name.lower(), [key.lower() for key in keys])
            mend = f"did you mean {near.upper()}?" if near else "unset it"
            problems.append(Problem(origin, 1, 1, "there is no such setting", mend))
            continue
        node, faults = _value(environ[name], origin)
        problems += faults
        if node is not None:
            _place(root, keys[name], node)
    return problems


def override_names() -> dict[str, tuple[str, ...]]:
    """Environment variable → the key that it overrides, for every key of the settings."""
    names: dict[str, tuple[str, ...]] = {}
    open_ends: list[tuple[tuple[str, ...], object]] = [((), Settings.model_json_schema())]
    definitions = Settings.model_json_schema()["$defs"]
    while open_ends:
        path, schema = open_ends.pop()
        assert isinstance(schema, dict)  # noqa: S101 - JSON Schema is made of dicts
        parts = [schema, *schema.get("anyOf", [])]
        inner = next((definitions[part["$ref"].rsplit("/", 1)[1]] for part in parts if "$ref" in part), schema)
        if "properties" in inner:
            open_ends += [((*path, key), value) for key, value in inner["properties"].items()]
        else:
            names[PREFIX + "__".join(path).upper()] = path
    return names


def _value(text: str, origin: Path) -> tuple[Located | None, list[Problem]]:
    """A scalar as written, or a list or a quoted text as YAML says."""
    node, problems = parse(text, origin) if text.lstrip()[:1] in {"[", '"', "'"} else (None, [])
    if problems:
        return None, [Problem(origin, 1, 1, "this is not YAML", "write a plain value or [one, two]")]
    node = node or Located(text.strip(), 1, 1, plain=True)
    for one in [node, *(node.value if isinstance(node.value, list) else [])]:
        one.path = origin
    return node, []


def _place(root: Located, keys: tuple[str, ...], node: Located) -> None:
    for key in keys[:-1]:
        mapping = _mapping(root)
        root = mapping.setdefault(key, Located({}, root.line, root.column, key_at=(root.line, root.column)))
    _mapping(root)[keys[-1]] = node


def _mapping(node: Located) -> dict[str, Located]:
    """The node's mapping; an empty section becomes one. Anything else is replaced: what overrides wins."""
    if not isinstance(node.value, dict):
        node.value = {}
    return node.value


def substitute(root: Located, environ: Mapping[str, str], path: Path, *, spare: Collection[int] = ()) -> list[Problem]:
    """Put the environment's values for every `${NAME}`, in place; `$${` stands for `${`.

    Unset or empty is a problem, except in the nodes named by `spare` (their `id()`), which become null. What an
    environment variable set already is taken as it is.
    """
    problems: list[Problem] = []
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.path is not None:
            continue
        if isinstance(node.value, dict):
            nodes += node.value.values()
        elif isinstance(node.value, list):
            nodes += node.value
        elif "${" in node.value:
            problems += _fill_in(node, environ, path, spare=id(node) in spare)
    return problems


def variables(text: str) -> frozenset[str]:
    """The names of the variables that stand in a text."""
    return frozenset(found["name"] for found in _VARIABLE.finditer(text) if not found["escaped"])


def filled_in(text: str, environ: Mapping[str, str]) -> tuple[str, list[tuple[int, int]]]:
    """The text with the values for its variables, and where these stand in it: begin and end, in order."""
    filled, at, spans = "", 0, list[tuple[int, int]]()
    for found in _VARIABLE.finditer(text):
        value = found[0][1:] if found["escaped"] else environ.get(found["name"], "")
        filled += text[at : found.start()]
        if not found["escaped"]:
            spans.append((len(filled), len(filled) + len(value)))
        filled, at = filled + value, found.end()
    return filled + text[at:], spans


def _fill_in(node: Located, environ: Mapping[str, str], path: Path, *, spare: bool) -> list[Problem]:
    text = str(node.value)
    names = [found["name"] for found in _VARIABLE.finditer(text) if not found["escaped"]]
    unset = sorted({name for name in names if not environ.get(name)})
    if unset and spare:
        node.value, node.plain = "", True
        return []
    node.value, _ = filled_in(text, environ)
    node.plain = node.plain and not names
    return [
        node.problem(path, f"the environment variable {name or '(no name)'} is not set", f"set it in .env: {name}=…")
        for name in unset
    ]
