"""The line of a wallboard's last hour, in the units of a screen of 1920 by 1080. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from queues import charts, drawings
from queues.charts import Frame
from queues.presentation import QueueShown

LINE = Frame(40, 1580, 14, 100, drawings.IN_HOUR)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many waited at most in each interval of the last hour, and now at the end, beside the limit. `rows`
    tell the same, the newest first; None: not known."""

    points: str
    area: str
    end_y: float
    limit: int
    limit_y: float
    label: str
    rows: Sequence[tuple[datetime, int | None]]


def last_hour(queue: QueueShown) -> Hour:
    recent = queue.windows.chart[-drawings.IN_HOUR :]
    values: list[charts.Value] = [found.highest if found else None for _, found in recent]
    values.append(queue.count)
    most = max(value for value in values if value is not None)
    scale = charts.counting(max(most, queue.waiting_limit + 1, 3))
    points = charts.points(values, LINE, scale)
    start = points.partition(",")[0]
    area = f"{start},{LINE.bottom} {points} {LINE.right},{LINE.bottom}"
    label = f"{queue.last_hour.label} The limit is {queue.waiting_limit}."
    rows = [(begins, found.highest if found else None) for begins, found in reversed(recent)]
    limit_y = LINE.y(queue.waiting_limit, scale)
    return Hour(points, area, LINE.y(queue.count, scale), queue.waiting_limit, limit_y, label, rows)
