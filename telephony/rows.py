"""Rows that facts are folded into: made when missing, locked in key order, written in one statement.

The statements are put together here, once, rather than by `bulk_create`, which takes several times as long
to write a row as the database does.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model, QuerySet

from telephony.statements import Select

Row = TypeVar("Row", bound=Model)

VALUES_MOST = 20_000  # of one statement; SQLite takes 32,766, PostgreSQL 65,535


def locked(model: type[Row], field: str, keys: Iterable[str]) -> dict[str, Row]:
    """Each key's row, made if missing, locked. Always in key order: two processes can then never deadlock."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    there, rows = _by_key(model, field)
    missing = set(wanted) - there.firsts(wanted)
    insert(model, [model(**{field: key}) for key in wanted if key in missing], known=True)
    return {str(getattr(row, field)): row for row in rows.rows(wanted)}


@cache
def _by_key(model: type[Row], field: str) -> tuple[Select[Row], Select[Row]]:
    """Which keys have rows, and those rows, locked."""
    column = f"{model._meta.db_table}.{field}"
    return (
        Select(model, f"{column} IN {{}}", field),
        Select(model, f"{column} IN {{}}", order=column, lock=""),
    )


def insert(model: type[Row], rows: Sequence[Row], *, known: bool = False) -> None:
    """Write rows that are new. `known`: one whose unique key is there already changes nothing."""
    if rows:
        _run(_insertion(connection.vendor, model, known), rows)


def write(model: type[Row], rows: Collection[Row]) -> None:
    """Write all columns of rows that exist."""
    if rows:
        _run(_rewriting(connection.vendor, model), list(rows))


# --- the statements ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Statement:
    """The text around the rows, and their columns; names are the models' own, all values are parameters."""

    head: str
    tail: str
    columns: Sequence["Field[Any, Any]"]


@cache
def _insertion(vendor: str, model: type[Model], known: bool) -> _Statement:
    columns = [column for column in model._meta.concrete_fields if not isinstance(column, AutoField)]
    return _statement(model, columns, "ON CONFLICT DO NOTHING" if known else "")


@cache
def _rewriting(vendor: str, model: type[Model]) -> _Statement:
    # A time that is set when a row is made stays: Django takes every row here for a new one.
    columns = list(model._meta.concrete_fields)
    kept = [column for column in columns if not column.primary_key and not _is_set_once(column)]
    changes = ", ".join(f"{_name(column)} = excluded.{_name(column)}" for column in kept)
    return _statement(model, columns, f"ON CONFLICT ({_name(model._meta.pk)}) DO UPDATE SET {changes}")


def _statement(model: type[Model], columns: Sequence["Field[Any, Any]"], conflict: str) -> _Statement:
    table, names = connection.ops.quote_name(model._meta.db_table), ", ".join(map(_name, columns))
    head = f"INSERT INTO {table} ({names})"
    if connection.vendor != "postgresql":
        return _Statement(f"{head} VALUES ", f" {conflict}", columns)
    # One parameter for all rows: the driver takes far longer over a thousand small ones.
    record = ", ".join(f"{_name(column)} {_type(column)}" for column in columns)
    rows = f"SELECT {names} FROM json_to_recordset(%s) AS told({record})"  # noqa: S608 (names of the model)
    return _Statement(f"{head} {rows}", f" {conflict}", columns)


def _is_set_once(column: "Field[Any, Any]") -> bool:
    return bool(getattr(column, "auto_now_add", False))


def _name(column: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(column.column))


def _type(column: "Field[Any, Any]") -> str:
    """Without its length: a cast would cut what is too long, where the column refuses it."""
    return re.sub(r"varchar\(\d+\)", "text", column.rel_db_type(connection) or "")


# --- the values --------------------------------------------------------------------------------------------
def _run(statement: _Statement, rows: Sequence[Model]) -> None:
    # Not the proxy that `connection` is: it is asked for the ways of the engine with each single value.
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        _run_as_json(statement, rows, database)
        return
    places = ", ".join(["%s"] * len(statement.columns))
    size = VALUES_MOST // len(statement.columns)
    for some in (rows[first : first + size] for first in range(0, len(rows), size)):
        with database.cursor() as cursor:
            cursor.execute(
                statement.head + ", ".join([f"({places})"] * len(some)) + statement.tail,
                [_value(row, column, database) for row in some for column in statement.columns],
            )


def _run_as_json(statement: _Statement, rows: Sequence[Model], database: BaseDatabaseWrapper) -> None:
    told = [
        {str(column.column): column.pre_save(row, row._state.adding) for column in statement.columns}
        for row in rows
    ]
    with database.cursor() as cursor:
        cursor.execute(statement.head + statement.tail, [json.dumps(told, default=_as_text)])


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _value(row: Model, column: "Field[Any, Any]", database: BaseDatabaseWrapper) -> Any:
    return column.get_db_prep_save(column.pre_save(row, row._state.adding), database)


def blank(rows: QuerySet[Row], keep: Set[str]) -> None:
    """Write the default into every column but the primary key and those to keep."""
    columns = (field for field in rows.model._meta.concrete_fields if not field.primary_key)
    rows.update(**{field.attname: field.get_default() for field in columns if field.attname not in keep})
