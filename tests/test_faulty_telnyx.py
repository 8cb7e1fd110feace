"""Commands to a Telnyx that misbehaves: fifty faults × mute, hold, remove, record, end.

At most one effect per click; the outcome on the page within 5 s; what is not known settled within 30 s; and
never an effect against a later press. Time stands still but for what the faults and the tests let pass.
"""

import time

import pytest

from dashboard.models import Command
from tests.support.mishaps import FAULTS, Fault
from tests.support.still_stage import END, HOLD, MUTE, RECORD, REMOVE, Act, SetStage, Stage

pytestmark = pytest.mark.django_db
State = Command.State

ON_SCREEN = 5.0  # seconds after the click
KNOWN = 30.0
TRIED = 45.0


@pytest.mark.parametrize("act", [MUTE, HOLD, REMOVE, RECORD, END], ids=lambda act: act.verb)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_click(fault: Fault, act: Act, set_stage: SetStage) -> None:
    stage = set_stage(fault, act)
    pressed = time.time()
    assert stage.press(act).status_code == 204
    assert time.time() - pressed <= ON_SCREEN
    is_on_screen(stage)

    (command,) = stage.commands()
    took = stage.settle(command, within=TRIED + 1)
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
    """Sent, checking, refused, failed or done: in words; what goes on stands in place of the button."""
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
