"""`guetteur schema`: the schemas accept what the program accepts, and refuse what is plainly wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from bot.cli import cli
from bot.cli.schema import SCHEMAS

ROOT = Path(__file__).parents[2]

SHIPPED = [("guetteur", ROOT / "config" / "guetteur.yaml"), ("feeds", ROOT / "config" / "feeds.yaml")]
SHIPPED += [("watchlist", path) for path in sorted((ROOT / "watchlists").glob("*.yaml"))]


def schema(name: str) -> Any:
    result = CliRunner().invoke(cli, ["schema", name], standalone_mode=False)
    assert result.exception is None
    return json.loads(result.stdout)


def is_valid(name: str, text: str) -> bool:
    return Draft202012Validator(schema(name)).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_without_a_name_all_three_are_printed() -> None:
    result = CliRunner().invoke(cli, ["schema"], standalone_mode=False)
    assert json.loads(result.stdout).keys() == {"guetteur", "feeds", "watchlist"}


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda one: getattr(one, "name", one))
def test_the_shipped_files_are_accepted(name: str, path: Path) -> None:
    assert is_valid(name, path.read_text())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("watchlist", "- Mohamed Amra\n- 1984\n- Null\n- No\n- 'L''Ofast #2'\n"),
        ("watchlist", "- Mohamed Amra: {aliases: [La Mouche]}\n- Bingui:\n- Bajjou:\n  note: x\n"),
        ("watchlist", "names: {Mohamed Amra: {note: x}, Bingui: }\n"),
        ("watchlist", "names: [{name: Amra, context: 'évasion, prison', not: Amra Khan, threshold: strict, until: 2030-12-31}]\n"),
        ("watchlist", "names_file: people.csv\nthreshold: 90\nvisible_to: [-1001, 42]\ntags: france\nx-mine: [1]\n"),
        ("watchlist", "title: Nobody yet\nnames:\n"),
        ("feeds", "- https://a.example/rss\n- {url: 'https://b.example/', tags: 'a, b', interval: 5m, headers: {K: '${V}'}}\n"),
        ("guetteur", "alerts:\nx-note: 1\npolling: {interval: '${EVERY}', allow_networks: 127.0.0.0/8}\n"),
        ("guetteur", "telegram: {allow: [1, -100], admins: 7, webhook: {url: 'https://b.example', secret: s}}\nweb: {listen: null}\n"),
    ],
)  # fmt: skip
def test_the_loose_forms_are_accepted(name: str, text: str) -> None:
    assert is_valid(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("watchlist", "titel: x\nnames: [Amra]\n"),
        ("watchlist", "- {name: Amra, alias: X}\n"),
        ("watchlist", "- {name: Amra, kind: personne}\n"),
        ("watchlist", "- {name: Amra, threshold: 101}\n"),
        ("feeds", "- {title: A}\n"),
        ("guetteur", "polling: {interval: 10}\n"),
        ("guetteur", "polling: {intervall: 10m}\n"),
        ("guetteur", "telegram: {access: opn}\n"),
    ],
)
def test_what_is_wrong_is_refused(name: str, text: str) -> None:
    assert not is_valid(name, text)


def test_defaults_are_shown_as_people_write_them() -> None:
    polling = schema("guetteur")["$defs"]["PollingSettings"]["properties"]
    assert (polling["interval"]["default"], polling["max_bytes"]["default"]) == ("10m", "10MB")
