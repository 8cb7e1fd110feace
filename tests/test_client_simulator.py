"""The client against the simulator on a real port: every operation does what Telnyx says it does."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from telephony import client as telnyx
from telephony.client import TelnyxClient
from tests.support.processes import free_port
from tests.support.simulator import Simulator
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Its webhooks find nobody, so each of its deliveries fails."""
    folder: Path = tmp_path_factory.mktemp("simulator")
    simulator = Simulator(f"http://127.0.0.1:{free_port()}/webhooks", folder)
    yield simulator
    simulator.end()


@pytest.fixture(scope="module", autouse=True)
def unheard_call(simulator: Simulator) -> str:
    """Placed first, because a delivery has failed only after 6 s of tries."""
    return simulator.call("+16175550110")


@pytest.fixture
def client(simulator: Simulator) -> Iterator[TelnyxClient]:
    simulator.no_faults()
    simulator.forget_requests()
    made = TelnyxClient(f"{simulator.url}/v2", "KEY-of-the-tests", command_seconds=1.0)
    yield made
    made.close()


def people(client: TelnyxClient, conference: str) -> dict[str, tuple[bool, bool]]:
    rows = client.list_participants(conference)
    return {
        row["call_control_id"]: (row["muted"], row["on_hold"]) for row in rows if row["status"] == "joined"
    }


def test_only_the_named_are_muted_and_held(simulator: Simulator, client: TelnyxClient) -> None:
    conference, [one, two] = simulator.conference("Sales 1", "+16175550101", "+16175550102")
    client.mute(conference, [one])
    client.hold(conference, [two])
    assert people(client, conference) == {one: (True, False), two: (False, True)}
    client.unmute(conference, [one])
    client.unhold(conference, [two])
    assert people(client, conference) == {one: (False, False), two: (False, False)}


def test_recording_starts_pauses_goes_on_and_stops(simulator: Simulator, client: TelnyxClient) -> None:
    conference, _ = simulator.conference("Sales 2", "+16175550103")

    def recording() -> str:
        [row] = [row for row in simulator.truth()["conferences"] if row["id"] == conference]
        return str(row["recording"])

    client.record_start(conference, uuid4())
    assert recording() == "on"
    client.record_pause(conference, uuid4())
    assert recording() == "paused"
    client.record_resume(conference, uuid4())
    assert recording() == "on"
    client.record_stop(conference, uuid4())
    assert recording() == "off"


def test_one_leaves_one_is_hung_up_and_the_conference_ends(
    simulator: Simulator, client: TelnyxClient
) -> None:
    numbers = ("+16175550104", "+16175550105", "+16175550106")
    conference, [one, two, three] = simulator.conference("Sales 3", *numbers)
    client.leave_conference(conference, one, uuid4())
    assert set(people(client, conference)) == {two, three}
    assert client.retrieve_call(one)["is_alive"] is True
    client.hangup(two, uuid4())
    assert set(people(client, conference)) == {three}
    with pytest.raises(telnyx.Invalid) as ended:
        client.hangup(two, uuid4())
    assert ended.value.words == "the call has already ended"
    client.end_conference(conference, uuid4())
    assert client.retrieve_conference(conference)["status"] == "completed"
    with pytest.raises(telnyx.TelnyxError) as over:
        client.mute(conference, [three])
    assert over.value.words == "the conference has already ended"


def test_conferences_are_found_by_state_and_name(simulator: Simulator, client: TelnyxClient) -> None:
    conference, _ = simulator.conference("Only one of this name", "+16175550107")
    found = client.list_conferences(status="in_progress", name="Only one of this name")
    assert [row["id"] for row in found] == [conference]
    assert client.list_conferences(status="completed", name="Only one of this name") == []


def test_queues_and_who_waits_in_them(simulator: Simulator, client: TelnyxClient) -> None:
    name = "Tier 1/Outage & more"
    first, second = (simulator.call(number, name) for number in ("+16175550108", "+16175550109"))
    waiting = client.list_queue_calls(name)
    assert [(row["call_control_id"], row["queue_position"]) for row in waiting] == [(first, 1), (second, 2)]
    assert client.retrieve_queue(name)["current_size"] == 2
    assert name in {row["name"] for row in client.list_queues()}
    with pytest.raises(telnyx.NotFound):
        client.retrieve_queue("No such queue")


def test_one_command_id_acts_once(simulator: Simulator, client: TelnyxClient) -> None:
    leg, command = simulator.answered_call("+16175550111"), uuid4()
    assert client.hangup(leg, command) == client.hangup(leg, command) == {"result": "ok"}
    with pytest.raises(telnyx.Invalid):
        client.hangup(leg, uuid4())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (429, telnyx.RateLimited),
        (503, telnyx.Unavailable),
        (401, telnyx.Unauthenticated),
        ("cut", telnyx.UnknownOutcome),
        ("cut_after", telnyx.UnknownOutcome),
        ("broken_json", telnyx.UnknownOutcome),
        ("redirect", telnyx.UnknownOutcome),
        ("hang", telnyx.UnknownOutcome),
    ],
)
def test_each_fault_has_its_error(
    simulator: Simulator, client: TelnyxClient, fault: str | int, kind: type[telnyx.TelnyxError]
) -> None:
    conference, [leg] = simulator.conference(f"Fault {fault}", "+16175550112")
    simulator.fault(f"{conference}/actions/mute", fault)
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        client.mute(conference, [leg])
    assert type(caught.value) is kind
    assert time.monotonic() - started < 3
    assert len(simulator.requests(f"{conference}/actions/mute")) == 1


def test_it_reads_limits_and_clock(simulator: Simulator, client: TelnyxClient) -> None:
    client.list_queues()
    assert client.rate_limit_remaining is not None and client.rate_limit_remaining > 0
    assert client.clock_offset is not None and abs(client.clock_offset) < 2.5
    assert client.latency_ms is not None


def test_failed_deliveries_come_with_their_event(client: TelnyxClient, unheard_call: str) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)

    def of_the_call() -> list[telnyx.Json]:
        found = client.list_webhook_deliveries("failed", since)
        return [row for row in found if unheard_call in str(row["webhook"])]

    assert eventually(of_the_call, within=12)[0]["webhook"]["event_type"] == "call.initiated"
