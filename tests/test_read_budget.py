"""Reads keep to their share of Telnyx's rate limit; what somebody looks at is read all the same."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bench import reads
from supervisor_site.budget import LEARN_AGAIN, RESERVE, Budget
from supervisor_site.models import Vital
from supervisor_site.worker import Worker
from telephony.client import TelnyxClient
from tests.support.answering import Answering, Asked
from tests.support.environment import CONNECTION_ID
from tests.support.story import CALLER, tell, told

IDS = [f"c0ffee-{number:02}" for number in range(12)]


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def telnyx() -> Iterator[TelnyxClient]:
    client = Answering(status=200).client()
    yield client
    client.close()


def test_so_many_at_once_and_then_so_many_a_second(telnyx: TelnyxClient) -> None:
    clock = Clock()
    budget = Budget(telnyx, rate=5.0, at_once=10.0, clock=clock)
    for _ in range(10):
        assert budget.wait() == 0
        budget.spend(1)
    assert budget.wait() == pytest.approx(0.2)
    clock.now += 0.2
    assert budget.wait() == pytest.approx(0.0)
    budget.spend(6)  # urgent ones do not ask, and are paid for by those that do
    assert budget.wait() == pytest.approx(1.2)
    clock.now += 3600
    assert budget.wait() == 0
    budget.spend(10)
    assert budget.wait() == pytest.approx(0.2), "a quiet hour saves up no more than a beat's worth"


def test_the_last_requests_of_the_limit_are_left_to_commands(telnyx: TelnyxClient) -> None:
    clock = Clock()
    budget = Budget(telnyx, clock=clock)
    telnyx.rate_limit_remaining, telnyx.rate_limit_reset = RESERVE - 1, 40.0
    assert budget.wait() == 40.0
    clock.now += 30
    assert budget.wait() == 10.0
    clock.now += 10
    assert budget.wait() == 0, "one asks how many there are now"
    assert budget.wait() == 40.0, "and as it tells the same, the others wait"
    telnyx.rate_limit_remaining, telnyx.rate_limit_reset = 600, 60.0
    assert budget.wait() == 0
    telnyx.rate_limit_remaining, telnyx.rate_limit_reset = 0, None
    assert budget.wait() == LEARN_AGAIN


class Account:
    """Twelve live conferences at Telnyx with nobody in them."""

    def __init__(self) -> None:
        self.server = Answering(answer=self._answer)

    def people_read(self) -> list[str]:
        """Of which conferences, in order."""
        paths = [asked.path for asked in self.server.asked]
        return [path.split("/")[2] for path in paths if path.endswith("/participants")]

    def _answer(self, asked: Asked) -> dict[str, Any]:
        if asked.path == "/conferences" and asked.query["filter[status]"] == ["in_progress"]:
            return {"data": [_conference(one) for one in IDS]}
        if asked.path in {f"/conferences/{one}" for one in IDS}:
            return {"data": _conference(asked.path.split("/")[2])}
        return {"data": []}


def _conference(conference_id: str) -> dict[str, str]:
    return {"id": conference_id, "name": "Claims", "status": "in_progress", "connection_id": CONNECTION_ID}


def _look_at(conference_id: str) -> None:
    """Somebody has it open."""
    Vital.objects.create(
        process="web",
        started_at=timezone.now(),
        beat_at=timezone.now() + timedelta(hours=1),
        figures={"looked_at": [conference_id]},
    )


@pytest.mark.django_db(transaction=True)
def test_many_without_a_name_do_not_go_before_what_is_looked_at() -> None:
    tell([told("conference.participant.joined", 1, CALLER, conference_id=one) for one in IDS])
    tell([told("read.conference", 2, conference_id=IDS[-1], conference={"name": "Claims"})])
    _look_at(IDS[-1])
    account = Account()
    client = account.server.client()
    Worker(client, budget=Budget(client, rate=20.0, at_once=4.0)).sweep()
    assert account.people_read()[0] == IDS[-1]
    assert set(account.people_read()) == set(IDS)
    client.close()


@pytest.mark.django_db(transaction=True)
def test_a_read_of_everything_keeps_its_pace_and_reads_first_what_is_looked_at() -> None:
    tell([told("conference.participant.joined", 1, CALLER, conference_id=one) for one in IDS])
    tell([told("read.conference", 2, conference_id=one, conference={"name": "Claims"}) for one in IDS])
    _look_at(IDS[-1])
    account = Account()
    client = account.server.client()
    worker = Worker(client, budget=Budget(client, rate=10.0, at_once=1.0))
    began = time.monotonic()
    worker.sweep()
    assert time.monotonic() - began > 1.0, "all of them at once"
    assert set(account.people_read()) == set(IDS)
    assert account.people_read()[0] == IDS[-1], "what somebody looks at waited for the others"

    account.server.asked.clear()
    worker.read()
    assert not account.people_read(), "what was just read is not read again"
    client.close()


def test_what_only_a_read_tells_comes_to_the_page_and_a_press_goes_before(tmp_path: Path) -> None:
    """The small form of `python -m bench.reads`."""
    load = reads.Load(conferences=15, watched=1, seconds=0.5)
    fresh, pressed, refused, pace = reads.measure(tmp_path, load, "SQLite")
    assert fresh.value is not None and fresh.value < reads.SHOWN_WITHIN  # 0.0 where a read was just due
    assert pressed.value is not None
    assert refused.value == 0, "reads and presses kept within the limit"
    assert pace.value is not None and pace.value * 60 < load.limit
