"""Audio, speech and digits: button → log → one request → webhook → the page, pushed as reloaded."""

from functools import partial
from typing import Any

import pytest

from tests.support.pressing import person, press
from tests.support.scene import Scene, done, guarded
from tests.support.waiting import eventually

HOLD_NOTICE = "hold-notice"


def stay(scene: Scene, leg: str) -> str:
    return str(person(scene.earshot, leg))


def says(scene: Scene, *words: str) -> bool:
    page = scene.earshot.get(f"{scene.address}/").text
    return all(text in page for text in words)


def body(scene: Scene, action: str) -> dict[str, Any]:
    (request,) = scene.requests(f"/actions/{action}")
    return dict(request["body"])


async def test_audio_plays_to_everyone_until_it_is_stopped(scene: Scene) -> None:
    play = partial(done, scene, f"{scene.address}/play", sound=HOLD_NOTICE, loop="infinity", region="US")
    await guarded(scene, play, lambda: says(scene, "Audio plays to everyone", "played audio to everyone"))
    assert body(scene, "play") == {"media_name": HOLD_NOTICE, "loop": "infinity", "region": "US"}
    stop = partial(done, scene, f"{scene.address}/stop-audio")
    await guarded(scene, stop, lambda: says(scene, "Audio to everyone ended"))
    assert body(scene, "stop") == {}


async def test_audio_plays_to_those_who_are_chosen(scene: Scene) -> None:
    address = "https://audio.example/notice.mp3"
    path, to = f"{scene.address}/play", stay(scene, scene.caller)
    await guarded(
        scene, partial(done, scene, path, sound=address, to=to), lambda: says(scene, "Audio plays to +1")
    )
    assert body(scene, "play") == {"audio_url": address, "call_control_ids": [scene.caller]}


async def test_text_is_spoken(scene: Scene) -> None:
    speak = partial(
        done,
        scene,
        f"{scene.address}/speak",
        payload="<speak>A specialist joins you.</speak>",
        payload_type="ssml",
        voice="Telnyx.KokoroTTS.af",
        language="en-GB",
        voice_settings='{"type": "telnyx", "voice_speed": 1.2}',
    )
    await guarded(scene, speak, lambda: says(scene, "Text is spoken to everyone", "A specialist joins you."))
    sent = body(scene, "speak")
    assert sent.pop("command_id")
    assert sent == {
        "payload": "<speak>A specialist joins you.</speak>",
        "payload_type": "ssml",
        "voice": "Telnyx.KokoroTTS.af",
        "language": "en-GB",
        "voice_settings": {"type": "telnyx", "voice_speed": 1.2},
    }


async def test_digits_go_to_one_person_and_to_everyone(scene: Scene) -> None:
    path = scene.of_person(scene.caller, "digits")
    await guarded(
        scene,
        partial(done, scene, path, digits="12#", duration_millis="300"),
        lambda: says(scene, "sent digits to"),
    )
    assert body(scene, "send_dtmf") == {
        "digits": "12#",
        "duration_millis": 300,
        "call_control_ids": [scene.caller],
    }
    await guarded(
        scene,
        partial(done, scene, f"{scene.address}/digits", digits="9"),
        lambda: says(scene, "sent digits to everyone"),
    )


async def test_a_person_is_asked_for_digits(scene: Scene) -> None:
    options = {
        "sound": "prompt",
        "invalid_sound": "invalid-input",
        "minimum_digits": "2",
        "maximum_digits": "4",
        "maximum_tries": "2",
        "timeout_millis": "30",
        "initial_timeout_millis": "8",
        "inter_digit_timeout_millis": "3",
        "terminating_digit": "#",
        "valid_digits": "0123456789",
        "gather_id": "extension",
        "keep_playing": "on",
    }
    path = scene.of_person(scene.caller, "gather")
    await guarded(scene, partial(done, scene, path, **options), lambda: says(scene, "for digits"))
    assert body(scene, "gather_using_audio") == {
        "call_control_id": scene.caller,
        "media_name": "prompt",
        "invalid_media_name": "invalid-input",
        "minimum_digits": 2,
        "maximum_digits": 4,
        "maximum_tries": 2,
        "timeout_millis": 30_000,
        "initial_timeout_millis": 8_000,
        "inter_digit_timeout_millis": 3_000,
        "terminating_digit": "#",
        "valid_digits": "0123456789",
        "gather_id": "extension",
        "stop_playback_on_dtmf": False,
    }


