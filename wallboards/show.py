"""From a wallboard and its queues to what hangs on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.scope import Scope
from dashboard.templatetags.shown import share
from queues import show
from queues.models import Queue
from queues.presentation import QueueShown
from queues.statistics import Figures
from wallboards.drawings import Hour, last_hour
from wallboards.metrics import METRICS, Figure, figures
from wallboards.models import Wallboard

NEXT_IN_LINE = 6
# Each queue as it was shown last, by its key: its version, and what was read.
KEPT: dict[int, tuple[int, QueueShown]] = {}


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
    """All of it. A queue of a team that the viewer does not see is left out."""

    pk: int
    version: int
    layout: str
    theme: str
    shows_callers: bool
    columns: Sequence[str]
    queues: Sequence[QueueOnWall]


def wall(board: Wallboard, scope: Scope) -> Wall:
    """The wallboard as these teams see it."""
    every = board.queues
    seen = set(
        Queue.objects.within(scope).filter(pk__in=[queue.pk for queue in every]).values_list("pk", flat=True)
    )
    return drawn(board, [queue for queue in every if queue.pk in seen], version_of(board, every))


def version_of(board: Wallboard, queues: Sequence[Queue]) -> int:
    """It grows with each of its queues and, by `wallboards.commands`, with what is changed of the board."""
    return board.version + sum(queue.version for queue in queues)


def drawn(board: Wallboard, queues: Sequence[Queue], version: int, *, empty: bool = False) -> Wall:
    """With these queues; `empty`: as on a morning on which nobody has called yet."""
    shown = _shown(queues)
    keys = [key for key in board.metrics if key in METRICS]
    return Wall(
        pk=board.pk or 0,
        version=version,
        layout=board.layout,
        theme=board.theme,
        shows_callers=board.shows_callers,
        columns=[METRICS[key].name for key in keys],
        queues=[_queue(_emptied(queue) if empty else queue, keys) for queue in shown],
    )


def _shown(queues: Sequence[Queue]) -> list[QueueShown]:
    """Many wallboards show the same queue: of one version it is read once in this process. The versions were
    read before, so what is kept under one is never older."""
    found = {
        queue.pk: kept[1] for queue in queues if (kept := KEPT.get(queue.pk)) and kept[0] == queue.version
    }
    for row in show.shown([queue for queue in queues if queue.pk not in found], full_numbers=False):
        found[row.pk] = row
        KEPT[row.pk] = (row.version, row)
    return [found[queue.pk] for queue in queues]


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
