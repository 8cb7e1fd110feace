"""The six buttons of an agent's own call: press → log → one request to Telnyx → the agent's open page."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import person, press
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT
from tests.support.waiting import eventually

PAGE = "/my-calls/"


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    """A call of the cast's agent, the only one that they are in."""
    for leg in earshot.rows(
        "select call_control_id from telephony_call where from_number = ? and ended_at is null", AGENT
    ):
        earshot.simulator.does(leg[0], "hangup")
    eventually(lambda: 'my-call"' not in earshot.get(PAGE, "agent").text)
    scene = set_scene(earshot, AGENT)
    eventually(lambda: scene.name in earshot.get(PAGE, "agent").text)
    return scene


def done(scene: Scene, button: str, seen: str = "", **posted: str) -> None:
    answer = press(scene.earshot, f"{PAGE}{scene.id}/{button}", "agent", seen=seen, **posted)
    assert answer.status_code == 204, answer.text


def on_caller(scene: Scene, verb: str) -> str:
    return f"people/{person(scene.earshot, scene.caller)}/{verb}"


async def shown(scene: Scene, act: Callable[[], object], words: str) -> None:
    """The act reaches the agent's open page, pushed as reloaded."""
    session = scene.earshot.sessions["agent"]
    await live_equals_reload(scene.earshot.site, session, PAGE, act, until=lambda html: words in html)


def asked(scene: Scene, path: str) -> list[dict[str, Any]]:
    return [request["body"] for request in scene.requests(path)]


def logged(scene: Scene) -> list[tuple[Any, ...]]:
    return scene.earshot.rows(
        "select user_name, action, target, permission from dashboard_command where subject = ? "
        "order by created_at",
        f"conference:{scene.id}",
    )


async def test_mute_me_names_my_own_leg_alone(scene: Scene) -> None:
    await shown(scene, partial(done, scene, "mute", "unmuted"), "You are muted")
    await shown(scene, partial(done, scene, "unmute", "muted"), "You are heard")
    assert asked(scene, "/actions/mute") == [{"call_control_ids": [scene.agent]}]
    assert logged(scene)[0] == ("Priya Nair", "mute", "Priya Nair", "act in their own call")


async def test_hold_caller_names_the_caller_alone(scene: Scene) -> None:
    await shown(scene, partial(done, scene, on_caller(scene, "hold"), "free"), "Resume caller")
    await shown(scene, partial(done, scene, on_caller(scene, "resume"), "held"), "Hold caller")
    assert asked(scene, "/actions/hold") == [{"call_control_ids": [scene.caller]}]


async def test_the_recording_is_paused_and_goes_on(scene: Scene) -> None:
    answer = press(scene.earshot, f"{PAGE}{scene.id}/pause", "agent", seen="on")
    assert (answer.status_code, answer.json()["title"]) == (409, "This changed while you pressed.")
    press(scene.earshot, f"{scene.address}/record", seen="off")
    await shown(scene, partial(done, scene, "pause", "on"), "Resume recording")
    await shown(scene, partial(done, scene, "resume-recording", "paused"), "Pause recording")
    assert len(asked(scene, "/actions/record_pause")) == len(asked(scene, "/actions/record_resume")) == 1


def test_digits_go_to_the_caller(scene: Scene) -> None:
    answer = press(scene.earshot, f"{PAGE}{scene.id}/{on_caller(scene, 'digits')}", "agent", digits="")
    assert (answer.status_code, answer.json()["text"]) == (400, "Digits: Write the digits to send.")
    done(scene, on_caller(scene, "digits"), digits="12#")
    (body,) = asked(scene, "/actions/send_dtmf")
    assert (body["digits"], body["call_control_ids"]) == ("12#", [scene.caller])


async def test_to_queue_moves_the_caller(scene: Scene) -> None:
    act = partial(done, scene, on_caller(scene, "enqueue"), queue_name="Claims")
    await shown(scene, act, "No caller is here")
    # The address has the leg with its signs written otherwise.
    (request,) = scene.earshot.simulator.requests("/actions/enqueue")
    assert request["body"]["queue_name"] == "Claims"
    assert scene.state(scene.agent)


async def test_leave_hangs_up_my_own_leg_alone(scene: Scene) -> None:
    await shown(scene, partial(done, scene, "leave", "present"), "You are free since")
    assert scene.state(scene.caller) and not scene.state(scene.agent)
    answer = press(scene.earshot, f"{PAGE}{scene.id}/leave", "agent")
    assert (answer.status_code, answer.json()["title"]) == (404, "You are not in this call any more.")


def test_a_refusal_of_telnyx_is_said_to_who_pressed_and_put_away_by_them(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/mute", 401)
    done(scene, "mute", "unmuted")
    page = scene.earshot.get(PAGE, "agent").text
    assert "Mute failed: Telnyx does not accept the API key (401)" in page
    command = page.partition('data-refusal="')[2].partition('"')[0]
    assert press(scene.earshot, f"/commands/{command}/dismiss", "agent").status_code == 204
    assert "data-refusal" not in scene.earshot.get(PAGE, "agent").text


def test_what_failed_for_somebody_else_is_not_an_agents_to_put_away(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/mute", 401)
    press(scene.earshot, scene.of_person(scene.caller, "mute"), seen="unmuted")
    assert "data-refusal" not in scene.earshot.get(PAGE, "agent").text
    ((command,),) = scene.earshot.rows(
        "select id from dashboard_command where subject = ? and state = 'refused'", f"conference:{scene.id}"
    )
    assert press(scene.earshot, f"/commands/{command}/dismiss", "agent").status_code == 404