@pytest.mark.parametrize(
    ("verb", "posted", "words"),
    [
        ("play", {}, "Audio: Give the name of stored media, or an https address."),
        ("play", {"sound": "ftp://x/y"}, "Audio: An address starts with https:// and names a server."),
        ("play", {"sound": "two words"}, "Audio: The name of stored media has no spaces."),
        ("play", {"sound": "a", "loop": "101"}, "How often: Play it 1 to 100 times, or until it is stopped."),
        ("play", {"sound": "a", "region": "Mars"}, "Region: Choose one of the list."),
        ("speak", {"payload": "", "voice": "female"}, "Text: Write what shall be spoken."),
        ("speak", {"payload": "a"}, "Voice: Name a voice."),
        (
            "speak",
            {"payload": "a" * 3001, "voice": "female"},
            "Text: Telnyx speaks 3,000 characters at most; these are 3,001.",
        ),
        (
            "speak",
            {"payload": "hello", "voice": "female", "payload_type": "ssml"},
            "SSML starts with <speak> and ends with </speak>.",
        ),
        (
            "digits",
            {"digits": "12E"},
            "Digits: Digits are 0 to 9, A to D, * and #; w waits half a second, W one second.",
        ),
        (
            "digits",
            {"digits": "1", "duration_millis": "99"},
            "Length of a digit, ms: Give a whole number from 100 to 500.",
        ),
    ],
)
def test_what_telnyx_would_refuse_is_refused_before(
    scene: Scene, verb: str, posted: dict[str, str], words: str
) -> None:
    answer = press(scene.earshot, f"{scene.address}/{verb}", **posted)
    assert (answer.status_code, answer.json()["text"]) == (400, words)
    assert not scene.commands()


def test_a_chosen_person_who_left_refuses_the_whole_press(scene: Scene) -> None:
    to = stay(scene, scene.caller)
    scene.earshot.simulator.does(scene.caller, "hangup")
    eventually(lambda: not scene.state(scene.caller))
    answer = press(scene.earshot, f"{scene.address}/play", sound="a", to=to)
    assert (answer.status_code, answer.json()["title"]) == (409, "Somebody you chose has left.")
    assert not scene.requests("/actions/play")


def test_audio_that_may_have_started_is_never_sent_again(scene: Scene) -> None:
    """Telnyx takes no command id for it: sent twice, it plays twice."""
    scene.earshot.simulator.fault(f"{scene.id}/actions/play", 503, count=2)
    done(scene, f"{scene.address}/play", sound=HOLD_NOTICE)
    assert scene.commands()[0][3] == "unknown"
    assert says(scene, "not known whether it was done")
    done(scene, f"{scene.address}/play", sound=HOLD_NOTICE)
    assert len(scene.requests("/actions/play")) == 2


def test_audio_that_surely_did_not_start_is_sent_again(scene: Scene) -> None:
    scene.earshot.simulator.fault(f"{scene.id}/actions/play", 429, reset=1)
    done(scene, f"{scene.address}/play", sound=HOLD_NOTICE)
    eventually(lambda: scene.commands()[0][3] in {"accepted", "done"}, within=15)
    assert [request["status"] for request in scene.requests("/actions/play")] == [429, 200]


@pytest.mark.parametrize("verb", ["play", "speak", "stop-audio", "digits"])
def test_an_agent_may_not(scene: Scene, verb: str) -> None:
    assert press(scene.earshot, f"{scene.address}/{verb}", "agent").status_code == 403
    assert not scene.commands()


def test_what_was_played_completes_the_field(scene: Scene) -> None:
    done(scene, f"{scene.address}/play", sound="hold-music")
    assert '<option value="hold-music">' in scene.earshot.get("/conferences/known-media").text
