"""The figures of a queue: pure, from the visits of its callers, against a reference that counts everybody."""

import dataclasses
import random
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import statistics, transitions
from queues.statistics import STEP, Figures, Goal, Goals, floor, total
from telephony.facts import Occurrence
from tests.support import visits as reference
from tests.support.story import NOON, at
from tests.support.visits import Came

GOAL = Goal(target=20, short=5)
GOALS = Goals([(NOON, GOAL)])
REASONS = ("bridged", "bridging-in-process", "hangup", "timeout", "leave", "", "something new")


def came(seconds: float, waited: float | None, because: str = "bridged", told: int | None = None) -> Came:
    left = None if waited is None else at(seconds + waited)
    return Came(at(seconds), left, because if left else "", told)


def of(*log: Came, start: datetime = NOON, seconds: float = 600) -> Figures:
    return statistics.figures(log, start, start + timedelta(seconds=seconds), GOALS)


# --- what counts as what ---------------------------------------------------------------------------------
def test_a_queue_that_nobody_came_to_has_no_share_of_anything() -> None:
    found = of()
    assert found == Figures()
    assert (found.service_level, found.abandoned_percent) == (None, None)
    assert (found.speed_of_answer, found.abandon_time) == (None, None)


def test_answered_in_time_counts_and_abandoned_counts_against() -> None:
    found = of(came(0, 5), came(1, 20, "bridging-in-process"), came(2, 21), came(3, 9, "hangup"))
    assert (found.offered, found.answered, found.abandoned) == (4, 3, 1)
    assert (found.service_level, found.abandoned_percent) == (50, 25.0)
    assert found.speed_of_answer == pytest.approx(46 / 3)
    assert found.abandon_time == 9.0


@pytest.mark.parametrize(
    ("reason", "name"),
    [("timeout", "timed_out"), ("leave", "left"), ("", "not_known"), ("something new", "not_known")],
)
def test_who_was_taken_out_or_lost_from_sight_is_in_no_share(reason: str, name: str) -> None:
    found = of(came(0, 400, reason))
    assert getattr(found, name) == 1
    assert (found.offered, found.answered + found.abandoned, found.service_level) == (1, 0, None)


def test_who_hangs_up_at_once_is_not_counted() -> None:
    found = of(came(0, 4, "hangup"), came(1, 5, "hangup"))
    assert (found.offered, found.abandoned, found.short) == (1, 1, 1)


def test_telnyx_says_how_long_somebody_waited_and_otherwise_the_moments_do() -> None:
    assert of(came(0, 21, told=20)).service_level == 100
    assert of(came(0, 20.4)).service_level == 100
    assert of(came(0, 20.6)).service_level == 0


def test_a_goal_counts_from_when_it_was_set() -> None:
    goals = Goals([(at(100), Goal(20)), (statistics.EPOCH, Goal(60))])
    log = [came(0, 30), came(90, 30)]
    assert statistics.figures(log, NOON, at(600), goals).answered_in_time == 1


def test_who_comes_as_another_leaves_did_not_wait_beside_them() -> None:
    assert of(came(0, 10), came(10, 10), came(15, None)).highest == 2


def test_who_waits_now() -> None:
    log = [came(0, None), came(30, None), came(10, 20), came(100, None)]
    assert statistics.now(log, at(60)) == statistics.Now(2, 60.0, 45.0)
    assert statistics.now([], NOON) == statistics.Now(0, None, None)


# A busy machine makes neither of them wrong.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- against the reference -----------------------------------------------------------------------------
@st.composite
def logs(draw: st.DrawFn) -> list[Came]:
    visit = st.builds(
        came,
        st.integers(-900, 1800),
        st.none() | st.integers(0, 1200) | st.floats(0, 60).map(lambda wait: round(wait, 2)),
        st.sampled_from(REASONS),
        st.none() | st.integers(0, 60),
    )
    return draw(st.lists(visit, max_size=30))


