"""How far back the chart of a queue's page goes: the choices of its switch, and the intervals of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from queues import days
from queues.statistics import STEP, floor


@dataclass(frozen=True, slots=True)
class Reach:
    """`key` stands in the address; `length` None: the whole of today where the site is, also what has yet to
    come of it. A column of the chart is `size` intervals wide, and each `every`-th has a word under it."""

    key: str
    word: str
    title: str
    said: str
    length: timedelta | None
    size: int
    every: int

    @property
    def step(self) -> timedelta:
        return STEP * self.size

    @property
    def minutes(self) -> int:
        return int(self.step.total_seconds() // 60)

    def bounds(self, at: datetime) -> tuple[datetime, datetime]:
        """Where the chart begins and ends as of this minute; both are the beginning of an interval."""
        if self.length is None:
            return days.bounds(timezone.localtime(at).date())
        end = floor(at) + STEP
        return end - self.length, end


THREE_HOURS = Reach("3h", "3 h", "Last 3 hours", "In the last 3 hours", timedelta(hours=3), 1, 12)
REACHES: Mapping[str, Reach] = {
    one.key: one
    for one in (
        THREE_HOURS,
        Reach("8h", "8 h", "Last 8 hours", "In the last 8 hours", timedelta(hours=8), 1, 24),
        Reach("day", "Day", "Today", "Today", None, 3, 24),
    )
}
