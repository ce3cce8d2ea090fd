"""Watchlists: YAML → the names we look for, and a helpful word about every mistake.

`read_folder` and `read_watchlist` read files; `parse_name` understands one typed name. Never touches the database.
"""

from bot.watchlists.models import watchlist_schema
from bot.watchlists.names import NameRefusal, parse_name
from bot.watchlists.read import places_of_names, read_folder, read_watchlist, unknown_tags

__all__ = [
    "NameRefusal",
    "parse_name",
    "places_of_names",
    "read_folder",
    "read_watchlist",
    "unknown_tags",
    "watchlist_schema",
]
