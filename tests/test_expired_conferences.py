"""The limit of four hours: a conference past it ends here when Telnyx does not say what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from conferences.models import Conference, Participant
from supervisor_site.webhooks import project_now
from supervisor_site.worker import Worker
from telephony import status
from tests.support.answering import Answering, Asked
from tests.support.environment import CONNECTION_ID
from tests.support.story import CALLER, CONFERENCE, tell, told

pytestmark = pytest.mark.django_db
LIMIT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
LIVE = {
    "id": CONFERENCE,
    "name": "Sales 4412",
    "status": "in_progress",
    "connection_id": CONNECTION_ID,
    "expires_at": LIMIT.isoformat(),
}
SILENT = Answering(status=503)


@pytest.fixture(autouse=True)
def conference(db: None) -> None:
    tell(
        [
            told("conference.participant.joined", 1, CALLER),
            told("read.conference", 2, conference={"expires_at": LIMIT.isoformat(), "name": "Sales 4412"}),
        ]
    )


def after_a_sweep(server: Answering, late: timedelta) -> Conference:
    with time_machine.travel(LIMIT + late, tick=False):
        Worker(server.client()).sweep()
        project_now()
    return Conference.objects.get(pk=CONFERENCE)


def test_it_ends_at_its_limit_when_telnyx_is_silent() -> None:
    ended = after_a_sweep(SILENT, timedelta(minutes=2))
    assert (ended.status, ended.ended_at, ended.end_reason) == ("completed", LIMIT, "time_exceeded")
    assert Participant.objects.get().left_at == LIMIT


@pytest.mark.parametrize("late", [timedelta(minutes=-1), timedelta(seconds=30)])
def test_not_before_and_not_while_the_clocks_may_differ(late: timedelta) -> None:
    assert after_a_sweep(SILENT, late).is_live


def test_not_when_a_read_says_that_it_goes_on() -> None:
    there = [{"call_control_id": CALLER, "status": "joined", "muted": False, "on_hold": False}]

    def answer(asked: Asked) -> dict[str, Any]:
        if asked.path.endswith("/participants"):
            return {"data": there}
        wanted = asked.path == "/conferences" and asked.query.get("filter[status]") == ["in_progress"]
        return {"data": [LIVE] if wanted else []}

    assert after_a_sweep(Answering(answer=answer), timedelta(minutes=2)).is_live


def test_a_conference_that_telnyx_refuses_to_show_keeps_no_other_from_being_read() -> None:
    listed = [LIVE | {"id": f"conference-{n}", "name": f"Sales {n}"} for n in range(3)]

    def answer(asked: Asked) -> dict[str, Any]:
        refusing.status = 422 if asked.path == "/conferences/conference-0/participants" else 200
        if asked.path == f"/conferences/{CONFERENCE}":
            return {"data": LIVE}
        wanted = asked.query.get("filter[status]") == ["in_progress"]
        return {"data": listed if wanted else []}

    refusing = Answering(answer=answer)
    after_a_sweep(refusing, timedelta(hours=-1))
    assert set(Conference.objects.filter(name__startswith="Sales ").values_list("pk", flat=True)) >= {
        "conference-1",
        "conference-2",
    }
    assert status.current().reachable


def test_a_webhook_that_comes_later_knows_better() -> None:
    after_a_sweep(SILENT, timedelta(minutes=2))
    tell([told("conference.ended", 500, reason="all_left")])
    assert Conference.objects.get().end_reason == "all_left"
