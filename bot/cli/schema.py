"""`guetteur schema`: the JSON Schemas of the files people edit, for editors and other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from bot.config.reference import reference
from bot.config.schema import feeds_schema, settings_schema
from bot.watchlists import watchlist_schema

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "guetteur": settings_schema,
    "feeds": feeds_schema,
    "watchlist": watchlist_schema,
}


@click.command()
@click.argument("name", type=click.Choice(list(SCHEMAS)), required=False)
@click.option("--markdown", is_flag=True, help="The reference of every key instead: docs/configuration.md.")
def schema(name: str | None, *, markdown: bool) -> None:
    """Print the JSON Schema of guetteur.yaml, of feeds.yaml or of a watchlist.

    Without NAME, one object with all three. They are made from what this version of the program reads.
    """
    if markdown:
        click.echo(reference(), nl=False)
        return
    data = SCHEMAS[name]() if name is not None else {each: make() for each, make in SCHEMAS.items()}
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
