"""Statements that are put together once, for what is read with every batch of events and with every press.

Django takes about ten times as long to compile a query as the database does to answer it. Here its compiler
makes the list of columns once, and the condition is SQL of our own, in which `IN {}` takes a list of any
length. Names are the models' own, and all values are parameters.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

_LIST = re.compile(r"\bIN \{\}")
# One parameter whatever the length, so that the text stays the same: both engines keep what they have parsed.
_LISTS = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}


@dataclass(frozen=True, slots=True)
class _Made:
    """The statement of one engine, and what makes its values Python's, by the number of the column."""

    text: str
    names: Sequence[str]
    converters: Mapping[int, tuple[Sequence[Any], Any]]


class Select(Generic[Row]):
    """`SELECT columns FROM model WHERE condition`; what `%s` and `IN {}` stand for is given when it is read.

    `columns` as in `values_list`, for `tuples`; without them `rows` gives the model's. `order` is SQL too.
    With `lock` the rows are locked where the engine can ("SKIP LOCKED", or "" to wait).
    """

    def __init__(
        self,
        model: type[Row],
        condition: str,
        *columns: str,
        order: str = "",
        lock: str | None = None,
    ) -> None:
        self._model, self._columns = model, columns
        self._rest = f" WHERE {condition}" + (f" ORDER BY {order}" if order else "")
        self._lock = None if lock is None else f" FOR UPDATE {lock}".rstrip()
        self._made: dict[str, _Made] = {}

    def rows(self, *values: Any) -> list[Row]:
        """Nothing is asked when each list among the values is empty."""
        made, found = self._read(values)
        return [self._model.from_db(DEFAULT_DB_ALIAS, made.names, values) for values in found]

    def tuples(self, *values: Any) -> list[tuple[Any, ...]]:
        """The same as tuples of the columns."""
        return [tuple(values) for values in self._read(values)[1]]

    def firsts(self, *values: Any) -> set[Any]:
        """The different values of the first column."""
        return {values[0] for values in self._read(values)[1]}

    def _read(self, values: Sequence[Any]) -> tuple[_Made, list[Sequence[Any]]]:
        database = connections[DEFAULT_DB_ALIAS]
        made = self._made.get(database.vendor) or self._make(database)
        lists = [value for value in values if _is_list(value)]
        if lists and not any(lists):
            return made, []
        with database.cursor() as cursor:
            cursor.execute(made.text, [_adapted(value, database) for value in values])
            found = cursor.fetchall()
        return made, _converted(found, made, database) if made.converters else found

    def _make(self, database: BaseDatabaseWrapper) -> _Made:
        rows: QuerySet[Row, Any] = self._model._base_manager.order_by()
        query = (rows.values_list(*self._columns) if self._columns else rows).query
        compiler = query.get_compiler(connection=database)
        chosen, _ = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        rest = self._rest + (self._lock or "" if database.features.has_select_for_update else "")
        names = [field.attname for field in self._model._meta.concrete_fields]
        made = _Made(_text(chosen + rest, database), names, compiler.get_converters(columns))
        self._made[database.vendor] = made
        return made


def execute(statement: str, *values: Any) -> None:
    """Any other statement, with the same placeholders."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(_text(statement, database), [_adapted(value, database) for value in values])


def _text(statement: str, database: BaseDatabaseWrapper) -> str:
    return _LIST.sub(_LISTS[database.vendor], statement)


def _converted(
    found: Iterable[Sequence[Any]], made: _Made, database: BaseDatabaseWrapper
) -> list[Sequence[Any]]:
    rows = [list(values) for values in found]
    for place, (converters, expression) in made.converters.items():
        for row in rows:
            for convert in converters:
                row[place] = convert(row[place], expression, database)
    return list(rows)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)


def _adapted(value: Any, database: BaseDatabaseWrapper) -> Any:
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    if not _is_list(value):
        return value
    if database.vendor == "sqlite":
        return json.dumps([one.hex if isinstance(one, UUID) else one for one in value])
    return list(value)
