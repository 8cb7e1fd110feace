"""Files to take away: CSV and JSON, each logged before it is handed out.

Spreadsheets run what looks like a formula, and names and digits come from callers: a cell that begins like
one gets an apostrophe in front (OWASP, "CSV Injection").
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from dashboard.commands import LOGGED, settled
from dashboard.models import Command, User
from dashboard.pokes import poke

FORMS = ("csv", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = Mapping[str, Any]


def file(name: str, form: str, columns: Sequence[str], rows: Iterable[Row]) -> HttpResponse:
    """`<name>.csv` or `<name>.json` with these columns of each row. `form` is one of `FORMS`."""
    body = _csv(columns, rows) if form == "csv" else _json(columns, rows)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = str(content_disposition_header(True, f"{name}.{form}"))
    answer["Cache-Control"] = "no-store"
    return answer


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return "\ufeff" + out.getvalue()  # spreadsheets take it for another encoding without the mark


def _json(columns: Sequence[str], rows: Iterable[Row]) -> str:
    return json.dumps([{column: row[column] for column in columns} for row in rows], ensure_ascii=False)


def cell(value: object) -> str:
    """The text of one cell, harmless in a spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def logged(user: User, subject: str, subject_name: str, what: str, form: str, rows: int) -> Command:
    """Write down who took what away, and how much. `what` as in "exported <what>"."""
    detail = {"form": form, "rows": rows}
    entry = settled(user, "export", "export", subject, subject_name, target=what, detail=detail)
    entry.save()
    poke([LOGGED])
    return entry
