"""No command takes effect against what came after: a later press, a right that went, a process that died."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from dashboard.attempts import KNOWN_WITHIN, LEASE, Desk, attempt
from dashboard.models import Command
from supervisor_site.worker import Worker
from tests.support.mishaps import Fault, answers, breaks, cases, named
from tests.support.people import Cast
from tests.support.pressing import press
from tests.support.scene import Scene
from tests.support.still_stage import (
    END,
    HOLD,
    MUTE,
    PAUSE,
    RECORD,
    REMOVE,
    STOP,
    UNMUTE,
    Act,
    SetStage,
    Stage,
)
from tests.support.still_telnyx import Asked, Mishap, StillTelnyx
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db
State = Command.State
BUSY = Fault("busy", ever=answers(429, x_ratelimit_reset="3"))
LOST = Fault("lost", (breaks(httpx.ReadError, does_it=True),), answers(503), webhooks="lost")


def actions(stage: Stage) -> list[str]:
    return [asked.action for asked in stage.telnyx.asked]


# --- the opposite press --------------------------------------------------------------------------------
@pytest.mark.parametrize(("fault", "presses"), cases((MUTE, UNMUTE), (PAUSE, STOP)), ids=named)
def test_the_opposite_press_is_the_last(fault: Fault, presses: tuple[Act, Act], set_stage: SetStage) -> None:
    first, then = presses
    stage = set_stage(fault, RECORD if first is PAUSE else first)
    if first is PAUSE:
        recorded(stage, fault)
    stage.press(first)
    stage.tick()
    assert stage.press(then, seen="").status_code == 204
    stage.settle(stage.commands()[-1], within=45)
    stage.webhooks_at = 0
    stage.telnyx.reads_fail = False
    stage.go_on(75)

    assert first.action not in actions(stage)[actions(stage).index(then.action) :]
    if not fault.comes_late:  # what Telnyx itself carries out too late, nobody can call back
        assert then.is_done(stage.caller, stage.truth())
    assert then.is_done(stage.caller, stage.shown()) == then.is_done(stage.caller, stage.truth())


def recorded(stage: Stage, fault: Fault) -> None:
    stage.telnyx.on_command = lambda asked: None
    stage.press(RECORD)
    stage.tick()
    stage.strike(fault, PAUSE)


def test_everybody_unmuted_overtakes_one_persons_mute(set_stage: SetStage) -> None:
    stage = set_stage(BUSY, MUTE)
    stage.press(MUTE)
    stage.browser.post(f"/conferences/{stage.id}/unmute-everyone")
    stage.go_on(75)
    assert actions(stage) == ["mute", "unmute"]
    assert [command.state for command in stage.commands()] == [State.FAILED, State.DONE]


# --- two at once, on a running server ------------------------------------------------------------------
@pytest.mark.django_db(False)
class TestTwoAtOnce:
    def test_the_same_press_is_one_command(self, scene: Scene) -> None:
        path, simulator = scene.of_person(scene.caller, "hold"), scene.earshot.simulator
        simulator.fault(f"{scene.id}/actions/hold", 503)
        with ThreadPoolExecutor() as people:
            presses = [
                people.submit(press, scene.earshot, path, who, seen="free")
                for who in ("supervisor", "colleague")
            ]
            assert {one.result().status_code for one in presses} == {204}
        eventually(lambda: scene.state(scene.caller)["on_hold"])
        assert len(scene.commands()) == 1
        assert [request["status"] for request in scene.requests("/actions/hold")] == [503, 200]

    def test_opposite_presses_are_sent_one_after_the_other(self, scene: Scene) -> None:
        simulator = scene.earshot.simulator
        paths = {verb: f"{scene.address}/{verb}-everyone" for verb in ("mute", "unmute")}
        with ThreadPoolExecutor() as people:
            presses = [
                people.submit(press, scene.earshot, paths[verb], who)
                for verb, who in (("mute", "supervisor"), ("unmute", "colleague"))
            ]
            assert {one.result().status_code for one in presses} <= {204, 409}
        last = simulator.requests(f"{scene.id}/actions/")[-1]["path"].rpartition("/")[2]
        eventually(lambda: {one["muted"] for one in scene.shown()["participants"]} == {last == "mute"})

    def test_what_a_webhook_shows_first_is_done_though_the_reply_is_lost(self, scene: Scene) -> None:
        scene.earshot.simulator.fault("/actions/hangup", "cut_after")
        press(scene.earshot, scene.of_person(scene.caller, "remove"))
        eventually(lambda: scene.commands()[0][3] == "done", within=5)
        assert not scene.state(scene.caller)


# --- a right that went -------------------------------------------------------------------------------------
def _without_role(cast: Cast) -> None:
    cast.supervisor.groups.clear()


def _without_account(cast: Cast) -> None:
    type(cast.supervisor).objects.filter(pk=cast.supervisor.pk).update(is_active=False)


@pytest.mark.parametrize("lose_right", [_without_role, _without_account])
def test_nothing_is_sent_after_the_right_was_lost(
    lose_right: Callable[[Cast], None], cast: Cast, set_stage: SetStage
) -> None:
    stage = set_stage(BUSY, MUTE)
    stage.press(MUTE)
    lose_right(cast)
    stage.go_on(75)
    assert actions(stage) == ["mute"]
    stage.browser = stage.browser_of(cast.colleague)
    outcome = stage.outcome()
    assert outcome.words == "Refused: your role may not do this any more"
    assert outcome.refusal.startswith("Mute failed: your role may not do this any more. ")


def test_what_was_done_before_the_right_was_lost_is_said_to_be_done(cast: Cast, set_stage: SetStage) -> None:
    stage = set_stage(LOST, MUTE)
    stage.press(MUTE)
    cast.supervisor.groups.clear()
    (command,) = stage.commands()
    assert stage.settle(command, within=30) < 10
    assert (actions(stage), command.state) == (["mute"], State.DONE)


# --- what ended between the page and the press -----------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (MUTE, "Mute failed: the call has already ended"),
        (HOLD, "Hold failed: the call has already ended"),
        (REMOVE, "Remove failed: the call has already ended"),
    ],
    ids=["mute", "hold", "remove"],
)
def test_a_call_that_ended_unheard_is_told_by_telnyx(act: Act, words: str, set_stage: SetStage) -> None:
    stage = set_stage()
    stage.webhooks_at = float("inf")
    stage.telnyx.does(stage.caller, "hangup")
    assert stage.press(act).status_code == 204
    assert stage.outcome().refusal.startswith(words)
    stage.webhooks_at = 0
    stage.tick()
    assert stage.commands()[0].state == State.REFUSED
    assert len(stage.telnyx.asked) == 1


def test_a_conference_that_ended_unheard_is_told_by_telnyx(set_stage: SetStage) -> None:
    stage = set_stage()
    stage.webhooks_at = float("inf")
    stage.telnyx.command(f"/conferences/{stage.id}/actions/end")
    assert stage.press(END).status_code == 204
    assert "the conference has already ended" in stage.outcome().refusal


# --- a process that died -----------------------------------------------------------------------------------
class Killed(BaseException):
    """As kill -9: nothing catches it, and nothing is written down afterwards."""


def killed(before: bool) -> Mishap:
    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        if not before:
            telnyx.reach(request)
        raise Killed

    return mishap


def kill_at(stage: Stage, number: int, *, before: bool) -> None:
    """At its n-th request the process dies, before it was sent or after Telnyx carried it out."""
    count = iter(range(1, 100))
    stage.telnyx.on_command = lambda asked: killed(before) if next(count) == number else None


@pytest.mark.parametrize("act", [MUTE, REMOVE, RECORD, END], ids=lambda act: act.verb)
@pytest.mark.parametrize("before", [True, False], ids=["before it was sent", "after it was done"])
def test_the_worker_finishes_what_a_killed_process_began(before: bool, act: Act, set_stage: SetStage) -> None:
    stage = set_stage()
    stage.webhooks_at = float("inf")
    kill_at(stage, 1, before=before)
    with pytest.raises(Killed):
        stage.press(act)
    (command,) = stage.commands()
    assert (command.in_flight, stage.outcome().words) == (True, "Sent")
    assert stage.settle(command, within=30) <= 30
    assert act.is_done(stage.caller, stage.truth())
    assert stage.effects(act) == 1
    assert stage.outcome().kind == "ok"


def test_another_worker_finishes_what_a_killed_worker_tried(set_stage: SetStage) -> None:
    stage = set_stage()
    stage.telnyx.on_command = at_first(answers(503), killed(before=False))
    stage.press(RECORD)
    with pytest.raises(Killed):
        stage.go_on(2, step=1)
    stage.worker = Worker(stage.client, clock=time.time)
    (command,) = stage.commands()
    stage.settle(command, within=30)
    assert command.state == State.ACCEPTED
    assert stage.effects(RECORD) == 1
    assert len({asked.body["command_id"] for asked in stage.telnyx.asked}) == 1


def at_first(*mishaps: Mishap) -> Callable[[Asked], Mishap | None]:
    left = list(mishaps)
    return lambda asked: left.pop(0) if left else None


@pytest.mark.parametrize(
    ("before", "state"), [(True, State.FAILED), (False, State.DONE)], ids=["not sent", "done"]
)
def test_after_a_long_outage_nothing_is_sent_but_a_read_tells(
    before: bool, state: State, set_stage: SetStage
) -> None:
    stage = set_stage()
    kill_at(stage, 1, before=before)
    with pytest.raises(Killed):
        stage.press(MUTE)
    stage.telnyx.pass_time(120)
    (command,) = stage.commands()
    stage.settle(command, within=120 + KNOWN_WITHIN.total_seconds() + 2)
    assert (len(stage.telnyx.asked), command.state) == (1, state)
    assert MUTE.is_done(stage.caller, stage.shown()) == (state == State.DONE)


def test_a_process_that_slept_leaves_its_command_to_the_worker(set_stage: SetStage) -> None:
    stage = set_stage(BUSY, MUTE)
    stage.press(MUTE)
    (command,) = stage.commands()
    command.next_try_at = timezone.now() + LEASE - timedelta(seconds=5)
    attempt(command, Desk(send=_must_not_be_sent, bump=lambda subject: None))
    assert command.attempts == 1


def _must_not_be_sent(command: Command) -> None:
    raise AssertionError("sent")


def test_a_mistake_of_ours_keeps_no_other_command_from_being_sent(set_stage: SetStage) -> None:
    stage = set_stage()

    def broken(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        raise RuntimeError("as planned")

    busy = answers(503)
    stage.telnyx.on_command = lambda asked: {"mute": broken, "record_start": busy}.get(asked.action)
    stage.press(MUTE)
    stage.press(RECORD)
    stage.telnyx.on_command = lambda asked: {"mute": broken}.get(asked.action)
    stage.tick()
    stage.tick()
    assert {command.action: command.state for command in stage.commands()} == {
        "mute": State.UNKNOWN,
        "record": State.ACCEPTED,
    }
