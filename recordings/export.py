"""The list as CSV, as long as it is, a few rows in memory at a time."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.exports import cell
from dashboard.scope import Scope
from recordings.filters import Filters
from recordings.models import Recording
from recordings.show import RecordingShown, shown

AT_ONCE = 500
HEAD = (
    *("Conference", "Queue", "Started", "Ended", "Length (s)", "Recorded (s)", "Pauses", "Not recorded (s)"),
    *("Agents", "Others", "Played last by", "Played last", "Plays", "Kept until", "State", "Reason"),
)


def keys(wanted: Filters, scope: Scope, *, full_numbers: bool) -> list[int]:
    found = wanted.tabbed(wanted.found(scope, full_numbers=full_numbers))
    return list(found.values_list("pk", flat=True))


async def lines(wanted: Sequence[int], *, full_numbers: bool) -> AsyncIterator[bytes]:
    """In the order given. Times are in the site's zone."""
    yield _line(HEAD)
    for first in range(0, len(wanted), AT_ONCE):
        yield await sync_to_async(_some)(wanted[first : first + AT_ONCE], full_numbers)


def _some(keys: Sequence[int], full_numbers: bool) -> bytes:
    found = Recording.objects.in_bulk(keys)
    rows = shown([found[key] for key in keys if key in found], full_numbers=full_numbers)
    return b"".join(_line(_cells(row)) for row in rows)


def _cells(row: RecordingShown) -> Sequence[object]:
    agents = [one.label for one in row.people if one.kind == "agent"]
    others = [one.label for one in row.people if one.kind != "agent"]
    times = [
        timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""
        for at in (row.at, row.ended_at, row.played_at, row.kept_until)
    ]
    begun, ended, played, kept = times
    recorded = (row.length, row.recorded, len(row.gaps), row.missing)
    last = (
        row.played_by,
        played,
        row.plays,
        kept if row.state == "kept" else "",
        row.state,
        row.deleted_because,
    )
    return (row.name, row.queue, begun, ended, *recorded, "; ".join(agents), "; ".join(others), *last)


def _line(cells: Sequence[object]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cell(value) for value in cells)
    return written.getvalue().encode()
