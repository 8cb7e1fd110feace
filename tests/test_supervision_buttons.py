"""Listen, whisper, barge, leave: press → one leg → role → record, and who really heard the supervisor."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.scene import FLOOR, Scene, set_scene
from tests.support.sites import Closed
from tests.support.supervising import (
    AGENT,
    PHONES,
    leave,
    let_go,
    records,
    set_phone,
    state_is,
    supervise,
    who_heard,
)
from tests.support.waiting import eventually


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    """A live conference whose agent is in the directory."""
    return set_scene(earshot, AGENT)


@pytest.fixture(autouse=True)
def in_no_conference(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    yield
    earshot.simulator.no_faults()
    let_go(earshot)


def dials(scene: Scene) -> list[dict[str, Any]]:
    asked = [request["body"] for request in scene.earshot.simulator.requests("/v2/calls")]
    return [body for body in asked if body.get("conference_config", {}).get("id") == scene.id]


def up(earshot: Earshot) -> list[str]:
    """The calls to supervisors' phones that are up or ringing at Telnyx."""
    return earshot.simulator.marked()


def words(scene: Scene, who: str = "supervisor") -> str:
    """The mode line of Supervise on the conference's page."""
    page = scene.earshot.get(f"{scene.address}/", who).text
    return page.partition('class="mode-line"')[2].partition(">")[2].partition("<")[0].replace("&#x27;", "'")


# --- the three modes -----------------------------------------------------------------------------------
def test_listen_calls_the_phone_and_nobody_ever_hears_it(scene: Scene) -> None:
    supervise(scene, "listen")
    connected = state_is(scene, "connected", "monitor")
    (dial,) = dials(scene)
    assert dial["conference_config"] == {
        "id": scene.id,
        "early_media": False,
        "beep_enabled": "never",
        "end_conference_on_exit": False,
        "supervisor_role": "monitor",
    }
    assert (dial["to"], dial["timeout_secs"], bool(dial["client_state"])) == (PHONES["supervisor"], 25, True)
    assert words(scene) == "Listening: nobody hears you."
    leave(scene.earshot)
    state_is(scene, "ended", reason="left")
    assert who_heard(scene.earshot, connected["leg"]) == set()
    assert scene.shown()["participants"]


def test_modes_change_without_another_call_and_widen_only_when_pressed(scene: Scene) -> None:
    supervise(scene, "listen")
    leg = state_is(scene, "connected")["leg"]
    supervise(scene, "whisper")
    state_is(scene, "connected", "whisper")
    assert words(scene) == "Whispering: only Priya Nair hears you."
    assert who_heard(scene.earshot, leg) == {scene.agent}
    supervise(scene, "barge")
    state_is(scene, "connected", "barge")
    assert words(scene) == "Barging in: everyone hears you."
    assert who_heard(scene.earshot, leg) == {scene.agent, scene.caller}
    supervise(scene, "listen")
    state_is(scene, "connected", "monitor")
    assert len(dials(scene)) == 1
    updates = [request["body"] for request in scene.requests("/actions/update")]
    assert [one["supervisor_role"] for one in updates] == ["whisper", "barge", "monitor"]
    assert updates[0]["whisper_call_control_ids"] == [scene.agent]
    assert not any("client_state" in one for one in updates)


def test_whisper_from_nowhere_is_whisper_from_the_first_instant(scene: Scene) -> None:
    supervise(scene, "whisper")
    leg = state_is(scene, "connected", "whisper")["leg"]
    config = dials(scene)[0]["conference_config"]
    assert (config["supervisor_role"], config["whisper_call_control_ids"]) == ("whisper", [scene.agent])
    eventually(lambda: who_heard(scene.earshot, leg) == {scene.agent})


def test_listen_elsewhere_brings_the_leg_over(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "barge")
    leg = state_is(scene, "connected")["leg"]
    other = set_scene(earshot, AGENT)
    supervise(other, "listen")
    there = state_is(other, "connected", "monitor")
    assert there["leg"] == leg
    state_is(scene, "ended", reason="moved")
    assert dials(other) == []
    assert not who_heard(earshot, leg) & {other.agent, other.caller}
    supervise(scene, "listen")
    assert state_is(scene, "connected", "monitor")["leg"] == leg
    assert len(dials(scene)) == 1


