"""Faults on a whole stack: PostgreSQL, Redis, two web processes, a worker. `make faults` has all of them."""

from collections.abc import Iterator

import pytest

from bench import faults_strikes
from bench.faults import Trial, trial

EQUAL_WITHIN = 60.0  # seconds; `make faults` allows 10, on a machine that does nothing else


@pytest.fixture(scope="module")
def stack() -> Iterator[Trial]:
    with trial(EQUAL_WITHIN) as one:
        yield one


@pytest.mark.parametrize("fault", faults_strikes.quick(), ids=lambda fault: fault.name)
def test_nothing_is_lost_and_every_page_comes_right(stack: Trial, fault: faults_strikes.Fault) -> None:
    outcome = stack.suffer(fault)
    assert not outcome.wrong, outcome.words()
    assert outcome.statuses[200], "no webhook came while it lasted"
