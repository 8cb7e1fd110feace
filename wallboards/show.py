"""From a wallboard and its queues to what hangs on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.template.loader import render_to_string

from dashboard.reader import once
from dashboard.scope import Scope
from dashboard.templatetags.shown import share
from queues import show
from queues.models import Queue
from queues.presentation import QueueShown
from queues.statistics import Figures
from wallboards.drawings import Hour, last_hour
from wallboards.hung import Hall, Hung
from wallboards.metrics import METRICS, Figure, figures
from wallboards.models import Wallboard

NEXT_IN_LINE = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a queue as it was read, and what was drawn of it, by how that looks: many wallboards
    show the same queue, and what is drawn of one version is the same for all of them."""

    queue: QueueShown
    drawn: dict[tuple[object, ...], str] = field(default_factory=dict)


# The newest of each queue that this process has shown, by the queue's key.
KEPT: dict[int, Kept] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits, by the last four digits of their number."""

    place: int
    label: str
    since: datetime


@dataclass(frozen=True, slots=True)
class QueueOnWall:
    """One queue. `amber` and `red` are the limits of its longest wait in seconds, `caller_amber` and
    `caller_red` those of each caller's; `more` of them stand below, the longest since `more_since`."""

    pk: int
    name: str
    waiting: int
    figures: Sequence[Figure]
    longest_since: datetime | None
    amber: float
    red: int
    callers: Sequence[Caller]
    more: int
    more_since: datetime | None
    caller_amber: float
    caller_red: int
    hour: Hour


@dataclass(frozen=True, slots=True)
class Wall:
    """All of it. `parts` are its queues as html; one of a team that the viewer does not see is left out.
    `body` is what they make together, the same for all wallboards of this look."""

    pk: int
    version: int
    layout: str
    theme: str
    columns: Sequence[str]
    parts: Sequence[str]
    body: str


def wall(board: Wallboard, scope: Scope) -> Wall:
    """The wallboard as these teams see it."""
    hung = Hung(board, board.queues)
    return drawn(board, Hall().seen(hung, scope), hung.version)


def drawn(board: Wallboard, queues: Sequence[Queue], version: int, *, empty: bool = False) -> Wall:
    """With these queues; `empty`: as on a morning on which nobody has called yet."""
    keys = [key for key in board.metrics if key in METRICS]
    shown = queues[:1] if board.layout == Wallboard.Layout.LARGE else queues
    columns = tuple(METRICS[key].name for key in keys)
    parts = tuple(_part(board, keys, kept, empty) for kept in _kept(shown))
    body = once(("wall", board.layout, columns, parts), lambda: _body(board.layout, columns, parts))
    return Wall(board.pk or 0, version, board.layout, board.theme, columns, parts, body)


def _body(layout: str, columns: Sequence[str], parts: Sequence[str]) -> str:
    known = {"layout": layout, "columns": columns, "parts": parts}
    return render_to_string("wallboards/_body.html", known)


def _kept(queues: Sequence[Queue]) -> list[Kept]:
    """Of one version a queue is read once in this process. The versions were read before, so what is kept
    under one is never older."""
    found = {
        queue.pk: kept
        for queue in queues
        if (kept := KEPT.get(queue.pk)) and kept.queue.version == queue.version
    }
    missing = [queue for queue in queues if queue.pk not in found]
    for row in show.shown(missing, full_numbers=False) if missing else ():
        found[row.pk] = KEPT[row.pk] = Kept(row)
    return [found[queue.pk] for queue in queues]


def _part(board: Wallboard, keys: list[str], kept: Kept, empty: bool) -> str:
    look = (board.layout, board.shows_callers, empty, *keys)
    if look not in kept.drawn:
        queue = _queue(_emptied(kept.queue) if empty else kept.queue, keys)
        known = {"queue": queue, "shows_callers": board.shows_callers}
        kept.drawn[look] = render_to_string(_TEMPLATES[board.layout], known)
    return kept.drawn[look]


_TEMPLATES = {
    Wallboard.Layout.LARGE.value: "wallboards/_large.html",
    Wallboard.Layout.ROWS.value: "wallboards/_row.html",
}


def _emptied(queue: QueueShown) -> QueueShown:
    chart = [(at, Figures()) for at, _ in queue.windows.chart]
    return replace(
        queue, waiting=(), windows=replace(queue.windows, today=Figures(), hour=Figures(), chart=chart)
    )


def _queue(queue: QueueShown, keys: list[str]) -> QueueOnWall:
    alive = [caller for caller in queue.waiting if caller.alive]
    rest = alive[NEXT_IN_LINE:]
    return QueueOnWall(
        pk=queue.pk,
        name=queue.name,
        waiting=queue.count,
        figures=figures(keys, queue),
        longest_since=queue.longest_since,
        amber=share(queue.longest_limit, queue.risk_percent),
        red=queue.longest_limit,
        callers=[
            Caller(place, caller.leg.short.replace("••• ", "•• "), caller.since)
            for place, caller in enumerate(alive[:NEXT_IN_LINE], start=1)
        ],
        more=len(rest),
        more_since=rest[0].since if rest else None,
        caller_amber=share(queue.target_seconds, queue.risk_percent),
        caller_red=queue.target_seconds,
        hour=last_hour(queue),
    )
