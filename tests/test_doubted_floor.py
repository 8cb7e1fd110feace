"""Who holds the floor is not known where webhooks are lost for good, and known again when something tells."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from channels.db import database_sync_to_async as in_database
from django.utils import timezone

from conferences.doubts import Doubts
from conferences.models import LOSSES_COME_IN, Conference
from supervisor_site.webhooks import project_now
from supervisor_site.worker import BEAT, Worker
from telephony import status
from telephony.client import TelnyxClient
from telephony.deliveries import OVERLAP, RARELY
from telephony.losses import LATE, lost
from telephony.models import InboxEvent
from tests.support.events import event, post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.processes import free_port
from tests.support.signing_in import window_of
from tests.support.simulator import Simulator
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, NOON, at, rows, tell, told
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db
OTHER = "9a11-another-conference"
TALK = [
    told("conference.participant.joined", 1, CALLER),
    told("conference.participant.joined", 2, AGENT),
    told("conference.floor.changed", 3, CALLER),
]
# Of another conference: a read found who had joined, and no webhook told it.
FOUND = told("read.conference", 9, conference_id=OTHER, joined={"v3:other": at(8).isoformat()})
JOINED = told("conference.participant.joined", 8, "v3:other", conference_id=OTHER)


def holder(conference_id: str = CONFERENCE) -> str | None:
    conference = Conference.objects.get(pk=conference_id)
    return None if conference.is_floor_doubted else conference.floor_leg


class Day:
    """Noon, and what happens so many seconds after it."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock, self._doubts = clock, Doubts()

    def tell(self, seconds: float, *bodies: bytes) -> None:
        self._clock.move_to(at(seconds), tick=False)
        tell(bodies)

    def look(self, seconds: float) -> None:
        self._clock.move_to(at(seconds), tick=False)
        self._doubts.look()
        project_now()

    def log_read(self, seconds: float) -> None:
        self._clock.move_to(at(seconds), tick=False)
        status.read_deliveries(until=at(seconds))


@pytest.fixture
def day() -> Iterator[Day]:
    """The talk has begun; Telnyx's log of deliveries was refused just before."""
    with time_machine.travel(NOON, tick=False) as clock:
        status.answered(5)
        status.no_deliveries("Telnyx does not let this API key do it")
        day = Day(clock)
        day.tell(4, *TALK)
        yield day


# --- what doubts -------------------------------------------------------------------------------------------
def test_a_loss_anywhere_makes_every_holder_not_known(day: Day) -> None:
    day.tell(10, FOUND)
    day.look(10 + LATE.total_seconds() - 1)
    assert holder() == CALLER, "it may be late only"
    day.look(10 + LATE.total_seconds() + 1)
    assert holder() is None
    assert Conference.objects.get(pk=CONFERENCE).floor_doubted_at == at(10)


def test_a_webhook_that_was_only_late_is_no_loss(day: Day) -> None:
    day.tell(10, FOUND)
    day.tell(14, JOINED)
    day.look(40)
    assert holder() == CALLER


@pytest.mark.parametrize(
    "found",
    [
        told("read.conference", 9, left=[AGENT]),
        told("read.conference", 9, conference_id=OTHER, ended={"reason": "all_left"}),
        told("read.queue", 9, queue="Sales", joined={"v3:other": at(8).isoformat()}),
        told("read.queue", 9, queue="Sales", left=["v3:other"]),
    ],
)
def test_whatever_lists_and_webhooks_both_tell_proves_a_loss(day: Day, found: bytes) -> None:
    day.tell(10, found)
    day.look(40)
    assert holder() is None


@pytest.mark.parametrize(
    "found",
    [
        told("read.conference", 9, conference={"name": "Sales 4412"}),
        told("read.conference", 9, muted={CALLER: True}),
        told("read.queue", 9, queue="Sales", settings={"max_size": 5}),
    ],
)
def test_what_no_webhook_ever_tells_proves_nothing(day: Day, found: bytes) -> None:
    day.tell(10, found)
    day.look(40)
    assert holder() == CALLER


