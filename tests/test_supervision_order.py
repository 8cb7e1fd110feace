"""Any order of a supervision's webhooks, doubled, with the reply of the dial or without: one record.

Ten orders of each story; `make faults` takes all of them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from conferences.commands import everyone
from conferences.models import Conference, Participant
from dashboard.models import Command
from supervision.models import PhoneTest, Supervision
from supervision.retention import forget as forget_facts
from supervisor_site.rebuild import rebuild
from telephony import marks
from telephony.models import Fact
from tests.support.drawn import drawn
from tests.support.orders import in_any_order
from tests.support.people import Cast
from tests.support.story import AGENT, CONFERENCE, NOON, forget, tell, told

pytestmark = pytest.mark.django_db

LEG = "v3:ear"
NUMBER = UUID("5f0c1f6e-5d7e-4a39-9e06-6c3a8d2b7a11")
COMMAND = "reply:dial"
MARK = {"client_state": marks.write(marks.Mark(str(NUMBER), 1, CONFERENCE, "monitor"))}
SAID = {"conference_id": CONFERENCE, "supervision": str(NUMBER)}
REPLY = told(
    "reply.listen",
    1,
    name=COMMAND,
    answer={"call_control_id": LEG, "record_type": "call"},
    options={"supervisor_role": "monitor"},
    legs=[],
    **SAID,
)
CALLED = [
    told("call.initiated", 1.2, LEG, direction="outgoing", to="+13125559001", **MARK),
    told("call.answered", 5, LEG, **MARK),
    told("conference.participant.joined", 6, LEG),
]
HUNG_UP = [
    told("conference.participant.left", 30, LEG),
    told("call.hangup", 30, LEG, hangup_cause="normal_clearing", **MARK),
]
LEAVE = told("reply.leave", 29, name="reply:leave", legs=[LEG], **SAID)
CONFERENCE_ENDS = told("conference.ended", 3, reason="host_left")
REFUSED = told("call.hangup", 3, LEG, hangup_cause="user_busy", **MARK)


@pytest.fixture
def asked(cast: Cast) -> Iterator[None]:
    """The press; what came of it is told by each test."""
    Supervision.objects.create(
        id=NUMBER,
        root=NUMBER,
        user=cast.supervisor,
        user_name="Dana Whitfield",
        conference_id=CONFERENCE,
        conference_name="Sales 4412",
        phone="+13125559001",
        asked_role="monitor",
        role="monitor",
        requested_at=datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC),
    )
    yield
    Supervision.objects.all().delete()


def record() -> dict[str, Any]:
    hidden = {"version", "requested_at", "user_id"}
    return {name: value for name, value in Supervision.objects.values().get().items() if name not in hidden}


def blank() -> None:
    """Nothing was told yet."""
    forget()
    fields = {
        "state": "requested",
        "reason": "",
        "leg": "",
        "role": "monitor",
        "whisper_to": [],
        "proofs": {},
    }
    steps = ("role", "accepted", "calling", "answered", "connected", "ended")
    Supervision.objects.update(**fields, **{f"{step}_at": None for step in steps})


def outcomes(bodies: Sequence[bytes]) -> list[dict[str, Any]]:
    """The record after each order."""
    return in_any_order(bodies, blank, record)


ENDS = {
    "listening": ([], "connected", ""),
    "the phone hung up": (HUNG_UP, "ended", "hung up"),
    "busy": ([REFUSED], "failed", "user_busy"),
}


@pytest.mark.parametrize("lost", [False, True], ids=["reply", "reply lost"])
@pytest.mark.parametrize("end", ENDS)
def test_any_order_ends_in_one_record(asked: None, end: str, lost: bool) -> None:
    more, state, reason = ENDS[end]
    called = {"listening": CALLED, "the phone hung up": CALLED[::2], "busy": CALLED[:1]}[end]
    reply = [] if lost else [REPLY]
    found = outcomes([*called, *more, *reply][-4:])
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"], found[0]["leg"]) == (state, reason, LEG)


def test_the_conference_ended_first_in_any_order(asked: None) -> None:
    found = outcomes([REPLY, CALLED[0], CONFERENCE_ENDS])
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"]) == ("failed", "conference ended")


def test_leaving_is_known_from_being_hung_up(asked: None) -> None:
    found = outcomes([CALLED[0], CALLED[2], LEAVE, HUNG_UP[1]])
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"]) == ("ended", "left")


def test_each_step_names_the_event_that_proved_it(asked: None) -> None:
    tell([REPLY, *CALLED, *HUNG_UP])
    proofs = record()["proofs"]
    assert proofs == {
        "accepted": COMMAND,
        "calling": f"call.initiated-{LEG}-1.2",
        "answered": f"call.answered-{LEG}-5",
        "connected": f"conference.participant.joined-{LEG}-6",
        "ended": f"conference.participant.left-{LEG}-30",
    }


def test_the_newest_accepted_switch_is_the_role(asked: None) -> None:
    whisper = {"supervisor_role": "whisper", "whisper_call_control_ids": [AGENT]}
    switches = [
        told("reply.to-whisper", 10, name="reply:1", legs=[LEG], options=whisper, **SAID),
        told("reply.to-barge", 12, name="reply:2", legs=[LEG], options={"supervisor_role": "barge"}, **SAID),
    ]
    found = outcomes([CALLED[0], CALLED[2], *switches])
    assert all(one == found[0] for one in found)
    assert (found[0]["role"], found[0]["proofs"]["role"]) == ("barge", "reply:2")
    assert Participant.objects.get(call_control_id=LEG).supervisor_role == "barge"


def test_the_time_of_a_mode_goes_on_while_only_its_people_change(asked: None) -> None:
    def whisper(second: int, *to: str) -> bytes:
        options = {"supervisor_role": "whisper", "whisper_call_control_ids": to}
        return told("reply.to-whisper", second, name=f"reply:{second}", legs=[LEG], options=options, **SAID)

    found = outcomes([CALLED[0], CALLED[2], whisper(10, AGENT), whisper(12, AGENT, "v3:other")])
    assert all(one == found[0] for one in found)
    assert (found[0]["role_at"], len(found[0]["whisper_to"])) == (NOON + timedelta(seconds=10), 2)
    stay = Participant.objects.get(call_control_id=LEG)
    assert (stay.supervisor_role, stay.role_at) == ("whisper", NOON + timedelta(seconds=10))


def test_the_role_is_known_without_the_reply(asked: None) -> None:
    tell(CALLED)
    assert Participant.objects.get(call_control_id=LEG).supervisor_role == "monitor"


def test_what_was_given_up_does_not_come_back(asked: None) -> None:
    undone = told("reply.undone", 31, name="undone", supervision=str(NUMBER), reason="unknown")
    found = outcomes([undone, CALLED[0], CALLED[2]])
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"], found[0]["leg"]) == ("failed", "unknown", LEG)


def test_a_rebuild_makes_the_same_record(asked: None) -> None:
    tell([REPLY, *CALLED, *HUNG_UP])
    before = record()
    rebuild()
    assert record() == before


def test_what_is_forgotten_stays_as_it_is(asked: None) -> None:
    tell([*CALLED, *HUNG_UP])
    before = record()
    assert forget_facts(NOON + timedelta(days=40)) == 1
    assert forget_facts(NOON + timedelta(days=40)) == 0
    tell([REPLY])
    rebuild()
    assert record() == before | {"forgotten_at": record()["forgotten_at"]}


# --- a test call -------------------------------------------------------------------------------------------
TEST = {"client_state": marks.write(marks.Mark(str(NUMBER), 1))}
TEST_REPLY = told(
    "reply.test-call",
    1,
    name=COMMAND,
    answer={"call_control_id": LEG, "record_type": "call"},
    legs=[],
    supervision=str(NUMBER),
)
RANG = told("call.initiated", 1.2, LEG, direction="outgoing", to="+13125559001", **TEST)
TEST_ENDS = {
    "worked": [
        told("call.answered", 5, LEG, **TEST),
        told("reply.end-test", 9, name="reply:end", legs=[LEG], supervision=str(NUMBER), reason="heard"),
        told("call.hangup", 9.2, LEG, hangup_cause="normal_clearing", **TEST),
    ],
    "failed": [told("call.hangup", 3, LEG, hangup_cause="user_busy", **TEST)],
    "cancelled": [
        told("reply.end-test", 3, name="reply:end", legs=[LEG], supervision=str(NUMBER)),
        told("call.hangup", 3.1, LEG, hangup_cause="originator_cancel", **TEST),
    ],
}


@pytest.fixture
def tested(cast: Cast) -> Iterator[None]:
    PhoneTest.objects.create(
        id=NUMBER, user=cast.supervisor, phone="+13125559001", requested_at=NOON + timedelta(seconds=1)
    )
    yield
    PhoneTest.objects.all().delete()


def record_of_test() -> dict[str, Any]:
    return dict(PhoneTest.objects.values().get())


@pytest.mark.parametrize("lost", [False, True], ids=["reply", "reply lost"])
@pytest.mark.parametrize("state", TEST_ENDS)
def test_any_order_of_a_test_call_ends_in_one_record(tested: None, state: str, lost: bool) -> None:
    told_of = [RANG, *TEST_ENDS[state], *([] if lost else [TEST_REPLY])][-4:]
    found = []
    for order in drawn(permutations(told_of), 10):
        forget()
        steps = ("accepted", "calling", "answered", "ended")
        fresh = {"state": "requested", "reason": "", "leg": ""} | {f"{step}_at": None for step in steps}
        PhoneTest.objects.update(**fresh)
        tell([*order, order[0]])
        found.append(record_of_test())
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["leg"]) == (state, LEG)
    assert found[0]["reason"] == ("user_busy" if state == "failed" else "")


def test_a_rebuild_makes_the_same_test_call(tested: None) -> None:
    tell([TEST_REPLY, RANG, *TEST_ENDS["worked"]])
    before = record_of_test()
    rebuild()
    assert record_of_test() == before


def test_old_test_calls_are_forgotten_whole(tested: None) -> None:
    tell([RANG, *TEST_ENDS["worked"]])
    forget_facts(NOON + timedelta(days=40))
    assert not PhoneTest.objects.exists()
    assert not Fact.objects.filter(subject=f"supervision:{NUMBER}").exists()


# --- what was pressed, and what is not known yet -----------------------------------------------------------
@pytest.fixture
def pressed(asked: None, cast: Cast) -> Command:
    """The press that dials, of which nothing has come yet."""
    return Command.objects.create(
        user=cast.supervisor,
        user_name="Dana Whitfield",
        action="listen",
        family="supervise",
        subject=f"supervision:{CONFERENCE}:{NUMBER}",
        subject_name="Sales 4412",
        state=Command.State.ACCEPTED,
        created_at=timezone.now(),
        settled_at=timezone.now(),
    )


def test_a_hang_up_told_before_joining_is_no_failure_of_the_press(pressed: Command) -> None:
    tell([REPLY, CALLED[0], HUNG_UP[1]])
    pressed.refresh_from_db()
    assert (record()["state"], pressed.state) == ("failed", "failed")
    tell([CALLED[1], CALLED[2], HUNG_UP[0]])
    pressed.refresh_from_db()
    assert (record()["state"], pressed.state) == ("ended", "done")


def test_who_may_be_a_supervisor_is_not_everyone(pressed: Command) -> None:
    known = told("call.initiated", 0, AGENT, direction="outgoing", to="+13125550147")
    tell([known, told("conference.participant.joined", 0, AGENT), CALLED[2]])
    assert named() == [AGENT]
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        # Long after any dial nobody can be one of ours, and is muted with the others, known or not.
        assert named() == [AGENT, LEG]
    tell([CALLED[0]])
    assert named() == [AGENT]


def named() -> list[str]:
    found = everyone(Conference.objects.get(pk=CONFERENCE))
    return sorted(person.call_control_id for person in found)
