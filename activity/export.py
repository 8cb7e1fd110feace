"""The list as a file: the rows that the filters leave, at most `MOST` of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from activity import live
from activity.filters import Filters
from activity.log import CommandShown
from activity.supervisions import SupervisionShown
from dashboard.boards import Audience

MOST = 50_000
AT_ONCE = 500
LISTENED = (
    *("from", "to", "who", "conference", "conference_id", "to_whom", "others", "modes", "seconds"),
    *("right", "state"),
)
PRESSED = ("at", "who", "what", "on_whom", "where", "outcome", "shown_by")


def columns(wanted: Filters) -> Sequence[str]:
    return PRESSED if wanted.view else LISTENED


def rows(wanted: Filters, audience: Audience) -> list[dict[str, Any]]:
    """As `columns` names them; times in UTC."""
    found = list(live.found(wanted, audience)[:MOST])
    parts = [found[first : first + AT_ONCE] for first in range(0, len(found), AT_ONCE)]
    shown = [row for part in parts for row in live.of_rows(part, full_numbers=audience.full_numbers)]
    return [_pressed(row) if wanted.view else _listened(row) for row in shown]


def _listened(row: SupervisionShown) -> dict[str, Any]:
    return {
        "from": _utc(row.since),
        "to": _utc(row.until),
        "who": row.who,
        "conference": row.conference,
        "conference_id": row.conference_id,
        "to_whom": row.to,
        "others": row.others,
        "modes": row.words,
        "seconds": None if row.live else row.length,
        "right": row.right.short,
        "state": "running" if row.live else "not joined" if row.failed else "ended",
    }


def _pressed(row: CommandShown) -> dict[str, Any]:
    return {
        "at": _utc(row.at),
        "who": row.who,
        "what": row.what,
        "on_whom": row.target,
        "where": row.place,
        "outcome": row.outcome_words,
        "shown_by": row.shown_by,
    }


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else ""
