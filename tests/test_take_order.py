"""Any order of what is told of a take, doubled, with the reply of the dial or without: one record, one log.

Six orders of each story; `make faults` takes all of them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from dashboard.models import Agent, Command
from queues.models import Queue, Take
from supervisor_site.rebuild import rebuild
from telephony import marks
from telephony.models import Fact, InboxEvent
from tests.support.orders import in_any_order
from tests.support.people import SALES, Cast
from tests.support.story import CALLER, NOON, forget, tell, told

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

LEG = "v3:to the agent"
NUMBER = UUID("7c1f0a52-58a0-4f0b-8f0e-2b6d1c9e4a10")
PRIYA = "+13125550147"
MARK = {"client_state": marks.write_take(str(NUMBER))}
WAITS = told("call.enqueued", 0, CALLER, queue=SALES)


def replied(action: str, second: float, **more: Any) -> bytes:
    said = {"take": str(NUMBER), "from_queue": SALES, "options": {}, "legs": [CALLER]}
    return told(f"reply.{action}", second, name=f"reply:{action}", **said | more)


REPLY = replied("call-agent", 1, answer={"call_control_id": LEG, "record_type": "call"})
CALLED = told("call.initiated", 1.2, LEG, direction="outgoing", to=PRIYA, **MARK)
ANSWERED = told("call.answered", 5, LEG, **MARK)
JOINED = replied("bring-in", 6, conference_name="Take 1")
LEFT = told("call.dequeued", 6.2, CALLER, queue=SALES, reason="leave")
TAKE_JOINED = told("reply.take-joined", 7, name=f"take-joined:{NUMBER}", take=str(NUMBER), reason="")
UNDONE = told("reply.take-undone", 9, name=f"take-undone:{NUMBER}", take=str(NUMBER), reason="unknown")
CANCEL = replied("let-go", 3, legs=[LEG], reason="cancelled")


def hung_up(second: float, cause: str = "normal_clearing") -> bytes:
    return told("call.hangup", second, LEG, hangup_cause=cause, **MARK)


GONE = told("read.takes", 8, name="read:1", marked={}, gone={LEG: str(NUMBER)})
SEEN = told("read.takes", 2, name="read:0", marked={LEG: str(NUMBER)}, gone={})

# What is told → the state, the reason, and what the log says of the press.
STORIES: dict[str, tuple[list[bytes], str, str, str]] = {
    "calling": ([CALLED, SEEN], "calling", "", "accepted"),
    "ready": ([CALLED, ANSWERED, WAITS], "ready", "", "accepted"),
    "joined": ([ANSWERED, JOINED, LEFT, WAITS], "joined", "", "done"),
    "joined, as a read tells": ([CALLED, ANSWERED, TAKE_JOINED], "joined", "", "done"),
    "joined, then hung up": ([ANSWERED, JOINED, hung_up(60)], "joined", "", "done"),
    "busy": ([CALLED, hung_up(3, "user_busy")], "failed", "user_busy", "failed"),
    "answered and hung up": ([CALLED, ANSWERED, hung_up(5.5)], "failed", "normal_clearing", "failed"),
    "cancelled": ([CALLED, CANCEL, hung_up(3.2, "originator_cancel")], "cancelled", "cancelled", "failed"),
    "given up": ([CALLED, ANSWERED, UNDONE], "failed", "unknown", "failed"),
    "gone without a word": ([SEEN, ANSWERED, GONE], "failed", "hung up", "failed"),
}


@pytest.fixture
def press(cast: Cast) -> Iterator[Command]:
    """The press on a caller; what came of it is told by each test."""
    command = Command.objects.create(
        user=cast.supervisor,
        user_name="Dana Whitfield",
        action="call-agent",
        family="caller",
        subject=f"queue:{SALES}",
        subject_name=SALES,
        legs=[CALLER],
        detail={"take": str(NUMBER)},
        state=Command.State.ACCEPTED,
        created_at=timezone.now(),
        settled_at=timezone.now(),
    )
    blank()
    yield command
    forget()


def blank() -> None:
    """Nothing was told yet: deleting the queue took its takes along."""
    forget()
    accepted = {"state": Command.State.ACCEPTED, "reason": "", "shown_by": "", "dismissed_at": None}
    Command.objects.update(**accepted)
    take(NUMBER, Queue.objects.create(name=SALES))


def take(number: UUID, queue: Queue, **fields: Any) -> Take:
    asked = {
        "call_control_id": CALLER,
        "user": Command.objects.get().user,
        "agent": Agent.objects.get(number=PRIYA),
        "agent_name": "Priya Nair",
        "address": PRIYA,
        "conference_name": "Take 1",
        "requested_at": NOON + timedelta(seconds=1),
    }
    return Take.objects.create(id=number, queue=queue, **asked | fields)


def record() -> dict[str, Any]:
    """The take, and what the log says of the press."""
    command = Command.objects.get()
    said = {"press": command.state, "why": command.reason, "dismissed": command.dismissed_at is not None}
    return dict(Take.objects.values().get(pk=NUMBER)) | said | {"queue_id": None}


@pytest.mark.parametrize("lost", [False, True], ids=["reply", "reply lost"])
@pytest.mark.parametrize("story", STORIES)
def test_any_order_ends_in_one_record(press: Command, story: str, lost: bool) -> None:
    told_of, state, reason, log = STORIES[story]
    found = in_any_order([*told_of, *([] if lost else [REPLY])], blank, record, count=6)
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"], found[0]["leg"]) == (state, reason, LEG)
    assert found[0]["press"] == log


@pytest.mark.parametrize("story", STORIES)
def test_a_rebuild_makes_the_same_record(press: Command, story: str) -> None:
    tell([REPLY, *STORIES[story][0]])
    before = record()
    rebuild()
    assert record() == before


def test_a_rebuild_of_two_takes_of_one_agent(press: Command) -> None:
    """One is over, one is live; the database allows no second that is live, not even in between."""
    second, leg = UUID(int=NUMBER.int - 1), "v3:again"
    mark = {"client_state": marks.write_take(str(second))}
    tell([REPLY, CALLED, hung_up(3, "user_busy")])
    take(second, Queue.objects.get())
    tell([told("call.initiated", 20, leg, direction="outgoing", to=PRIYA, **mark)])
    tell([told("call.answered", 25, leg, **mark)])
    before = list(Take.objects.order_by("pk").values())
    assert [row["state"] for row in before] == ["ready", "failed"]
    rebuild()
    assert list(Take.objects.order_by("pk").values()) == before


def test_what_is_told_of_no_take_is_no_dead_letter(press: Command) -> None:
    nobodys = {"client_state": marks.write_take("no number")}
    tell([told("call.initiated", 1, LEG, **nobodys), told("reply.take-undone", 2, name="x", take="other")])
    assert record()["state"] == "requested"
    assert not InboxEvent.objects.filter(projected_at=None).exists()
    assert not Fact.objects.filter(subject=f"take:{NUMBER}").exists()
