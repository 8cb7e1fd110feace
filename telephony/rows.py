"""Rows that facts are folded into: made when missing, locked in key order, written in one statement."""

from collections.abc import Iterable, Set
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def locked(model: type[Row], field: str, keys: Iterable[str]) -> dict[str, Row]:
    """Each key's row, made if missing, locked. Always in key order: two processes can then never deadlock."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    manager = model._default_manager
    manager.bulk_create((model(**{field: key}) for key in wanted), ignore_conflicts=True)
    found = manager.filter(**{f"{field}__in": wanted}).order_by(field).select_for_update()
    return {str(getattr(row, field)): row for row in found}


def write(model: type[Row], rows: Iterable[Row]) -> None:
    """Write all columns of rows that exist, in one statement whatever their number."""
    changed = list(rows)
    if not changed:
        return
    # A time that is set when a row is made would be set again: Django takes every row here for a new one.
    columns = [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not getattr(field, "auto_now_add", False)
    ]
    key = model._meta.pk.name
    model._default_manager.bulk_create(
        changed, update_conflicts=True, unique_fields=[key], update_fields=columns
    )


def blank(rows: QuerySet[Row], keep: Set[str]) -> None:
    """Write the default into every column but the primary key and those to keep."""
    columns = (field for field in rows.model._meta.concrete_fields if not field.primary_key)
    rows.update(**{field.attname: field.get_default() for field in columns if field.attname not in keep})
