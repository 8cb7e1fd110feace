"""Rows that facts are folded into: made when missing, locked in key order, written in one statement.

The statements are put together here rather than by `bulk_create`, which takes several times as long to
write a row as the database does.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model, QuerySet

Row = TypeVar("Row", bound=Model)

VALUES_MOST = 20_000  # of one statement; SQLite takes 32,766, PostgreSQL 65,535


def locked(model: type[Row], field: str, keys: Iterable[str]) -> dict[str, Row]:
    """Each key's row, made if missing, locked. Always in key order: two processes can then never deadlock."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = model._default_manager.filter(**{f"{field}__in": wanted})
    there = set(found.values_list(field, flat=True))
    insert(model, [model(**{field: key}) for key in wanted if key not in there], known=True)
    return {str(getattr(row, field)): row for row in found.order_by(field).select_for_update()}


def insert(model: type[Row], rows: Sequence[Row], *, known: bool = False) -> None:
    """Write rows that are new. `known`: one whose unique key is there already changes nothing."""
    columns = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    _insert(model, rows, columns, "ON CONFLICT DO NOTHING" if known else "")


def write(model: type[Row], rows: Iterable[Row]) -> None:
    """Write all columns of rows that exist."""
    # A time that is set when a row is made stays: Django takes every row here for a new one.
    columns = list(model._meta.concrete_fields)
    kept = [column for column in columns if not column.primary_key and not _is_set_once(column)]
    changes = ", ".join(f"{_name(column)} = excluded.{_name(column)}" for column in kept)
    _insert(model, list(rows), columns, f"ON CONFLICT ({_name(model._meta.pk)}) DO UPDATE SET {changes}")


def _insert(
    model: type[Row], rows: Sequence[Row], columns: Sequence["Field[Any, Any]"], conflict: str
) -> None:
    """Names are the models' own; all values are parameters."""
    # Not the proxy that `connection` is: it is asked for the ways of the engine with each single value.
    database = connections[DEFAULT_DB_ALIAS]
    names = ", ".join(map(_name, columns))
    table, places = database.ops.quote_name(model._meta.db_table), ", ".join(["%s"] * len(columns))
    size = VALUES_MOST // len(columns)
    for some in (rows[first : first + size] for first in range(0, len(rows), size)):
        values = ", ".join([f"({places})"] * len(some))
        with database.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {values} {conflict}",  # noqa: S608 (see above)
                [_value(row, column, database) for row in some for column in columns],
            )


def _value(row: Model, column: "Field[Any, Any]", database: BaseDatabaseWrapper) -> Any:
    return column.get_db_prep_save(column.pre_save(row, row._state.adding), database)


def _is_set_once(column: "Field[Any, Any]") -> bool:
    return bool(getattr(column, "auto_now_add", False))


def _name(column: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(column.column))


def blank(rows: QuerySet[Row], keep: Set[str]) -> None:
    """Write the default into every column but the primary key and those to keep."""
    columns = (field for field in rows.model._meta.concrete_fields if not field.primary_key)
    rows.update(**{field.attname: field.get_default() for field in columns if field.attname not in keep})
