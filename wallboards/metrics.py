"""What a wallboard can say of a queue: its figures by name, and how each stands against our targets. Pure.

Nothing is counted here: the values are those of `queues.show.shown`, docs/metrics.md says what each means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.templatetags.shown import above, below, clock, share
from queues.presentation import QueueShown


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one queue. With `since` it is a time that passes, which the browser writes and, with the
    limits `amber` and `red` in seconds, judges; else `value` and `level` (ok, amber, red, or "" without one).

    `words` stand below it, `also` below them where there is room, and `short` where there is not.
    """

    key: str
    name: str
    value: str = "–"
    level: str = ""
    words: str = ""
    also: str = ""
    short: str = ""
    since: datetime | None = None
    amber: float | None = None
    red: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One choice of the editor; `against` says what it is compared with."""

    name: str
    against: str
    of: Callable[[QueueShown], Figure]


def figures(keys: list[str], queue: QueueShown) -> list[Figure]:
    return [METRICS[key].of(queue) for key in keys if key in METRICS]


def _waiting(queue: QueueShown) -> Figure:
    over, limit = queue.count - queue.waiting_limit, queue.waiting_limit
    said = f"over by {over}" if over > 0 else "on target"
    level = above(queue.count, limit)
    short = said if over > 0 else f"up to {limit}"
    return Figure("waiting", "Waiting", str(queue.count), level, said, f"target up to {limit}", short)


def _longest(queue: QueueShown) -> Figure:
    limit, target = queue.longest_limit, f"target {clock(queue.longest_limit)}"
    if queue.longest_since is None:
        return Figure("longest", "Longest wait", words="nobody waits", also=target, short="nobody waits")
    amber = share(limit, queue.risk_percent)
    return Figure("longest", "Longest wait", also=target, since=queue.longest_since, amber=amber, red=limit)


def _service(queue: QueueShown) -> Figure:
    found, target = queue.today.service_level, queue.service_level_target
    aim = f"target {target}% in {clock(queue.target_seconds)}"
    if found is None:
        return Figure("service", "Service level", words="nobody served today", also=aim, short="nobody yet")
    said = points(target - found, "below") if found < target else "on target"
    short = said if found < target else f"target {target}%"
    return Figure("service", "Service level", f"{found}%", below(found, target), said, aim, short)


def _abandoned(queue: QueueShown) -> Figure:
    found, limit = queue.today.abandoned_percent, queue.abandoned_limit
    today = f"{queue.today.abandoned} today"
    also = f"limit {limit}%, {today}"
    if found is None:
        return Figure("abandoned", "Abandoned", words="nobody served today", also=also, short=today)
    said = points(found - limit, "above") if found > limit else "within the limit"
    return Figure("abandoned", "Abandoned", f"{found:.1f}%", above(found, limit), said, also, today)


def _average(queue: QueueShown) -> Figure:
    """The mean of the waits is the time since the mean of the moments at which they began."""
    began = [caller.since for caller in queue.waiting if caller.alive]
    if not began:
        return Figure("average", "Average wait", words="nobody waits", short="nobody waits")
    mean = began[0] + sum((at - began[0] for at in began), timedelta()) / len(began)
    return Figure(
        "average", "Average wait", since=mean, words=f"of {len(began)} waiting", short="waiting now"
    )


def _answered(queue: QueueShown) -> Figure:
    hour = f"{queue.answered_in_hour} in the last hour"
    return Figure("answered", "Answered", str(queue.today.answered), "", "today", hour, "today")


def points(value: float, side: str) -> str:
    """`9 points below`, `1.5 points above`."""
    told = f"{round(value, 1):g}"
    return f"{told} point{'' if told == '1' else 's'} {side}"


METRICS: Mapping[str, Metric] = {
    "waiting": Metric("Waiting", "limit per queue", _waiting),
    "longest": Metric("Longest wait", "target per queue", _longest),
    "service": Metric("Service level", "target per queue", _service),
    "average": Metric("Average wait", "", _average),
    "abandoned": Metric("Abandoned", "limit per queue", _abandoned),
    "answered": Metric("Answered", "", _answered),
}
