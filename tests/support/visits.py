"""The figures of a queue said a second time: each by going through everybody, second by second where needed.

It knows nothing of intervals that are kept, of sums or of sweeps: the whole log answers what is asked.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ANSWERED, ABANDONED = ("bridged", "bridging-in-process"), ("hangup",)


@dataclass(frozen=True)
class Came:
    """One visit, as `queues.models.QueuedCall` tells it."""

    enqueued_at: datetime
    left_at: datetime | None = None
    left_because: str = ""
    waited_seconds: int | None = None

    @property
    def wait(self) -> int:
        if self.waited_seconds is not None:
            return self.waited_seconds
        assert self.left_at
        return round((self.left_at - self.enqueued_at).total_seconds())


def figures(log: Sequence[Came], start: datetime, end: datetime, target: int, short: int) -> dict[str, Any]:
    """Every figure of the span from `start` until before `end`, by the names of `statistics.Figures`."""
    too_soon: list[Came] = []
    counted: list[Came] = []
    for one in log:
        at_once = one.left_at and one.left_because == "hangup" and one.wait < short
        (too_soon if at_once else counted).append(one)
    left = [one for one in counted if one.left_at and start <= one.left_at < end]
    answered = [one for one in left if one.left_because in ANSWERED]
    abandoned = [one for one in left if one.left_because in ABANDONED]
    timed_out = [one for one in left if one.left_because == "timeout"]
    taken = [one for one in left if one.left_because == "leave"]
    return {
        "offered": len([one for one in counted if start <= one.enqueued_at < end]),
        "answered": len(answered),
        "answered_in_time": len([one for one in answered if one.wait <= target]),
        "abandoned": len(abandoned),
        "short": len([one for one in too_soon if one.left_at and start <= one.left_at < end]),
        "timed_out": len(timed_out),
        "left": len(taken),
        "not_known": len(left) - len(answered) - len(abandoned) - len(timed_out) - len(taken),
        "answer_seconds": sum(one.wait for one in answered),
        "abandon_seconds": sum(one.wait for one in abandoned),
        "highest": _highest(log, start, end),
        "longest": _longest(log, start, end),
    }


def _highest(log: Sequence[Came], start: datetime, end: datetime) -> int:
    """The count only grows when somebody comes, so it is highest at the start or at one of those moments: how
    many had come by then, less those who had left."""
    moments = {start, *(one.enqueued_at for one in log if start <= one.enqueued_at < end)}
    came = sorted(one.enqueued_at for one in log)
    left = sorted(one.left_at for one in log if one.left_at)
    return max(bisect_right(came, at) - bisect_right(left, at) for at in moments)


def _longest(log: Sequence[Came], start: datetime, end: datetime) -> int:
    waits = [0]
    for one in log:
        if one.enqueued_at < end and (one.left_at is None or one.left_at >= start):
            until = end if one.left_at is None or one.left_at > end else one.left_at
            waits.append(int((until - one.enqueued_at).total_seconds()))
    return max(waits)
