"""A supervision of a call without a conference, killed, tried again, or without its right in the middle."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.support.bridging import Bridge, set_bridge
from tests.support.earshot import Earshot
from tests.support.people import SELLING_AGENT
from tests.support.pressing import press
from tests.support.supervising import (
    ROLE_TAKEN,
    TEAM_TAKEN,
    changed,
    leave,
    let_go,
    number_of,
    set_phone,
    who_heard,
)
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def supervising_nothing(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    yield
    earshot.simulator.no_faults()
    let_go(earshot, "supervisor", "seller")


def is_down(earshot: Earshot, leg: str, within: float = 15) -> None:
    eventually(lambda: leg not in earshot.simulator.marked(), within=within)


# --- the server dies ---------------------------------------------------------------------------------------
def test_killed_while_calling_and_while_listening(earshot: Earshot) -> None:
    call = set_bridge(earshot)
    set_phone(earshot, after=4)
    call.supervise("listen")
    call.state_is("calling")
    earshot.restart(kill=True)
    leg = call.state_is("connected", "monitor")["leg"]
    assert earshot.simulator.marked() == [leg]

    earshot.server.kill()
    earshot.simulator.does(leg, "hangup")
    earshot.restart(kill=True)
    assert call.state_is("ended", reason="hung up")["leg"] == leg
    assert len(call.records()) == len(call.dials()) == 1


@pytest.mark.parametrize(
    ("pressed", "path"), [("listen", "/v2/calls"), ("barge", "switch_supervisor_role"), ("leave", "hangup")]
)
def test_killed_before_the_answer(earshot: Earshot, pressed: str, path: str) -> None:
    call = set_bridge(earshot)
    if pressed != "listen":
        call.supervise("listen")
        call.state_is("connected")
    earshot.simulator.fault(path, "cut_after")
    if pressed == "leave":
        leave(earshot)
    else:
        call.supervise(pressed)
    earshot.restart(kill=True)
    eventually(lambda: is_true(call), within=40)
    leg = call.records()[-1]["leg"]
    assert who_heard(earshot, leg) <= ({call.agent, call.caller} if pressed == "barge" else set())


def is_true(call: Bridge) -> bool:
    """Every press is decided; who is in the call is there with the leg that is up, and nobody else is. On a
    slow machine the restart outlasts the tries: then the leg is hung up, and nobody is inside."""
    earshot = call.earshot
    ((open_ones,),) = earshot.rows("select count(*) from dashboard_command where settled_at is null")
    states = {one["state"] for one in call.records()} & {"requested", "calling"}
    inside = [one["leg"] for one in call.records() if one["state"] == "connected"]
    return not open_ones and not states and inside == earshot.simulator.marked()


# --- rights ------------------------------------------------------------------------------------------------
def test_the_right_is_lost_in_the_middle(earshot: Earshot) -> None:
    call = set_bridge(earshot)
    call.supervise("barge")
    leg = call.state_is("connected", "barge")["leg"]
    with changed(earshot, *ROLE_TAKEN, number_of(earshot, "supervisor")):
        is_down(earshot, leg)
        call.state_is("ended", reason="right lost")
    assert call.words() == "You may not supervise this call any more."


def test_the_right_is_lost_while_the_phone_is_called(earshot: Earshot) -> None:
    call = set_bridge(earshot)
    set_phone(earshot, after=20)
    call.supervise("listen")
    leg = call.state_is("calling")["leg"]
    with changed(earshot, *ROLE_TAKEN, number_of(earshot, "supervisor")):
        is_down(earshot, leg)
        call.state_is("ended", reason="right lost")


def test_out_of_the_team_is_out_of_the_call(earshot: Earshot) -> None:
    set_phone(earshot, "seller")
    call = set_bridge(earshot, SELLING_AGENT)
    call.supervise("listen", "seller")
    leg = call.state_is("connected")["leg"]
    with changed(earshot, *TEAM_TAKEN, number_of(earshot, "seller")):
        is_down(earshot, leg)
        call.state_is("ended", reason="right lost")
        assert earshot.get(call.address, "seller").status_code == 404


# --- trying again ------------------------------------------------------------------------------------------
def again(call: Bridge, failed: str, who: str = "supervisor") -> tuple[int, str]:
    answer = press(call.earshot, f"/supervisions/{UUID(failed)}/again", who)
    return answer.status_code, "" if answer.status_code == 204 else str(answer.json()["title"])


def test_try_again_is_the_same_press(earshot: Earshot) -> None:
    call = set_bridge(earshot)
    set_phone(earshot, behaviour="busy")
    call.supervise("barge")
    failed = call.state_is("failed")
    assert call.words() == "Your phone is busy."
    set_phone(earshot)
    assert again(call, failed["id"], "colleague")[0] == 409
    assert again(call, failed["id"]) == (204, "")
    call.state_is("connected", "barge")
    assert len(call.dials()) == 2


def test_a_call_that_ended_first_is_not_tried_again(earshot: Earshot) -> None:
    call = set_bridge(earshot)
    set_phone(earshot, behaviour="busy")
    call.supervise("listen")
    failed = call.state_is("failed")
    set_phone(earshot)
    earshot.simulator.does(call.caller, "hangup")
    eventually(lambda: not call.shown(), within=15)
    status, title = again(call, failed["id"])
    assert (status, title.endswith("has ended.")) == (409, True), title
    assert len(call.dials()) == 1
