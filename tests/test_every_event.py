"""Every event about conferences and queues: signed, posted, on the page as after a reload."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from channels.db import database_sync_to_async

from conferences.models import Conference, Participant
from queues.models import Queue, QueuedCall
from telephony.models import Call, InboxEvent
from tests.support.events import event, post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.people import gather_cast
from tests.support.sites import InProcess, session_of
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told

pytestmark = pytest.mark.django_db(transaction=True)

CALLED = told(
    "call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188", "to": "+18005550110"}
)
DIALLED = told(
    "call.initiated", 1, AGENT, direction="outgoing", **{"from": "+18005550110", "to": "+13125550147"}
)
QUEUED = told("call.enqueued", 1, CALLER, queue="Claims", current_position=1, queue_avg_wait_time_secs=0)
CREATED = told("conference.created", 5, CALLER)
IN = told("conference.participant.joined", 6, CALLER)
AGENT_IN = told("conference.participant.joined", 7, AGENT)
ENDED = told("conference.ended", 60, reason="all_left")
HANGUP = told("call.hangup", 20, AGENT, hangup_cause="normal_clearing")
TALK = [CALLED, DIALLED, CREATED, IN, AGENT_IN]
BRIDGED = [told("call.bridged", 5, AGENT), told("call.bridged", 5.1, CALLER)]
PAGE, FLOOR = f"/conferences/{CONFERENCE}/", "/floor/"
EVERYBODY = {"media_url": "https://media.example.com/notice.mp3", "creator_call_session_id": "session"}
PLAYING = told("conference.playback.started", 9, **EVERYBODY)


def today(kind: str, **payload: Any) -> bytes:
    """An event about the caller at this moment: figures of today count no other day's."""
    ids: dict[str, Any] = {
        "call_control_id": CALLER,
        "call_leg_id": f"leg-{CALLER}",
        "call_session_id": "session",
    }
    return event(kind, **ids, **payload)


# name: what was before, the event, the page, what the page says after it
EVENTS: dict[str, tuple[Sequence[bytes], bytes, str, str]] = {
    "call.enqueued": ([CALLED], QUEUED, FLOOR, "Claims"),
    "call.dequeued": (
        [CALLED, QUEUED],
        today("call.dequeued", queue="Claims", reason="bridged", wait_time_secs=8),
        FLOOR,
        "100%",
    ),
    "call.dequeued without a wait": (
        [CALLED, QUEUED],
        today("call.dequeued", queue="Claims", reason="hangup"),
        FLOOR,
        "above 5%",
    ),
    "conference.created": ([CALLED], CREATED, FLOOR, "Name not known yet"),
    "conference.ended": (TALK, ENDED, PAGE, "everybody left"),
    "conference.ended on the floor": (
        TALK,
        told("conference.ended", 60, reason="all_left"),
        FLOOR,
        "Earshot",
    ),
    "conference.participant.joined": ([CALLED, CREATED], IN, FLOOR, "+1 617 ••• 0188"),
    "conference.participant.left": (TALK, told("conference.participant.left", 9, AGENT), FLOOR, "Agent left"),
    "conference.floor.changed": (TALK, told("conference.floor.changed", 9, AGENT), FLOOR, "Agent"),
    "conference.playback.started": (
        TALK,
        told("conference.playback.started", 9, **EVERYBODY),
        FLOOR,
        "Playing",
    ),
    "conference.playback.ended": (
        [*TALK, PLAYING],
        told("conference.playback.ended", 12, **EVERYBODY),
        PAGE,
        "Audio to everyone ended",
    ),
    "conference.speak.started": (TALK, told("conference.speak.started", 9), FLOOR, "Speaking text"),
    "conference.speak.ended": (
        [*TALK, told("conference.speak.started", 9)],
        told("conference.speak.ended", 12),
        PAGE,
        "Speaking to everyone ended",
    ),
    "conference.participant.playback.started": (
        TALK,
        told("conference.participant.playback.started", 9, CALLER, **EVERYBODY),
        PAGE,
        "Audio plays to +1 617 ••• 0188",
    ),
    "conference.participant.playback.ended": (
        [*TALK, told("conference.participant.playback.started", 9, CALLER, **EVERYBODY)],
        told("conference.participant.playback.ended", 12, CALLER, **EVERYBODY),
        PAGE,
        "Audio to +1 617 ••• 0188 ended",
    ),
    "conference.participant.speak.started": (
        TALK,
        told("conference.participant.speak.started", 9, CALLER),
        PAGE,
        "Text is spoken to +1 617 ••• 0188",
    ),
    "conference.participant.speak.ended": (
        [*TALK, told("conference.participant.speak.started", 9, CALLER)],
        told("conference.participant.speak.ended", 12, CALLER),
        PAGE,
        "Speaking to +1 617 ••• 0188 ended",
    ),
    "conference.recording.saved": (
        TALK,
        told(
            "conference.recording.saved",
            60,
            recording_id="r1",
            recording_started_at=at(8).isoformat(),
            recording_ended_at=at(59).isoformat(),
            channels="dual",
            format="mp3",
        ),
        PAGE,
        "Recording saved: 0:51, two channels, mp3",
    ),
    "call.gather.ended": (
        TALK,
        told("call.gather.ended", 9, CALLER, digits="1234", status="valid"),
        PAGE,
        "+1 617 ••• 0188 keyed 1234: valid",
    ),
    "call.gather.ended without digits": (
        [*TALK, told("reply.gather", 8, conference_id=CONFERENCE, legs=[CALLER], options={})],
        told("call.gather.ended", 9, CALLER, status="timeout"),
        PAGE,
        "+1 617 ••• 0188 keyed nothing: timed out",
    ),
    "call.dtmf.received": (
        [*TALK, told("call.dtmf.received", 9, CALLER, digit="4")],
        told("call.dtmf.received", 10, CALLER, digit="2"),
        PAGE,
        "+1 617 ••• 0188 pressed 42",
    ),
    "call.initiated": ([IN], CALLED, FLOOR, "+1 617 ••• 0188"),
    "call.answered": (TALK, told("call.answered", 2, AGENT, to="+13125550147"), PAGE, "Priya Nair"),
    "call.bridged": (TALK, told("call.bridged", 2, CALLER), PAGE, "Priya Nair"),
    "call.bridged on the floor": ([CALLED, DIALLED, BRIDGED[0]], BRIDGED[1], FLOOR, "Call 0188"),
    "call.hold": ([CALLED, DIALLED, *BRIDGED], told("call.hold", 9, AGENT), FLOOR, "on hold"),
    "call.unhold": (
        [CALLED, DIALLED, *BRIDGED, told("call.hold", 9, AGENT)],
        told("call.unhold", 10, AGENT),
        FLOOR,
        "Call 0188",
    ),
    "call.hangup": (
        TALK,
        told("call.hangup", 20, AGENT, hangup_cause="normal_clearing"),
        FLOOR,
        "Agent left",
    ),
}


