"""Webhooks that never arrived come from Telnyx's own log of deliveries, under their own event ids."""

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conferences.models import Conference
from queues.models import QueuedCall
from supervisor_site import measures
from supervisor_site.webhooks import project_now
from telephony import status
from telephony.client import TelnyxClient
from telephony.deliveries import AFTER_SILENCE, EVERY, RARELY, Deliveries, recovered
from telephony.models import Call, Fact, InboxEvent, TelnyxStatus
from tests.support.answering import Answering
from tests.support.environment import CONNECTION_ID
from tests.support.people import Cast
from tests.support.processes import free_port
from tests.support.signing_in import admin_address, window_of
from tests.support.simulator import Simulator
from tests.support.story import CALLER, CONFERENCE, NOON, at, tell, told
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db
JOINED = told("conference.participant.joined", 2, CALLER, name="joined", connection_id=CONNECTION_ID)


@pytest.fixture(autouse=True)
def reachable(db: None) -> None:
    status.answered(5)


def delivery(body: bytes, started_at: datetime = NOON) -> dict[str, Any]:
    return {"status": "failed", "started_at": started_at.isoformat(), "webhook": json.loads(body)["data"]}


def telnyx(*failed: dict[str, Any], **answer: Any) -> tuple[Answering, Deliveries]:
    server = Answering(body={"data": failed, "meta": {"total_pages": 1}}, **answer)
    return server, Deliveries(server.client(), clock=time.time)


def ids() -> set[str]:
    return set(InboxEvent.objects.values_list("event_id", flat=True))


