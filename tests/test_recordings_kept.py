"""What goes on by itself: recordings that no webhook told of are read, old ones are deleted at Telnyx."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

import telephony.client
from dashboard.models import Command
from recordings import commands
from recordings.models import Recording
from recordings.reads import Reader
from supervisor_site.webhooks import project_now
from telephony.client import TelnyxClient
from telephony.models import InboxEvent
from tests.support.processes import free_port
from tests.support.simulator import Simulator
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Its webhooks go nowhere."""
    folder: Path = tmp_path_factory.mktemp("simulator")
    simulator = Simulator(f"http://127.0.0.1:{free_port()}/webhooks", folder)
    yield simulator
    simulator.end()


@pytest.fixture
def telnyx(simulator: Simulator) -> Iterator[TelnyxClient]:
    made = TelnyxClient(f"{simulator.url}/v2", "KEY-of-the-tests")
    telephony.client.install(made)
    yield made
    simulator.no_faults()
    telephony.client.install(None)
    made.close()


def planted(simulator: Simulator) -> str:
    """A recording of 30 s that Telnyx has saved, each of a conference of its own."""
    conference, _ = simulator.conference(f"Claims {uuid.uuid4()}", "+16175550188")
    about = {"seconds": 30, "conference_id": conference}
    made = httpx.post(f"{simulator.url}/_simulator/recordings", json=about).raise_for_status()
    recording_id = str(made.json()["recording_id"])
    address = f"{simulator.url}/v2/recordings/{recording_id}"
    eventually(lambda: httpx.get(address, headers={"authorization": "Bearer KEY-of-the-tests"}).is_success)
    return recording_id


def kept(recording_id: str, days_ago: float) -> Recording:
    ended_at = timezone.now() - timedelta(days=days_ago)
    return Recording.objects.create(
        recording_id=recording_id, name="Claims 3307", at=ended_at, ended_at=ended_at, duration_millis=1
    )


def at_telnyx(telnyx: TelnyxClient) -> set[str]:
    return {str(found["id"]) for found in telnyx.list_recordings()}


def test_what_no_webhook_told_of_is_read(simulator: Simulator, telnyx: TelnyxClient) -> None:
    InboxEvent.objects.create(
        event_id="heard-an-hour-ago",
        source="webhook",
        body=b"",
        received_at=timezone.now() - timedelta(hours=1),
    )
    recording_id = planted(simulator)
    reader = Reader(telnyx)

    def look() -> bool:
        reader.look()
        project_now()
        return Recording.objects.filter(recording_id=recording_id).exists()

    assert look()
    row = Recording.objects.get(recording_id=recording_id)
    assert (row.duration_millis, row.source, row.format) == (30_000, "conference", "mp3")
    assert "http" not in str(list(InboxEvent.objects.values_list("body", flat=True)))


def test_what_was_recorded_before_earshot_was_there_is_left_alone(
    simulator: Simulator, telnyx: TelnyxClient
) -> None:
    planted(simulator)
    Reader(telnyx).look()
    project_now()
    assert not Recording.objects.exists()


def test_old_ones_are_deleted_at_telnyx_and_that_is_logged(
    simulator: Simulator, telnyx: TelnyxClient, settings: Any
) -> None:
    settings.RECORDING_DAYS = 90
    old, young = planted(simulator), planted(simulator)
    kept(old, 91)
    kept(young, 89)
    kept("never-at-telnyx", 100)
    assert commands.delete_old(timezone.now()) == 2
    project_now()
    assert old not in at_telnyx(telnyx)
    assert young in at_telnyx(telnyx)
    row = Recording.objects.get(recording_id=old)
    assert (row.deleted_by, row.deleted_because) == ("Earshot", "kept for 90 days")
    assert Recording.objects.get(recording_id=young).deleted_at is None
    logged = Command.objects.filter(action="delete-recording").values_list("user_name", "state")
    assert list(logged) == [("Earshot", "accepted")] * 2
    assert not Command.objects.exclude(user=None).exists()
    assert commands.delete_old(timezone.now()) == 0


def test_nothing_is_deleted_when_the_setting_is_0(
    simulator: Simulator, telnyx: TelnyxClient, settings: Any
) -> None:
    settings.RECORDING_DAYS = 0
    recording_id = planted(simulator)
    kept(recording_id, 9999)
    assert commands.delete_old(timezone.now()) == 0
    assert recording_id in at_telnyx(telnyx)


def test_what_telnyx_does_not_take_is_tried_again_later(
    simulator: Simulator, telnyx: TelnyxClient, settings: Any
) -> None:
    settings.RECORDING_DAYS = 90
    recording_id = planted(simulator)
    kept(recording_id, 91)
    busy = {"match": {"method": "DELETE"}, "answer": "429", "count": 1}
    httpx.post(f"{simulator.url}/_simulator/faults", json=busy).raise_for_status()
    assert commands.delete_old(timezone.now()) == 0
    # The command is open: the worker's retries send it again, and nobody else does.
    assert commands.delete_old(timezone.now()) == 0
    assert Command.objects.get(action="delete-recording").settled_at is None
    assert Recording.objects.get().deleted_at is None