@pytest.mark.parametrize("name", EVENTS)
async def test_an_event_reaches_the_page(name: str, http: httpx.AsyncClient, site: InProcess) -> None:
    before, body, path, words = EVENTS[name]
    await database_sync_to_async(tell)(before)
    cast = await database_sync_to_async(gather_cast)()
    session = await database_sync_to_async(session_of)(cast.supervisor)

    async def post() -> None:
        assert (await post_webhook(http, body)).status_code == 200

    page = await live_equals_reload(site, session, path, post, until=lambda html: words in html)
    assert words in "\n".join(page.lines())


async def test_the_floor_change_comes_without_data_around_it(http: httpx.AsyncClient) -> None:
    from tests.support.events import event

    await database_sync_to_async(tell)(TALK)
    body = event(
        "conference.floor.changed", at=at(9), wrapped=False, conference_id=CONFERENCE, call_control_id=AGENT
    )
    assert (await post_webhook(http, body)).status_code == 200
    await database_sync_to_async(_settled)()
    conference = await Conference.objects.aget(pk=CONFERENCE)
    assert (conference.floor_leg, conference.floor_at) == (AGENT, at(9))


def _settled() -> None:
    from supervisor_site.webhooks import project_now

    project_now()


async def test_an_unknown_event_is_kept_and_changes_nothing(http: httpx.AsyncClient) -> None:
    body = told("call.machine.detection.ended", 1, CALLER, result="human", name="unknown-1")
    assert (await post_webhook(http, body)).status_code == 200
    await database_sync_to_async(_settled)()
    kept = await InboxEvent.objects.aget(event_id="unknown-1")
    assert kept.state == InboxEvent.State.PROJECTED
    assert not await Conference.objects.aexists()


def test_nulls_and_unknown_keys_are_ordinary() -> None:
    tell(
        [
            told(
                "call.initiated",
                0,
                CALLER,
                caller_id_name=None,
                codec="PCMU",
                tags=None,
                **{"from": None, "to": None},
            ),
            told("conference.participant.joined", 1, CALLER, client_state=None, telnyx_error=None),
            told("call.enqueued", 2, CALLER, queue="Claims", current_position=None),
            told("call.hangup", 3, CALLER, hangup_cause=None, call_quality_stats=None),
        ]
    )
    assert InboxEvent.objects.exclude(state=InboxEvent.State.PROJECTED).count() == 0
    assert Call.objects.get().ended_at == at(3)
    assert Participant.objects.get().left_at == at(3)
    assert QueuedCall.objects.get().left_at == at(3)


def test_a_call_leg_is_labelled_by_whom_it_reaches() -> None:
    tell(TALK)
    agent = Call.objects.get(call_control_id=AGENT)
    assert (agent.far_number, agent.initiated_at) == ("+13125550147", at(1))
    assert Call.objects.get(call_control_id=CALLER).far_number == "+16175550188"


def test_a_queue_that_was_named_by_an_event_is_kept_for_ever() -> None:
    tell(
        [CALLED, QUEUED, told("call.dequeued", 4, CALLER, queue="Claims", reason="timeout", wait_time_secs=3)]
    )
    assert Queue.objects.get().name == "Claims"
    stay = QueuedCall.objects.get()
    assert (stay.enqueued_at, stay.left_at, stay.waited_seconds) == (at(1), at(4), 3)
