"""The server is killed in the middle of a supervision: then the record is true again, and no leg stays up."""

from tests.support.earshot import Earshot
from tests.support.scene import set_scene
from tests.support.supervising import AGENT, leave, records, set_phone, state_is, supervise, who_heard
from tests.support.waiting import eventually


def test_killed_while_calling_and_while_listening(earshot: Earshot) -> None:
    set_phone(earshot, after=4)
    scene = set_scene(earshot, AGENT)
    supervise(scene, "listen")
    state_is(scene, "calling")
    earshot.restart(kill=True)
    leg = state_is(scene, "connected", "monitor")["leg"]
    assert earshot.simulator.marked() == [leg]

    earshot.server.kill()
    earshot.simulator.does(leg, "hangup")
    earshot.restart(kill=True)
    assert state_is(scene, "ended")["leg"] == leg
    assert len(records(scene)) == 1


def test_killed_before_the_answer_to_the_dial(earshot: Earshot) -> None:
    set_phone(earshot, after=30)
    scene = set_scene(earshot, AGENT)
    earshot.simulator.fault("/v2/calls", "cut_after")
    supervise(scene, "listen")
    earshot.restart(kill=True)
    leg = state_is(scene, "calling")["leg"]
    assert earshot.simulator.marked() == [leg]
    earshot.simulator.command(f"/conferences/{scene.id}/actions/end")
    state_is(scene, "failed")
    eventually(lambda: not earshot.simulator.marked(), within=12)


def test_killed_before_the_answer_to_each_later_press(earshot: Earshot) -> None:
    set_phone(earshot)
    scene, other = set_scene(earshot, AGENT), set_scene(earshot, AGENT)
    supervise(scene, "listen")
    leg = state_is(scene, "connected", "monitor")["leg"]

    earshot.simulator.fault(f"{scene.id}/actions/update", "cut_after")
    supervise(scene, "whisper")
    earshot.restart(kill=True)
    state_is(scene, "connected", "whisper")
    assert who_heard(earshot, leg) == {scene.agent}

    earshot.simulator.fault(f"{other.id}/actions/join", "cut_after")
    supervise(other, "listen")
    earshot.restart(kill=True)
    assert state_is(other, "connected", "monitor")["leg"] == leg
    assert state_is(scene, "ended")["reason"] == "moved"
    assert earshot.simulator.marked() == [leg]
    assert not who_heard(earshot, leg) & {other.agent, other.caller}

    earshot.simulator.fault("/actions/hangup", "cut_after")
    leave(earshot)
    earshot.restart(kill=True)
    eventually(lambda: not earshot.simulator.marked(), within=12)
    assert state_is(other, "ended")["reason"] == "left"
