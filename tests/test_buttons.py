"""Every button: press → log → one request → reply, webhook or read → the page, pushed as reloaded."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.support.pressing import press
from tests.support.scene import FLOOR, Scene, done, guarded
from tests.support.waiting import eventually


async def test_mute_and_unmute(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "mute")
    await guarded(scene, lambda: done(scene, path, "unmuted"), lambda: scene.state(scene.caller)["muted"])
    assert [r["body"] for r in scene.requests("/actions/mute")] == [{"call_control_ids": [scene.caller]}]
    path = scene.of_person(scene.caller, "unmute")
    await guarded(
        scene, lambda: done(scene, path, "muted"), lambda: not scene.state(scene.caller)["muted"], FLOOR
    )
    assert [row[:2] for row in scene.commands()] == [("Dana Whitfield", "mute"), ("Dana Whitfield", "unmute")]


async def test_hold_and_resume(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "hold")
    await guarded(scene, lambda: done(scene, path, "free"), lambda: scene.state(scene.caller)["on_hold"])
    path = scene.of_person(scene.caller, "resume")
    await guarded(
        scene, lambda: done(scene, path, "held"), lambda: not scene.state(scene.caller)["on_hold"], FLOOR
    )
    assert len(scene.requests("/actions/hold")) == len(scene.requests("/actions/unhold")) == 1


def test_a_mute_that_telnyx_shows_is_done_not_only_accepted(scene: Scene) -> None:
    done(scene, scene.of_person(scene.caller, "mute"), "unmuted")
    eventually(lambda: scene.commands()[0][3] == "done", within=8)


def everyone_is(scene: Scene, field: str, value: bool) -> bool:
    return {person[field] for person in scene.shown()["participants"]} == {value}


def test_everyone_is_muted_and_held_by_name(scene: Scene) -> None:
    for verb, field, value in (
        ("mute-everyone", "muted", True),
        ("unmute-everyone", "muted", False),
        ("hold-everyone", "on_hold", True),
        ("resume-everyone", "on_hold", False),
    ):
        done(scene, f"{scene.address}/{verb}")
        eventually(partial(everyone_is, scene, field, value))
    for action in ("mute", "unmute", "hold", "unhold"):
        (request,) = scene.requests(f"/actions/{action}")
        assert set(request["body"]["call_control_ids"]) == {scene.agent, scene.caller}


def recording_is(scene: Scene, state: str) -> bool:
    return bool(scene.shown()["recording"] == state)


async def test_record_pause_resume_stop(scene: Scene) -> None:
    for verb, seen, state, path in (
        ("record", "off", "on", ""),
        ("pause", "on", "paused", FLOOR),
        ("resume-recording", "paused", "on", ""),
        ("stop", "on", "off", FLOOR),
    ):
        act = partial(done, scene, f"{scene.address}/{verb}", seen)
        await guarded(scene, act, partial(recording_is, scene, state), path)


@pytest.mark.parametrize("page", ["", FLOOR])
async def test_remove_hangs_up_one_person(scene: Scene, page: str) -> None:
    path = scene.of_person(scene.caller, "remove")
    await guarded(scene, lambda: done(scene, path), lambda: not scene.state(scene.caller), page)
    assert scene.state(scene.agent)
    eventually(lambda: scene.commands()[0][3] == "done")


@pytest.mark.parametrize("page", ["", FLOOR])
async def test_end_ends_it_for_everybody(scene: Scene, page: str) -> None:
    path = f"{scene.address}/end"
    await guarded(scene, lambda: done(scene, path, "2"), lambda: not scene.shown(), page)
    eventually(lambda: scene.commands()[0][3] == "done")
    answer = press(scene.earshot, path)
    assert answer.status_code == 409
    assert answer.json() == {"title": f"{scene.name} has ended.", "text": "Nothing was sent."}


@pytest.mark.parametrize("who", ["agent", "stranger"])
def test_who_may_not_is_refused_and_nothing_is_sent(scene: Scene, who: str) -> None:
    for path in (scene.of_person(scene.caller, "mute"), f"{scene.address}/end", f"{scene.address}/record"):
        answer = press(scene.earshot, path, who)
        assert (answer.status_code, answer.json()["title"]) == (403, "Your role may not do this.")
    assert not scene.commands()
    assert not scene.requests("/actions/mute")


def test_who_is_signed_out_is_told_so(scene: Scene) -> None:
    answer = press(scene.earshot, f"{scene.address}/end", "")
    assert (answer.status_code, answer.json()["title"]) == (401, "You are signed out.")


def test_a_press_on_what_has_changed_is_refused(scene: Scene) -> None:
    answer = press(scene.earshot, scene.of_person(scene.caller, "mute"), seen="muted")
    assert answer.status_code == 409
    assert answer.json() == {"title": "This changed while you pressed.", "text": "Look and press again."}
    assert not scene.commands()


def test_a_press_on_somebody_who_left_is_refused(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "mute")
    scene.earshot.simulator.does(scene.caller, "hangup")
    eventually(lambda: not scene.state(scene.caller))
    assert press(scene.earshot, path).json()["title"] == "This person has left."


def test_what_telnyx_refuses_is_said_in_words_and_put_away(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/record_pause", 401)
    press(scene.earshot, f"{scene.address}/record", seen="off")
    eventually(lambda: scene.shown()["recording"] == "on")
    assert press(scene.earshot, f"{scene.address}/pause", seen="on").status_code == 204
    assert scene.commands()[1][3] == "refused"
    page = scene.earshot.get(f"{scene.address}/").text
    assert "Pause recording failed: Telnyx does not accept the API key (401)" in page
    command = page.partition('data-refusal="')[2].partition('"')[0]
    done(scene, f"/commands/{command}/dismiss")
    assert "data-refusal" not in scene.earshot.get(f"{scene.address}/").text


def test_a_busy_telnyx_is_asked_again_with_the_same_command(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/record_start", 503, count=2)
    press(scene.earshot, f"{scene.address}/record", seen="off")
    assert scene.commands()[0][3] == "unknown"  # a 503 does not say that nothing was done
    eventually(lambda: scene.shown()["recording"] == "on", within=10)
    requests = scene.requests("/actions/record_start")
    assert [request["status"] for request in requests] == [503, 503, 200]
    assert len({request["body"]["command_id"] for request in requests}) == 1


def test_a_double_click_is_one_command(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/mute", 503)
    path = scene.of_person(scene.caller, "mute")
    assert [press(scene.earshot, path, seen="unmuted").status_code for _ in range(2)] == [204, 204]
    assert len(scene.commands()) == 1


def test_the_opposite_press_ends_the_retries(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/mute", 429, reset=20)
    done(scene, scene.of_person(scene.caller, "mute"))
    done(scene, scene.of_person(scene.caller, "unmute"))
    eventually(lambda: scene.commands()[0][3] == "failed")
    assert scene.commands()[1][3] in {"accepted", "done"}
    assert not scene.state(scene.caller)["muted"]


def test_the_opposite_press_waits_for_the_answer_in_flight(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/mute", "hang")
    mute, unmute = scene.of_person(scene.caller, "mute"), scene.of_person(scene.caller, "unmute")
    with ThreadPoolExecutor() as both:
        muting = both.submit(press, scene.earshot, mute)
        eventually(lambda: scene.requests("/actions/mute"))
        unmuting = both.submit(press, scene.earshot, unmute)
        assert (muting.result().status_code, unmuting.result().status_code) == (204, 204)
    # Whether the first was carried out nobody knows: Telnyx never answered it.
    eventually(lambda: [row[3] for row in scene.commands()] in (["unknown", "done"], ["unknown", "accepted"]))
    assert [request["path"].rpartition("/")[2] for request in scene.requests("mute")] == ["mute", "unmute"]
    assert not scene.state(scene.caller)["muted"]