# --- against the simulator -------------------------------------------------------------------------
@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Every webhook of its is lost."""
    folder: Path = tmp_path_factory.mktemp("simulator")
    simulator = Simulator(f"http://127.0.0.1:{free_port()}/", folder, ("--no-traffic", "--drop", "1"))
    yield simulator
    simulator.end()


def test_what_no_list_can_tell_is_known_after_a_look(simulator: Simulator) -> None:
    leg = simulator.call("+16175550110", queue="Claims")
    simulator.does(leg, "hangup")
    conference_id, (one, two) = simulator.conference("Sales 1", "+16175550101", "+16175550102")
    client = TelnyxClient(f"{simulator.url}/v2", "KEY-of-the-tests")

    def fetched() -> bool:
        Deliveries(client).look()
        project_now()
        return Fact.objects.filter(leg=two, kind="joined").exists()

    eventually(fetched)
    client.close()
    queued = QueuedCall.objects.get(call_control_id=leg)
    assert (queued.left_because, queued.is_alive) == ("hangup", False)
    assert Call.objects.get(call_control_id=one).from_number == "+16175550101"
    assert Conference.objects.get(pk=conference_id).creator_leg == one
    assert set(InboxEvent.objects.values_list("source", "state")) == {("webhook", "projected")}


# --- what is taken in, and what is not ---------------------------------------------------------------
def test_it_is_the_webhook_itself_so_that_it_and_a_late_one_are_one() -> None:
    tell([JOINED])
    lost = told("conference.participant.left", 9, CALLER, name="left", connection_id=CONNECTION_ID)
    _, deliveries = telnyx(delivery(JOINED), delivery(lost), delivery(lost))
    assert deliveries.look() == 1
    project_now()
    tell([lost])
    assert ids() == {"joined", "left"}
    assert Conference.objects.get().participants.get().left_at == at(9)


def test_what_telnyx_did_not_date_counts_as_of_the_first_attempt() -> None:
    failed = delivery(told("conference.created", 0, CALLER, name="made", connection_id=CONNECTION_ID), at(3))
    del failed["webhook"]["occurred_at"]
    assert telnyx(failed)[1].look() == 1
    project_now()
    assert Conference.objects.get(pk=CONFERENCE).created_at == at(3)


@pytest.mark.parametrize(
    "webhook",
    [
        {"event_type": "message.received", "id": "m1", "payload": {}},
        {"event_type": "call.initiated", "id": "c1", "payload": {"connection_id": "another"}},
        {"event_type": "call.initiated", "payload": {}},
        {"event_type": "call.initiated", "id": "c1", "payload": []},
        "not an object",
        None,
    ],
)
def test_other_applications_and_what_cannot_be_read_stay_out(webhook: Any) -> None:
    assert telnyx({"status": "failed", "started_at": "soon", "webhook": webhook})[1].look() == 0
    assert ids() == set()


# --- when it asks ----------------------------------------------------------------------------------------
def since(server: Answering) -> datetime:
    assert server.asked[-1].query["filter[status][eq]"] == ["failed"]
    return datetime.fromisoformat(server.asked[-1].query["filter[started_at][gte]"][0])


def test_each_look_goes_on_where_the_last_one_ended_with_an_overlap() -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        server, deliveries = telnyx()
        deliveries.look()
        assert since(server) == start - timedelta(hours=1, minutes=2)
        clock.shift(EVERY - 1)
        deliveries.look()
        assert len(server.asked) == 1
        clock.shift(2)
        deliveries.look()
        assert since(server) == start - timedelta(minutes=2)


def test_another_process_goes_on_there_too_but_never_further_back_than_a_day() -> None:
    start = timezone.now()
    TelnyxStatus.objects.update(deliveries_read_until=start - timedelta(minutes=40))
    with time_machine.travel(start, tick=False):
        server, deliveries = telnyx()
        deliveries.look()
        assert since(server) == start - timedelta(minutes=42)
        TelnyxStatus.objects.update(deliveries_read_until=start - timedelta(days=40))
        server, deliveries = telnyx()
        deliveries.look()
        assert since(server) == start - timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        ({"status": 403}, RARELY),
        ({"status": 404}, RARELY),
        ({"status": 422}, RARELY),
        ({"status": 500}, AFTER_SILENCE),
        ({"status": 429, "headers": {"x-ratelimit-reset": "50"}}, 50.0),
    ],
)
def test_a_refusal_is_remembered(answer: dict[str, Any], pause: float) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        server, deliveries = telnyx(delivery(JOINED), **answer)
        assert deliveries.look() == 0
        clock.shift(pause - 1)
        assert deliveries.look() == 0
        assert len(server.asked) == 1
        server.status = 200
        clock.shift(2)
        assert deliveries.look() == 1
    assert TelnyxStatus.objects.get().reachable


@pytest.mark.parametrize("status_code", [403, 404, 500, 503])
def test_since_when_the_log_cannot_be_read_is_kept(status_code: int) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        server, deliveries = telnyx(delivery(JOINED), status=status_code)
        for _ in range(2):
            deliveries.look()
            clock.shift(RARELY + 1)
        row = TelnyxStatus.objects.get()
        assert row.deliveries_refused_since == start
        assert row.deliveries_reason
        server.status = 200
        deliveries.look()
        status.answered(5)
        row = TelnyxStatus.objects.get()
        assert (row.deliveries_refused_since, row.deliveries_reason) == (None, "")


def test_a_busy_log_is_no_refusal() -> None:
    telnyx(status=429)[1].look()
    assert TelnyxStatus.objects.get().deliveries_refused_since is None


# --- that it is known which were lost -----------------------------------------------------------------------
def test_what_was_fetched_is_counted_and_shown_to_admins(cast: Cast) -> None:
    tell([JOINED])
    lost = told("conference.participant.left", 9, CALLER, name="left", connection_id=CONNECTION_ID)
    telnyx(delivery(JOINED), delivery(lost))[1].look()
    project_now()
    assert recovered(timezone.now() - timedelta(hours=1)) == 1
    assert InboxEvent.objects.get(recovered_at__isnull=False).event_id == "left"
    measures.measure()
    desk = window_of(cast.admin)
    health = desk.get("/health/").content.decode()
    assert re.search(
        r'<dt>Lost, fetched</dt><dd class="value">1</dd><dd class="under">last hour</dd>', health
    )
    assert "1, 1, 1" in desk.get(admin_address(TelnyxStatus, "change", 1)).content.decode()
    listed = desk.get("/admin/telephony/inboxevent/?recovered_at__isempty=0").content.decode()
    assert ("conference.participant.left" in listed, "1 inbox event" in listed) == (True, True)


def test_it_does_not_ask_a_telnyx_that_cannot_be_reached() -> None:
    status.silent("Telnyx did not answer", timezone.now())
    server, deliveries = telnyx()
    deliveries.look()
    assert server.asked == []