def test_while_the_log_can_be_read_nothing_is_doubted(day: Day) -> None:
    day.log_read(5)
    day.tell(10, FOUND)
    day.look(40)
    assert holder() == CALLER


def test_one_loss_is_one_doubt_however_many_workers_look(day: Day) -> None:
    day.tell(10, FOUND)
    for seconds in (40, 41, 50):
        day.look(seconds)
    Doubts().look()
    project_now()
    assert InboxEvent.objects.filter(event_id__startswith="read:doubted:").count() == 2
    assert Conference.objects.get(pk=CONFERENCE).version == len(TALK) + 1


# --- what lifts the doubt -----------------------------------------------------------------------------------
@pytest.mark.parametrize("seconds", [11.0, LOSSES_COME_IN.total_seconds() - 0.5])
def test_a_holder_told_shortly_after_a_loss_may_be_an_older_one_too(day: Day, seconds: float) -> None:
    day.tell(10, FOUND)
    day.look(40)
    day.tell(41, told("conference.floor.changed", 10 + seconds, AGENT))
    assert holder() is None


def test_a_later_holder_is_known(day: Day) -> None:
    day.tell(10, FOUND)
    day.look(40)
    day.tell(45, told("conference.floor.changed", 44, AGENT))
    assert holder() == AGENT


def test_a_log_that_answers_again_and_was_read_past_it_tells_all(day: Day) -> None:
    day.tell(10, FOUND)
    day.look(40)
    day.log_read(60)
    day.look(61)
    assert holder() is None, "the last attempt at a webhook of then may fail only now"
    day.log_read(12 + OVERLAP.total_seconds())
    day.look(140)
    assert holder() == CALLER
    day.look(150)
    assert InboxEvent.objects.filter(event_id__startswith="read:heard:").count() == 2


def test_what_is_lost_after_that_is_doubted_anew(day: Day) -> None:
    day.tell(10, FOUND)
    day.look(40)
    day.log_read(12 + OVERLAP.total_seconds())
    day.look(140)
    status.no_deliveries("Telnyx does not answer")
    day.tell(150, told("read.conference", 150, left=[AGENT]))
    day.look(180)
    assert holder() is None


@pytest.mark.engines
def test_the_newest_read_that_no_webhook_confirmed() -> None:
    """As the database of each engine finds it; the clock of PostgreSQL is its own."""
    begun = timezone.now() - timedelta(minutes=1)
    tell([FOUND, JOINED, told("read.queue", 9, queue="Sales", left=["v3:other"])])
    read_at = InboxEvent.objects.get(event_type="read.queue").received_at
    assert lost(begun, timezone.now()) == read_at
    tell([told("call.dequeued", 8, "v3:other", queue="Sales")])
    assert lost(begun, timezone.now()) is None


# --- what is shown ------------------------------------------------------------------------------------------
def floor_of(cast: Cast) -> str | None:
    (conference,) = window_of(cast.supervisor).get("/api/floor").json()["conferences"]
    return conference["floor"]  # type: ignore[no-any-return]


@pytest.mark.engines
def test_programs_get_null_and_pages_say_not_known(cast: Cast) -> None:
    tell(TALK)
    desk = window_of(cast.supervisor)
    assert floor_of(cast) == CALLER
    assert "Floor: " in desk.get(f"/conferences/{CONFERENCE}/").content.decode()
    tell([told("read.conference", 20, doubted=at(10).isoformat())])
    assert floor_of(cast) is None
    page = desk.get(f"/conferences/{CONFERENCE}/").content.decode()
    assert "Floor not known: webhooks were lost at 12:00:10" in page
    assert 'title="Webhooks were lost at 12:00:10"' in desk.get("/floor/").content.decode()
    assert "Speaking <" not in page
    tell([told("conference.floor.changed", 60, AGENT)])
    assert floor_of(cast) == AGENT


