"""Today's figures of a queue, from how its callers left it."""

from dataclasses import dataclass

import pytest

from queues.presentation import Today
from queues.statistics import today


@dataclass
class Left:
    left_because: str
    waited_seconds: int | None


def test_a_queue_that_nobody_left_has_no_share_of_anything() -> None:
    assert today([], 20) == Today(0, 0, None, None)


def test_answered_in_time_counts_and_abandoned_counts_against() -> None:
    left = [Left("bridged", 5), Left("bridging-in-process", 20), Left("bridged", 21), Left("hangup", 3)]
    assert today(left, 20) == Today(answered=3, abandoned=1, service_level=50, abandoned_percent=25.0)


@pytest.mark.parametrize("reason", ["timeout", "leave"])
def test_who_was_taken_out_was_neither_answered_nor_lost(reason: str) -> None:
    assert today([Left(reason, 400)], 20) == Today(0, 0, None, None)


def test_who_left_for_a_reason_that_nobody_told_is_counted_by_itself() -> None:
    assert today([Left("", 400), Left("", None)], 20) == Today(0, 0, None, None, unknown=2)


def test_a_wait_that_nobody_told_is_not_in_time() -> None:
    assert today([Left("bridged", None)], 20).service_level == 0
