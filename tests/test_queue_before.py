"""Which queue somebody came from: the last one before they came, whatever they waited in afterwards."""

from itertools import permutations

import pytest

from conferences import show
from conferences.models import Conference
from conferences.presentation import ConferenceShown
from recordings.models import Recording
from telephony.events import encode
from telephony.models import Call
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, at, forget, tell, told

pytestmark = pytest.mark.django_db

CALLED = told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"})
DIALLED = told("call.initiated", 1, AGENT, direction="outgoing", to="+13125550147")
HERE = [told("conference.participant.joined", 5, CALLER), told("conference.participant.joined", 5, AGENT)]
LEFT = told("conference.participant.left", 20, CALLER)
AFTERWARDS = told("call.enqueued", 21, CALLER, queue="Claims")


def shown() -> ConferenceShown:
    (found,) = show.shown(Conference.objects.filter(pk=CONFERENCE), full_numbers=False)
    return found


def version() -> int:
    return Conference.objects.get(pk=CONFERENCE).version


def test_a_caller_who_left_for_another_queue_came_from_the_first(cast: Cast) -> None:
    tell([CALLED, DIALLED, told("call.enqueued", 2, CALLER, queue="Support"), *HERE])
    assert shown().queue == "Support"
    assert [person.queue for person in shown().people] == ["", "Support"]
    tell([LEFT])
    tell([AFTERWARDS])
    assert shown().queue == "Support"


def test_who_waited_only_afterwards_came_from_no_queue(cast: Cast) -> None:
    tell([CALLED, DIALLED, *HERE])
    tell([LEFT])
    tell([AFTERWARDS])
    assert shown().queue == ""


def test_a_queue_that_is_told_late_is_shown_where_they_were(cast: Cast) -> None:
    """The webhook of the queue may be the last to come: open pages must hear of it."""
    tell([CALLED, DIALLED, *HERE])
    tell([LEFT])
    before = version()
    tell([told("call.enqueued", 2, CALLER, queue="Support")])
    assert (shown().queue, version()) == ("Support", before + 1)


def test_a_caller_whom_a_read_found_waiting_waited_since_telnyx_says_so(cast: Cast) -> None:
    found = {"queue": "Support", "joined": {CALLER: at(2).isoformat()}}
    tell([CALLED, DIALLED, encode("read.queue", "read:1", at(30), found), *HERE])
    assert shown().queue == "Support"


def test_a_recording_is_of_the_queue_before_it(cast: Cast) -> None:
    tell([CALLED, DIALLED, told("call.enqueued", 2, CALLER, queue="Support"), *HERE])
    times = {"recording_started_at": at(6).isoformat(), "recording_ended_at": at(15).isoformat()}
    tell([told("conference.recording.saved", 16, recording_id="r-1", **times)])
    tell([LEFT])
    tell([AFTERWARDS])
    assert [row.queue for row in Recording.objects.all()] == ["Support"]


def test_every_order_ends_in_the_same_visits(cast: Cast) -> None:
    events = [
        told("call.enqueued", 2, CALLER, queue="Support"),
        told("call.dequeued", 4, CALLER, queue="Support"),
        AFTERWARDS,
        told("call.enqueued", 21, CALLER, queue="Billing", name="at the same instant"),
    ]
    ends = set()
    for order in permutations(events):
        forget()
        tell([*order, order[0]])
        ends.add(str(Call.objects.get(call_control_id=CALLER).visits))
    assert len(ends) == 1
    assert [queue for _, queue in Call.objects.get(call_control_id=CALLER).visits] == [
        "Support",
        "Billing",
        "Claims",
    ]