def test_a_leg_that_cannot_be_brought_over_is_hung_up(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "listen")
    leg = state_is(scene, "connected")["leg"]
    other = set_scene(earshot, AGENT)
    earshot.simulator.fault(f"{other.id}/actions/join", 401)
    supervise(other, "listen")
    assert "API key" in state_is(other, "failed")["reason"]
    eventually(lambda: leg not in up(earshot), within=10)


# --- one leg, whatever is pressed ------------------------------------------------------------------------
def test_a_double_press_and_two_tabs_are_one_call(scene: Scene) -> None:
    with ThreadPoolExecutor() as tabs:
        pressed = [tabs.submit(supervise, scene, "listen") for _ in range(4)]
        assert [one.result() for one in pressed] == [""] * 4
    state_is(scene, "connected")
    assert len(dials(scene)) == 1
    assert len(records(scene)) == 1


@pytest.mark.parametrize("fault", ["cut_after", "broken_json", 503])
def test_a_lost_answer_to_the_dial_is_one_call(scene: Scene, earshot: Earshot, fault: str | int) -> None:
    earshot.simulator.fault("/v2/calls", fault)
    supervise(scene, "listen")
    leg = state_is(scene, "connected", "monitor")["leg"]
    assert up(earshot) == [leg]
    assert len({dial["command_id"] for dial in dials(scene)}) == 1
    assert who_heard(earshot, leg) == set()


def test_cancel_while_calling(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    supervise(scene, "listen")
    state_is(scene, "calling")
    assert words(scene) == "Answer +1 312 555 9001 to listen."
    leave(earshot)
    state_is(scene, "ended", reason="cancelled")
    eventually(lambda: not up(earshot))


# --- what goes wrong -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("busy", "Your phone is busy."),
        ("no_answer", "You did not answer within 25 s."),
        ("reject", "Your phone rejected the call."),
    ],
)
def test_a_phone_that_does_not_answer(scene: Scene, earshot: Earshot, behaviour: str, said: str) -> None:
    set_phone(earshot, behaviour=behaviour, after=0.5)
    supervise(scene, "listen")
    state_is(scene, "failed")
    assert words(scene) == said
    page = earshot.get(f"{scene.address}/").text
    assert f"You are not in {scene.name}. Nobody was told." in page
    assert "pressed Listen" in page
    assert not up(earshot)


def test_an_answer_that_comes_after_the_end_changes_nothing(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="reject", after=0.0)
    earshot.simulator.fault("/v2/calls", "late")
    with ThreadPoolExecutor() as tab:
        pressed = tab.submit(supervise, scene, "listen")
        eventually(lambda: records(scene))
        assert state_is(scene, "failed")["reason"] == "call_rejected"
        earshot.simulator.no_faults()
        pressed.result()
    assert state_is(scene, "failed")["reason"] == "call_rejected"
    assert words(scene) == "Your phone rejected the call."