@patient
@given(logs(), st.integers(-600, 900), st.integers(1, 1500))
def test_any_span_of_any_history(log: list[Came], start: int, seconds: int) -> None:
    found = statistics.figures(log, at(start), at(start + seconds), GOALS)
    meant = reference.figures(log, at(start), at(start + seconds), GOAL.target, GOAL.short)
    assert dataclasses.asdict(found) == meant


@patient
@given(logs(), st.integers(0, 1500))
def test_every_interval_of_any_history_and_their_sum(log: list[Came], seconds: int) -> None:
    start, end = floor(at(-600)), at(seconds)
    found = statistics.intervals(log, start, end, GOALS)
    compare(log, found, start, end)
    whole = statistics.figures(log, start, end, GOALS)
    assert total(found.values()) == whole


def compare(log: Sequence[Came], found: dict[datetime, Figures], start: datetime, end: datetime) -> None:
    """Every figure of every interval; one that is left out is empty."""
    begins = start
    while begins < end:
        until = min(begins + STEP, end)
        meant = reference.figures(log, begins, until, GOAL.target, GOAL.short)
        assert dataclasses.asdict(found.get(begins, Figures())) == meant, begins
        begins += STEP


def test_a_whole_day_of_sixty_calls_a_minute() -> None:
    """Of each fourth call from its facts, in disorder and some twice; every figure of every interval."""
    chance = random.Random(7)
    day = [
        came(minute * 60 + chance.uniform(0, 60), *_fate(chance)) for minute in range(1440) for _ in range(60)
    ]
    told = [one if number % 4 else _told_again(one, number, chance) for number, one in enumerate(day)]
    chance.shuffle(told)
    found = statistics.intervals(told, NOON, at(24 * 3600), GOALS)
    assert len(found) == 288
    assert sum(figures.offered + figures.short for figures in found.values()) == len(day)
    ordered = sorted(day, key=lambda one: one.enqueued_at)
    for begins, figures in found.items():
        compare(_around(ordered, begins), {begins: figures}, begins, begins + STEP)


def _fate(chance: random.Random) -> tuple[float, str]:
    return min(chance.expovariate(1 / 40), 900), chance.choices(REASONS, [60, 5, 12, 2, 3, 1, 1])[0]


def _told_again(one: Came, number: int, chance: random.Random) -> Came:
    """What the projection makes of the two webhooks about it, told in any order and as often as you like."""
    assert one.left_at
    told = [
        Occurrence(f"{number} came", "queue:a", "leg", "enqueued", one.enqueued_at, "webhook"),
        Occurrence(f"{number} went", "queue:a", "leg", "dequeued", one.left_at, "webhook", _reason(one)),
    ]
    once = {fact.event: fact for fact in chance.choices(told, k=3) + told}
    ((_, row),) = transitions.callers(list(once.values()), None)
    return Came(row["enqueued_at"], row["left_at"], row["left_because"], row["waited_seconds"])


def _reason(one: Came) -> dict[str, str]:
    return {"reason": one.left_because} if one.left_because else {}


def _around(ordered: Sequence[Came], begins: datetime) -> Sequence[Came]:
    """Those who came within the interval, or so long before that they may still have waited."""
    first = bisect_left(ordered, begins - timedelta(seconds=900), key=lambda one: one.enqueued_at)
    last = bisect_left(ordered, begins + STEP, key=lambda one: one.enqueued_at)
    return ordered[first:last]


def test_longer_spans_take_what_begins_within_them() -> None:
    log = [came(seconds, 30) for seconds in range(0, 3600, 60)]
    found = statistics.intervals(log, NOON, at(3600), GOALS)
    quarters = statistics.regrouped(found, [at(900 * number) for number in range(4)])
    assert [quarter.offered for quarter in quarters] == [15] * 4
    assert total(quarters) == total(found.values())
