"""What a page shows of a queue: plain values; what passes with time is given as `since`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dashboard.legs import Leg
from dashboard.shown import Pending, Refusal
from queues.drawings import Chart, LastHour, Recent, last_hour, recent
from queues.reaches import REACHES, THREE_HOURS, Reach
from queues.statistics import Figures
from queues.windows import Windows


@dataclass(frozen=True, slots=True)
class TakeShown:
    """An agent who is being called for a caller, since then; `ready`: they have answered."""

    agent: str
    since: datetime
    ready: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One caller who waits. `alive` is False for a call that was kept after it hung up (greyed).

    `kept` is whether it shall be, `leaves_at` when Telnyx takes them out by itself: None if no command of
    ours said so. `moving_to` is what the open command names: a queue or a conference. `came_as` is the
    place that Telnyx gave them when they came. `take`: the agent whom they are on the way to.
    """

    pk: int
    place: int
    leg: Leg
    since: datetime
    alive: bool
    kept: bool | None = None
    leaves_at: datetime | None = None
    came_as: int | None = None
    pending: Mapping[str, Pending] = field(default_factory=dict)
    moving_to: str = ""
    take: TakeShown | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """One caller who left the queue: when, after how long, why, in words, and from which place. `by` is who
    pressed what had them leave, "" for nobody."""

    pk: int
    at: datetime
    leg: Leg
    waited_seconds: int | None
    outcome: Literal["answered", "abandoned", "timeout", "moved", "unknown"]
    words: str
    where: str
    by: str = ""
    place: int | None = None


@dataclass(frozen=True, slots=True)
class QueueShown:
    """A queue as a strip cell shows it; `waiting` holds everybody in order, `gone` the last 15 minutes.

    The browser derives ring / triangle / octagon from `longest_since` and `target_seconds`, and so the words.

    Telnyx's own figures: `average_since` is what its average wait counts from (a timer shows it; None: nobody
    waits, or not known), `average_at_enqueue` the average in seconds when the newest caller came, `counted`
    how many it counts if that is not how many it lists (the others are another application's), `made_at`
    and `changed_at` of the queue that has this name now. `windows` are the figures of the spans that pages
    show, `risk_percent` of a target is at risk, `longest_limit` is for the longest wait. `aimed_by` and
    `aimed_at`: who changed our own targets last, and when, as long as the log has it. `chart` is what its
    page draws if the reader chose another `reach` than three hours.
    """

    pk: int
    version: int
    name: str
    target_seconds: int
    service_level_target: int
    risk_percent: int
    longest_limit: int
    longest_limit_set: int | None
    short_seconds: int
    waiting_limit: int
    abandoned_limit: int
    max_size: int | None
    absent_since: datetime | None
    waiting: Sequence[Waiting]
    windows: Windows
    gone: Sequence[Gone] = ()
    average_since: datetime | None = None
    average_at_enqueue: int | None = None
    counted: int | None = None
    made_at: datetime | None = None
    changed_at: datetime | None = None
    aimed_by: str = ""
    aimed_at: datetime | None = None
    pending: Mapping[str, Pending] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()
    reach: Reach = THREE_HOURS
    chart: Chart = ()

    @property
    def count(self) -> int:
        return sum(caller.alive for caller in self.waiting)

    @property
    def longest_since(self) -> datetime | None:
        return min((caller.since for caller in self.waiting if caller.alive), default=None)

    @property
    def today(self) -> Figures:
        return self.windows.today

    @property
    def lately(self) -> Figures:
        return self.windows.lately

    @property
    def answered_in_hour(self) -> int:
        return self.windows.hour.answered

    @property
    def last_hour(self) -> LastHour:
        return last_hour(self.windows.chart, self.count)

    @property
    def recent(self) -> Recent:
        return recent(self.chart or self.windows.chart, self.reach, self.waiting_limit)

    @property
    def reaches(self) -> Iterable[Reach]:
        """The choices of its chart's switch."""
        return REACHES.values()
