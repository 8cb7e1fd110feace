"""What is rarely done with one person, and how a recording is made: from the card to Telnyx to the screen."""

from functools import partial
from typing import Any

import pytest

from tests.support.pressing import person, press
from tests.support.scene import Scene, done, guarded
from tests.support.waiting import eventually


def says(scene: Scene, *words: str) -> bool:
    page = scene.earshot.get(f"{scene.address}/").text
    return all(text in page for text in words)


def body(scene: Scene, action: str, method: str = "POST") -> dict[str, Any]:
    requests = scene.earshot.simulator.requests(action, method)
    (found,) = [request["body"] for request in requests if scene.id in request["path"]]
    return dict(found)


async def test_hold_with_music_of_ones_own(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "hold")
    act = partial(done, scene, path, "free", sound="hold-music")
    await guarded(scene, act, lambda: scene.state(scene.caller)["on_hold"])
    assert body(scene, "/actions/hold") == {"call_control_ids": [scene.caller], "media_name": "hold-music"}


async def test_what_follows_when_somebody_leaves(scene: Scene) -> None:
    path = scene.of_person(scene.agent, "exits")
    act = partial(done, scene, path, end_conference_on_exit="on", beep_enabled="on_exit")
    await guarded(scene, act, lambda: says(scene, "Ends it by leaving", "everybody is hung up, beep on exit"))
    assert body(scene, "/participants/", "PATCH") == {
        "end_conference_on_exit": True,
        "soft_end_conference_on_exit": False,
        "beep_enabled": "on_exit",
    }
    eventually(lambda: scene.commands()[0][3] == "done", within=15)
    scene.earshot.simulator.does(scene.agent, "hangup")
    eventually(lambda: not scene.shown())


async def test_a_role_is_given_and_taken_back(scene: Scene) -> None:
    path, agent = scene.of_person(scene.caller, "role"), str(person(scene.earshot, scene.agent))
    whisper = partial(done, scene, path, supervisor_role="whisper", whisper_to=agent)
    await guarded(scene, whisper, lambda: scene.state(scene.caller)["supervisor_role"] == "whisper")
    sent = body(scene, "/actions/update")
    assert sent.pop("command_id")
    assert sent == {
        "call_control_id": scene.caller,
        "supervisor_role": "whisper",
        "whisper_call_control_ids": [scene.agent],
    }
    none = partial(done, scene, path, supervisor_role="none")
    await guarded(scene, none, lambda: scene.state(scene.caller)["supervisor_role"] == "none")


def test_a_whisper_to_nobody_is_refused(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "role")
    answer = press(scene.earshot, path, supervisor_role="whisper")
    assert (answer.status_code, answer.json()["title"]) == (400, "Choose whom they whisper to.")
    oneself = press(scene.earshot, path, supervisor_role="whisper", whisper_to=path.split("/")[-2])
    assert oneself.status_code == 400
    assert not scene.commands()


async def test_somebody_is_taken_out_and_their_call_goes_on(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "take-out")
    act = partial(done, scene, path, beep_enabled="never")
    await guarded(scene, act, lambda: not scene.state(scene.caller))
    assert body(scene, "/actions/leave")["beep_enabled"] == "never"
    eventually(lambda: scene.commands()[0][3] == "done")
    assert not scene.earshot.simulator.requests("/actions/hangup")


async def test_a_recording_is_made_as_chosen(scene: Scene) -> None:
    chosen = {
        "format": "wav",
        "channels": "dual",
        "play_beep": "on",
        "trim": "on",
        "custom_file_name": "claims-1",
        "region": "Europe",
    }
    act = partial(done, scene, f"{scene.address}/record", "off", **chosen)
    await guarded(scene, act, lambda: scene.shown()["recording"] == "on")
    sent = body(scene, "/actions/record_start")
    assert sent.pop("command_id")
    assert sent == {
        "format": "wav",
        "channels": "dual",
        "play_beep": True,
        "trim": "trim-silence",
        "custom_file_name": "claims-1",
        "region": "Europe",
    }


def test_a_file_name_that_telnyx_would_refuse(scene: Scene) -> None:
    answer = press(scene.earshot, f"{scene.address}/record", seen="off", custom_file_name="a/b")
    assert answer.json()["text"].startswith("File name: At most 40 letters")


def test_a_call_that_ended_in_a_pause_says_so(scene: Scene) -> None:
    done(scene, f"{scene.address}/record", "off")
    eventually(lambda: scene.shown()["recording"] == "on")
    done(scene, f"{scene.address}/pause", "on")
    eventually(lambda: says(scene, "Nothing is recorded meanwhile."))
    done(scene, f"{scene.address}/end", "2")
    eventually(lambda: says(scene, "The recording was paused when the conference ended"))


@pytest.mark.parametrize("verb", ["exits", "role", "take-out"])
def test_an_agent_may_not(scene: Scene, verb: str) -> None:
    path = scene.of_person(scene.caller, verb)
    assert press(scene.earshot, path, "agent", supervisor_role="none").status_code == 403
    assert not scene.commands()
