"""Commands to a Telnyx that misbehaves: fifty faults × mute, hold, remove, record, end.

At most one effect per click; the outcome on the page within 5 s; what is not known settled within 30 s; and
never an effect against a later press. Time stands still but for what the faults and the tests let pass.
"""

import time
from collections.abc import Callable, Iterator

import pytest
import time_machine

from dashboard.models import Command, User
from telephony import status
from telephony.client import install
from tests.support.mishaps import FAULTS, Fault
from tests.support.people import Cast
from tests.support.still_stage import END, HOLD, MUTE, PAUSE, RECORD, REMOVE, RESUME, STOP, UNMUTE, Act, Stage
from tests.support.still_telnyx import StillTelnyx

pytestmark = pytest.mark.django_db
State = Command.State
SetStage = Callable[..., Stage]

ON_SCREEN = 5.0  # seconds after the click
KNOWN = 30.0
TRIED = 45.0
by_name = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@pytest.fixture
def set_stage(cast: Cast) -> Iterator[SetStage]:
    """Sets a conference on stage before a Telnyx with this fault, which strikes commands of this act."""
    stages = []
    with time_machine.travel(time.time(), tick=False) as clock:

        def set_one(fault: Fault | None = None, act: Act = MUTE, user: User = cast.supervisor) -> Stage:
            telnyx = StillTelnyx(clock)
            stage = Stage(telnyx, user, fault.limit if fault else 4.0)
            stages.append(stage)
            install(stage.client)
            if fault:
                strike(stage, fault, act)
            return stage

        yield set_one
        install(None)
        for stage in stages:
            stage.client.close()


def strike(stage: Stage, fault: Fault, act: Act) -> None:
    stage.telnyx.on_command = fault.becomes(act.action)
    stage.telnyx.reads_fail = fault.reads_fail
    late = {"at once": 0.0, "late": time.time() + 10, "lost": float("inf")}
    stage.webhooks_at = late[fault.webhooks]


def settle(stage: Stage, command: Command, pressed: float) -> float:
    """Lets time pass until the command is settled; how many seconds after the press."""
    while command.is_open:
        assert time.time() - pressed <= TRIED + 1
        stage.tick(until_due(command))
        command.refresh_from_db()
    return time.time() - pressed


def until_due(command: Command) -> float:
    """What surely was not done waits for its next try alone; what may have been, for reads and webhooks too."""
    due = command.next_try_at.timestamp() - time.time() if command.next_try_at else 0
    return max(due, 0.5) if command.state == State.OPEN else 1.0


@pytest.mark.parametrize("act", [MUTE, HOLD, REMOVE, RECORD, END], ids=lambda act: act.verb)
@by_name
def test_one_click(fault: Fault, act: Act, set_stage: SetStage) -> None:
    stage = set_stage(fault, act)
    pressed = time.time()
    assert stage.press(act).status_code == 204
    assert time.time() - pressed <= ON_SCREEN
    is_on_screen(stage)

    (command,) = stage.commands()
    took = settle(stage, command, pressed)
    if command.tries_ended_at or command.state == State.UNKNOWN:
        assert took <= KNOWN
    says_what_is_true(stage, act, fault)

    tries = len(stage.telnyx.asked)
    stage.webhooks_at = 0
    stage.telnyx.reads_fail = False
    stage.go_on(75)
    assert len(stage.telnyx.asked) == tries, "nothing is sent after the outcome was told"
    assert stage.telnyx.asked[-1].at - stage.telnyx.asked[0].at <= TRIED
    assert len({asked.body.get("command_id") for asked in stage.telnyx.asked}) == 1
    assert stage.effects(act) <= 1
    shows_what_is_true(stage, act, fault)


def is_on_screen(stage: Stage) -> None:
    """Sent, checking, refused, failed or done: in words, and where something goes on, in place of the button."""
    outcome = stage.outcome()
    (command,) = stage.commands()
    if outcome.kind == "open":
        assert (outcome.words, outcome.waiting) == ("Sent", "sent")
    elif outcome.kind == "unknown":
        assert (outcome.words, outcome.waiting) == ("Checking", "checking")
    elif outcome.kind == "bad":
        assert command.reason
        assert command.reason in outcome.words
        assert "Nothing was changed" in outcome.refusal
    else:
        assert outcome.words.startswith(("Accepted", "Done"))


def says_what_is_true(stage: Stage, act: Act, fault: Fault) -> None:
    """The words of the end: done only if it was, failed only if it was not, else not known."""
    outcome, truly = stage.outcome(), act.is_done(stage.caller, stage.truth())
    if outcome.kind == "ok":
        assert truly, outcome
    elif outcome.kind == "bad":
        assert not truly, outcome
        assert "Nothing was changed" in outcome.refusal
    else:
        assert (outcome.kind, outcome.words) == ("unknown", "Not known")
        assert "not known whether it was done" in outcome.refusal
        assert act is RECORD or fault.reads_fail, "a read could have told"
    assert outcome.waiting == ""


def shows_what_is_true(stage: Stage, act: Act, fault: Fault) -> None:
    """Afterwards the floor is as it is at Telnyx. Only of recordings no read tells."""
    shown, truth = stage.shown(), stage.truth()
    (command,) = stage.commands()
    if act is RECORD and command.state == State.UNKNOWN:
        return
    assert act.is_done(stage.caller, shown) == act.is_done(stage.caller, truth)