def test_silence_is_not_claimed_either(cast: Cast) -> None:
    """Who held it left: whether somebody else has it now is the question."""
    tell([*TALK, told("conference.participant.left", 5, CALLER)])
    desk = window_of(cast.supervisor)
    assert "Quiet" in desk.get(f"/conferences/{CONFERENCE}/").content.decode()
    tell([told("read.conference", 20, doubted=at(10).isoformat())])
    assert "Quiet" not in desk.get(f"/conferences/{CONFERENCE}/").content.decode()


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/floor/", f"/conferences/{CONFERENCE}/"])
async def test_open_pages_follow(cast: Cast, site: InProcess, path: str) -> None:
    await in_database(tell)(TALK)
    session = await session_of_async(cast.supervisor)
    for found in (
        told("read.conference", 20, doubted=at(10).isoformat()),
        told("read.conference", 200, heard=at(60).isoformat()),
    ):
        await live_equals_reload(site, session, path, partial(tell, [found]))


def test_a_rebuild_knows_the_doubt(day: Day) -> None:
    from supervisor_site.rebuild import rebuild

    day.tell(10, FOUND)
    day.look(40)
    truth = rows()
    Conference.objects.update(floor_doubted_at=None)
    rebuild()
    assert (rows(), holder()) == (truth, None)


# --- with a Telnyx whose webhooks are lost ------------------------------------------------------------------
@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """What it sends never arrives; a test posts itself what shall."""
    folder: Path = tmp_path_factory.mktemp("simulator")
    simulator = Simulator(f"http://127.0.0.1:{free_port()}/", folder, ("--no-traffic", "--drop", "1"))
    yield simulator
    simulator.end()


class Lossy:
    """A worker on that Telnyx, whose log it may not read, and a clock that can be put forward."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator, self.seconds = simulator, 0.0
        self._client = TelnyxClient(f"{simulator.url}/v2", "KEY-of-the-tests")
        self._worker = Worker(self._client, clock=lambda: self.seconds)
        simulator.no_delivery_log()

    def read(self, later: float = 0.0) -> None:
        """Everything is read, so many seconds later."""
        self.seconds += later + BEAT
        with time_machine.travel(timezone.now() + timedelta(seconds=self.seconds - BEAT)):
            self._worker.read()
            project_now()

    def end(self) -> None:
        self._client.close()


@pytest.mark.django_db(transaction=True)
async def test_the_floor_is_never_wrong_for_long(
    http: httpx.AsyncClient, cast: Cast, simulator: Simulator
) -> None:
    """The last change of the floor is lost, and with it nothing else of its conference."""
    lossy, begun = await in_database(Lossy)(simulator), timezone.now()
    conference_id, (one, two) = simulator.conference("Sales 1", "+16175550101", "+16175550102")
    simulator.does(two, "talk")
    simulator.call("+16175550103", queue="Claims")
    for kind, leg in (("participant.joined", one), ("participant.joined", two), ("floor.changed", one)):
        about: dict[str, Any] = {"call_control_id": leg, "conference_id": conference_id}
        body = event(f"conference.{kind}", at=begun, **about)
        assert (await post_webhook(http, body)).status_code == 200
    await in_database(project_now)()
    await in_database(lossy.read)()
    assert await in_database(floor_of)(cast) == one, "the caller may be on the way here"
    await in_database(lossy.read)(LATE.total_seconds())
    assert await in_database(floor_of)(cast) is None
    # Telnyx lists what it could not deliver only after the last attempt, and is asked once an hour.
    await in_database(eventually)(lambda: simulator.deliveries_waiting() == 0, within=20)
    simulator.no_faults()
    await in_database(lossy.read)(RARELY)
    await in_database(lossy.read)()
    assert await in_database(floor_of)(cast) == two
    await in_database(lossy.end)()


# --- pure --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("doubted", "heard", "floor", "expected"),
    [
        (None, None, 3, False),
        (10, None, 3, True),
        (10, None, 40, True),
        (10, None, 41, False),
        (10, 10, 3, False),
        (10, 9, 3, True),
        (10, None, None, True),
    ],
)
def test_when_a_holder_is_doubted(doubted: Any, heard: Any, floor: Any, expected: bool) -> None:
    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOON + timedelta(seconds=seconds)

    conference = Conference(
        floor_leg=CALLER,
        floor_at=moment(floor),
        floor_doubted_at=moment(doubted),
        floor_heard_until=moment(heard),
    )
    assert conference.is_floor_doubted is expected
