"""A row in every table, whatever tables there are: made from the columns, so that a new table is not forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, DateTime, Float, Integer, MetaData, String, Table
from sqlalchemy.sql.sqltypes import TypeEngine

DAY_ONE = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
Override = Callable[[Column[Any], int], Any]
"""(column, number of the row) → its value, or None for the usual one."""


def fill_every_table(
    connection: Connection, metadata: MetaData, *, rows: int = 2, override: Override = lambda _column, _number: None
) -> dict[str, int]:
    """So many rows in each table, each different from the others; what points to another row points to one that is there.

    Returns:
        How many rows each table has.
    """
    made: dict[Column[Any], list[Any]] = defaultdict(list)
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        for number in range(1, rows + 1):
            values = {column.name: _value(made, column, number, override) for column in table.c}
            given = {key: value for key, value in values.items() if value is not None}
            row = connection.execute(table.insert().values(given).returning(*table.primary_key)).one()
            for column, value in zip(table.primary_key, row, strict=True):
                made[column].append(value)
    return {table.name: rows for table in tables}


def _value(made: Mapping[Column[Any], list[Any]], column: Column[Any], number: int, override: Override) -> Any:
    chosen = override(column, number)
    if chosen is not None:
        return chosen
    for key in column.foreign_keys:
        # A story follows none.
        return made[key.column][number - 1] if key.column.table is not column.table else None
    if column.primary_key and len(column.table.primary_key) == 1 and isinstance(column.type, Integer):
        return number if column.name != "id" else None
    return _plain_value(column.type, f"{column.table.name}.{column.name} {number}", number)


def _plain_value(kind: TypeEngine[Any], name: str, number: int) -> Any:
    kind = getattr(kind, "impl", kind)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return number / 2
    if isinstance(kind, DateTime):
        return DAY_ONE + timedelta(days=number)
    if isinstance(kind, Date):
        return date(2026, 2, number)
    if isinstance(kind, JSON):
        return [name]
    assert isinstance(kind, String), name
    return name[-kind.length :] if kind.length else name


def snapshot(connection: Connection, metadata: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {
        table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
        for table in metadata.sorted_tables
        if isinstance(table, Table) and table.name != "alembic_version"
    }
