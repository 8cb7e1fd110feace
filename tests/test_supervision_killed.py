"""The server is killed in the middle of a supervision: then the record is true again, and no leg stays up."""

import pytest

from tests.support.earshot import Earshot
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT, leave, let_go, records, set_phone, state_is, supervise, who_heard
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


def is_true(scene: Scene, other: Scene) -> bool:
    """Every press is decided; who is in a conference is there with the leg that is up, and nobody else is."""
    earshot = scene.earshot
    ((open_ones,),) = earshot.rows("select count(*) from dashboard_command where settled_at is null")
    inside = [one["leg"] for one in (*records(scene), *records(other)) if one["state"] == "connected"]
    return not open_ones and inside == earshot.simulator.marked()


@pytest.mark.parametrize(
    ("press_it", "path"),
    [("whisper", "/actions/update"), ("listen elsewhere", "/actions/join"), ("leave", "/actions/hangup")],
)
def test_killed_before_the_answer_to_a_later_press(earshot: Earshot, press_it: str, path: str) -> None:
    set_phone(earshot)
    scene, other = set_scene(earshot, AGENT), set_scene(earshot, AGENT)
    supervise(scene, "listen")
    leg = state_is(scene, "connected", "monitor")["leg"]
    earshot.simulator.fault(path, "cut_after")
    if press_it == "leave":
        leave(earshot)
    else:
        supervise(scene if press_it == "whisper" else other, press_it.split()[0])
    earshot.restart(kill=True)
    # On a slow machine the restart outlasts the tries: then the leg is hung up, and nobody is inside.
    eventually(lambda: is_true(scene, other), within=40)
    allowed = {scene.agent} if press_it == "whisper" else set()
    assert who_heard(earshot, leg) <= allowed
    let_go(earshot)
