"""A simulator takes each request that the client can make, with every field."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from telephony.client import NotFound, TelnyxClient
from tests.support.environment import CONNECTION_ID
from tests.support.operations import (
    APPLICATION,
    COMMAND,
    CONFERENCE,
    LEG,
    NAME,
    OTHER,
    PERSON,
    QUEUE,
    RECORDING,
    ROWS,
    Row,
)
from tests.support.processes import free_port
from tests.support.simulator import Simulator
from tests.support.waiting import eventually

Names = dict[str, str | None]
CALLER = "+16175550100"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("simulator")
    simulator = Simulator(f"http://127.0.0.1:{free_port()}/webhooks", folder)
    yield simulator
    simulator.end()


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Iterator[TelnyxClient]:
    made = TelnyxClient(f"{simulator.url}/v2", "KEY-of-the-tests")
    yield made
    made.close()


class Stage:
    """What has to be there before each operation; gives the real names of the table's placeholders."""

    def __init__(self, simulator: Simulator, client: TelnyxClient) -> None:
        self.simulator, self.client = simulator, client
        self.queue = f"Tier 1/{uuid4()}?#"

    def set(self, name: str) -> Names:
        made = self._SETS.get(name, Stage.in_conference)
        ours = {COMMAND: str(uuid4()), APPLICATION: CONNECTION_ID, QUEUE: self.queue, NAME: str(uuid4())}
        return ours | made(self)

    def in_conference(self) -> Names:
        conference, [leg, other] = self.simulator.conference(str(uuid4()), CALLER, CALLER)
        [person] = [
            row["id"] for row in self.client.list_participants(conference) if row["call_control_id"] == leg
        ]
        return {CONFERENCE: conference, LEG: leg, OTHER: other, PERSON: person}

    def beside_a_conference(self) -> Names:
        conference, [other] = self.simulator.conference(str(uuid4()), CALLER)
        return {CONFERENCE: conference, OTHER: other, LEG: self.simulator.answered_call(CALLER)}

    def recorded(self) -> Names:
        """Telnyx names a recording only when it is saved: until then no client can know its id."""
        names = self.in_conference()
        self.client.record_start(str(names[CONFERENCE]), uuid4())
        return names | {RECORDING: None}

    def paused(self) -> Names:
        names = self.recorded()
        self.client.record_pause(str(names[CONFERENCE]), uuid4())
        return names

    def saved(self) -> Names:
        conference = str(self.recorded()[CONFERENCE])
        self.client.record_stop(conference, uuid4())
        [row] = eventually(lambda: self.client.list_recordings(conference_id=conference), within=10)
        return {RECORDING: row["id"]}

    def ringing(self) -> Names:
        return {LEG: self.simulator.call(CALLER)}

    def two_answered(self) -> Names:
        return {LEG: self.simulator.answered_call(CALLER), OTHER: self.simulator.answered_call(CALLER)}

    def with_somebody_queued(self) -> Names:
        self.simulator.call(CALLER, self.queue)
        return self.two_answered()

    def queued(self) -> Names:
        return {LEG: self.simulator.call(CALLER, self.queue)}

    def queued_and_kept(self) -> Names:
        leg = self.simulator.call(CALLER, self.queue)
        self.client.update_queue_call(self.queue, leg, True)
        self.simulator.does(leg, "hangup")
        return {LEG: leg}

    def an_empty_queue(self) -> Names:
        self.client.create_queue(self.queue)
        return {}

    def nothing(self) -> Names:
        return {}

    def supervising(self) -> Names:
        leg, other = self.two_answered().values()
        ear = self.client.dial(
            "+12025550142", "+12025550100", CONNECTION_ID, uuid4(), supervise_call_control_id=leg
        )
        self.simulator.does(ear["call_control_id"], "answer")
        return {LEG: ear["call_control_id"], OTHER: other}

    _SETS: Mapping[str, Callable[["Stage"], Names]] = {
        "join_conference": beside_a_conference,
        "create_conference": two_answered,
        "list_conferences": nothing,
        "list_queues": nothing,
        "list_recordings": nothing,
        "list_active_calls": nothing,
        "list_webhook_deliveries": nothing,
        "retrieve_application": nothing,
        "record_pause": recorded,
        "record_stop": recorded,
        "record_resume": paused,
        "retrieve_recording": saved,
        "delete_recording": saved,
        "answer": ringing,
        "bridge": with_somebody_queued,
        "hangup": two_answered,
        "enqueue": two_answered,
        "leave_queue": queued,
        "retrieve_queue": queued,
        "update_queue": queued,
        "list_queue_calls": queued,
        "retrieve_queue_call": queued,
        "update_queue_call": queued,
        "remove_queue_call": queued_and_kept,
        "delete_queue": an_empty_queue,
        "create_queue": nothing,
        "switch_supervisor_role": supervising,
    }


def named(value: Any, names: Names) -> Any:
    """The same with the placeholders, however deep, replaced."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [named(one, names) for one in value]
    return {key: named(one, names) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("row", [row for row in ROWS if "video_room_id" not in row.given], ids=str)
def test_every_request_is_accepted(row: Row, simulator: Simulator, client: TelnyxClient) -> None:
    names = Stage(simulator, client).set(row.name)
    answer = getattr(client, row.name)(**named(dict(row.given), names))
    assert isinstance(answer, list if row.name.startswith("list_") else dict)


def test_a_room_that_does_not_exist_is_refused(simulator: Simulator, client: TelnyxClient) -> None:
    """The simulator has no video rooms, so it answers as Telnyx does about one that is not there."""
    leg = simulator.answered_call(CALLER)
    with pytest.raises(NotFound):
        client.bridge(leg, uuid4(), video_room_id=str(uuid4()))