def test_the_conference_ends_first(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    supervise(scene, "listen")
    state_is(scene, "calling")
    earshot.simulator.command(f"/conferences/{scene.id}/actions/end")
    assert state_is(scene, "failed")["reason"] == "conference ended"
    eventually(lambda: not up(earshot), within=10)


def test_the_conference_ends_meanwhile(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "listen")
    state_is(scene, "connected")
    earshot.simulator.command(f"/conferences/{scene.id}/actions/end")
    state_is(scene, "ended", reason="conference ended")
    eventually(lambda: not up(earshot), within=10)


def test_the_phone_hangs_up(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "barge")
    leg = state_is(scene, "connected")["leg"]
    earshot.simulator.does(leg, "hangup")
    state_is(scene, "ended", reason="hung up")


def test_what_telnyx_refuses_is_said(scene: Scene, earshot: Earshot) -> None:
    earshot.simulator.fault("/v2/calls", 401)
    supervise(scene, "listen")
    state_is(scene, "failed")
    assert words(scene) == "Telnyx refused: Telnyx does not accept the API key (401)."


def test_when_the_last_who_is_whispered_to_leaves_it_is_listening(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "whisper")
    leg = state_is(scene, "connected", "whisper")["leg"]
    earshot.simulator.does(scene.agent, "hangup")
    eventually(lambda: words(scene) == "Priya Nair left. Listening: nobody hears you.")
    state_is(scene, "connected", "monitor")
    assert words(scene) == "Priya Nair left. Listening: nobody hears you."
    assert who_heard(earshot, leg) <= {scene.agent}


def test_a_leg_that_somebody_took_out_does_not_stay_up(scene: Scene, earshot: Earshot) -> None:
    supervise(scene, "listen")
    leg = state_is(scene, "connected")["leg"]
    earshot.simulator.command(f"/conferences/{scene.id}/actions/leave", {"call_control_id": leg})
    state_is(scene, "ended", reason="taken out")
    eventually(lambda: leg not in up(earshot), within=10)


# --- said before the press -------------------------------------------------------------------------------
def test_without_a_phone(scene: Scene) -> None:
    assert supervise(scene, "listen", who="admin", status=409) == "Set your phone first."
    assert words(scene, "admin") == "Set your phone first."
    assert not records(scene)


def test_who_may_not(scene: Scene) -> None:
    assert supervise(scene, "barge", who="agent", status=403) == "Your role may not barge."
    assert press(scene.earshot, "/phone/", "agent", address="+13125559003").status_code == 403


def test_no_agent_to_whisper_to(scene: Scene, earshot: Earshot) -> None:
    earshot.simulator.does(scene.agent, "hangup")
    eventually(lambda: not scene.state(scene.agent))
    assert supervise(scene, "whisper", status=409) == "No agent in the conference to whisper to."
    assert not dials(scene)


# --- everybody knows -------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", [FLOOR, ""])
async def test_a_colleague_sees_who_listens(scene: Scene, page: str) -> None:
    def listen() -> None:
        supervise(scene, "listen")
        state_is(scene, "connected")

    session = scene.earshot.sessions["colleague"]
    shown = await live_equals_reload(
        scene.earshot.site,
        session,
        page or f"{scene.address}/",
        listen,
        until=lambda html: "Listening" in html,
    )
    assert any("Dana Whitfield" in line for line in shown.lines())


async def test_the_supervisors_own_parts_are_pushed_as_reloaded(scene: Scene) -> None:
    def listen() -> None:
        supervise(scene, "listen")
        state_is(scene, "connected")

    await live_equals_reload(
        scene.earshot.site,
        scene.earshot.sessions["supervisor"],
        f"{scene.address}/",
        listen,
        until=lambda html: "Listening: nobody hears you." in html,
    )


async def test_what_is_somebodys_own_is_shown_to_nobody_else(scene: Scene) -> None:
    ((number,),) = scene.earshot.rows("select id from dashboard_user where email like 'supervisor@%'")
    for scope in (f"phone:{number}", f"supervise:{number}:{scene.id}"):
        async with scene.earshot.site.live(scene.earshot.sessions["colleague"]) as socket:
            await socket.send(json.dumps({"watch": [scope]}))
            with pytest.raises(Closed):
                await socket.receive()


def test_a_supervising_leg_is_muted_by_no_button(scene: Scene) -> None:
    supervise(scene, "listen")
    leg = state_is(scene, "connected")["leg"]
    eventually(lambda: scene.state(leg))
    assert press(scene.earshot, scene.of_person(leg, "unmute")).status_code == 409
    for verb in ("mute-everyone", "unmute-everyone"):
        assert press(scene.earshot, f"{scene.address}/{verb}").status_code == 204
    assert all(leg not in request["body"]["call_control_ids"] for request in scene.requests("mute"))
    assert who_heard(scene.earshot, leg) == set()
