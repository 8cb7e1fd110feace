"""One click against a Telnyx that misbehaves, and what must come of it.

At most one effect; the outcome on the page within 5 s; what is not known settled within 30 s, in words that
are true; nothing sent afterwards; and the floor as it is at Telnyx.
"""

import time

from dashboard.models import Command
from tests.support.mishaps import Fault
from tests.support.still_stage import RECORD, Act, Outcome, Stage

ON_SCREEN = 5.0  # seconds after the click
KNOWN = 30.0
TRIED = 45.0
State = Command.State


def one_click(fault: Fault, act: Act, stage: Stage) -> None:
    """Press once, let everything settle and time go on; what holds whatever Telnyx did."""
    pressed = time.time()
    assert stage.press(act).status_code == 204
    assert time.time() - pressed <= ON_SCREEN
    outcome = stage.outcome()
    (command,) = stage.commands()
    if command.is_open:
        _is_on_screen(outcome)
        took = stage.settle(command, within=TRIED + 1)
        assert took <= KNOWN or not stage.was_unknown
        outcome = stage.outcome()
    _says_what_is_true(outcome, act.is_done(stage.caller, stage.truth()))
    if outcome.kind == "unknown":
        assert act is RECORD or fault.reads_fail, "a read could have told"

    tries = len(stage.telnyx.asked)
    stage.webhooks_at = 0
    stage.telnyx.reads_fail = False
    stage.go_on(75)
    assert len(stage.telnyx.asked) == tries, "nothing is sent after the outcome was told"
    assert stage.telnyx.asked[-1].at - stage.telnyx.asked[0].at <= TRIED
    assert len({asked.body.get("command_id") for asked in stage.telnyx.asked}) == 1
    assert stage.effects(act) <= 1
    command.refresh_from_db()
    if act is not RECORD or command.state != State.UNKNOWN:  # of recordings no read tells
        assert act.is_done(stage.caller, stage.shown()) == act.is_done(stage.caller, stage.truth())


def _is_on_screen(outcome: Outcome) -> None:
    """What goes on is said in words, and stands in place of the button."""
    said = (outcome.kind, outcome.words, outcome.waiting)
    assert said in {("open", "Sent", "sent"), ("unknown", "Checking", "checking")}


def _says_what_is_true(outcome: Outcome, truly: bool) -> None:
    """The words of the end: done only if it was, failed only if it was not, else not known."""
    assert outcome.waiting == ""
    if outcome.kind == "ok":
        assert truly
        assert outcome.words.startswith(("Accepted", "Done"))
    elif outcome.kind == "bad":
        assert not truly
        assert outcome.words.startswith(("Failed: ", "Refused: "))
        assert "Nothing was changed" in outcome.refusal
    else:
        assert (outcome.kind, outcome.words) == ("unknown", "Not known")
        assert "not known whether it was done" in outcome.refusal
