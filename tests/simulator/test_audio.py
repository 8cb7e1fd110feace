"""Announcements and speech: to all or to some, once, often or for ever, and stopped."""

from typing import Any

import pytest

from tests.simulator.office import Office, refused

URL = "https://media.example.com/notice.mp3"


async def heard(office: Office) -> list[tuple[str, str | None]]:
    found = [event for event in await office.events() if event["event_type"].endswith((".started", ".ended"))]
    return [
        (event["event_type"], event["payload"].get("call_control_id"))
        for event in found
        if "playback" in event["event_type"] or "speak" in event["event_type"]
    ]


async def test_audio_for_everybody_starts_and_ends(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    await office.post(f"/conferences/{conference_id}/actions/play", audio_url=URL)
    payload = await office.payload("conference.playback.started")
    assert payload["media_url"] == URL
    assert "call_control_id" not in payload
    # What is not there is left out: Telnyx's document has no null for it.
    assert "media_name" not in payload
    await office.pass_time(15)
    assert await heard(office) == [("conference.playback.started", None), ("conference.playback.ended", None)]


async def test_speech_for_everybody_lasts_as_long_as_it_takes_to_say(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    order = {"payload": "One moment please. " * 10, "voice": "AWS", "language": "en-GB"}
    await office.post(f"/conferences/{conference_id}/actions/speak", **order)
    await office.pass_time(10)
    assert await heard(office) == [("conference.speak.started", None)]
    await office.pass_time(5)
    assert await heard(office) == [("conference.speak.started", None), ("conference.speak.ended", None)]


async def test_speech_for_some_is_told_for_each(office: Office) -> None:
    conference_id, (one, two, _) = await office.conference(3)
    order = {"payload": "One moment", "voice": "Telnyx.KokoroTTS.af", "call_control_ids": [one, two]}
    await office.post(f"/conferences/{conference_id}/actions/speak", **order)
    await office.pass_time(10)
    kinds = ["conference.participant.speak.started"] * 2 + ["conference.participant.speak.ended"] * 2
    assert await heard(office) == list(zip(kinds, [one, two, one, two], strict=True))


async def test_what_plays_for_ever_ends_by_stop(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/play", media_name="music", loop="infinity", call_control_ids=[one, two])
    await office.pass_time(3600)
    assert len(await heard(office)) == 2
    await office.post(f"{path}/stop", call_control_ids=[one])
    assert (await heard(office))[2:] == [("conference.participant.playback.ended", one)]
    await office.post(f"{path}/stop")
    assert (await heard(office))[3:] == [("conference.participant.playback.ended", two)]


async def test_a_loop_lasts_as_many_times_as_long(office: Office) -> None:
    conference_id, _ = await office.conference(1)
    path = f"/conferences/{conference_id}/actions/play"
    await office.post(path, audio_url=URL, loop=10)
    await office.pass_time(39)
    assert len(await heard(office)) == 1
    await office.pass_time(100)
    assert len(await heard(office)) == 2


@pytest.mark.parametrize(
    ("command", "body", "code"),
    [
        ("play", {}, "10004"),
        ("play", {"audio_url": URL, "media_name": "music"}, "10015"),
        ("play", {"audio_url": "notice.mp3"}, "10015"),
        ("play", {"audio_url": URL, "loop": 0}, "90009"),
        ("play", {"audio_url": URL, "loop": 101}, "90009"),
        ("play", {"audio_url": URL, "loop": "often"}, "90009"),
        ("speak", {"voice": "Telnyx.KokoroTTS.af"}, "10004"),
        ("speak", {"payload": "a"}, "10004"),
        ("speak", {"payload": "a" * 3001, "voice": "Telnyx.KokoroTTS.af"}, "10033"),
        ("speak", {"payload": "a", "voice": "nobody"}, "90012"),
        ("speak", {"payload": "a", "voice": "nobody.at.all"}, "90012"),
        ("speak", {"payload": "a", "voice": "AWS", "voice_settings": {}}, "10004"),
        ("speak", {"payload": "a", "voice": "AWS", "voice_settings": {"type": "parrot"}}, "10032"),
        (
            "speak",
            {"payload": "a", "voice": "Telnyx", "voice_settings": {"type": "telnyx", "voice_speed": 2.1}},
            "10033",
        ),
        (
            "speak",
            {"payload": "a", "voice": "Azure", "voice_settings": {"type": "azure", "effect": "cave"}},
            "10032",
        ),
        ("speak", {"payload": "a", "voice": "AWS.Polly.Joanna", "language": "tlh"}, "10032"),
        ("speak", {"payload": "a", "voice": "AWS.Polly.Joanna", "payload_type": "html"}, "10032"),
    ],
)
async def test_refusals(office: Office, command: str, body: dict[str, Any], code: str) -> None:
    conference_id, _ = await office.conference(1)
    assert refused(await office.post(f"/conferences/{conference_id}/actions/{command}", **body), 422, code)
    assert await heard(office) == []


async def test_the_end_of_a_stay_or_of_the_conference_ends_the_audio(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/play", audio_url=URL, loop="infinity", call_control_ids=[one])
    await office.post(f"{path}/play", audio_url=URL, loop="infinity")
    await office.do(one, "hangup")
    assert (await heard(office))[-1] == ("conference.participant.playback.ended", one)
    await office.do(two, "hangup")
    kinds = [event["event_type"] for event in await office.events()]
    assert kinds[-2:] == ["conference.playback.ended", "conference.ended"]


async def test_audio_on_a_single_call(office: Office) -> None:
    ccid = await office.answered()
    await office.post(f"/calls/{ccid}/actions/playback_start", audio_url=URL)
    await office.post(f"/calls/{ccid}/actions/playback_stop")
    await office.post(f"/calls/{ccid}/actions/speak", payload="Hello", voice="female")
    await office.pass_time(5)
    kinds = ["call.playback.started", "call.playback.ended", "call.speak.started", "call.speak.ended"]
    assert await heard(office) == [(kind, ccid) for kind in kinds]
    assert (await office.payload("call.playback.ended"))["status"] == "cancelled"


async def test_audio_that_is_sent_along_has_no_name(office: Office) -> None:
    ccid = await office.answered()
    await office.post(f"/calls/{ccid}/actions/playback_start", playback_content="UklGRg==")
    payload = await office.payload("call.playback.started")
    assert not payload.keys() & {"media_url", "media_name"}


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "telnyx", "voice_speed": 0.1},
        {"type": "aws"},
        {"type": "azure", "effect": "eq_car", "gender": "Female"},
        {"type": "minimax", "pitch": -2, "vol": 1.5, "language_boost": None},
        {"type": "resemble", "precision": "MULAW", "sample_rate": "8000", "format": "wav"},
        {"type": "inworld", "delivery_mode": "STABLE"},
        {"type": "xai", "language": "auto"},
    ],
)
async def test_the_settings_of_a_voice(office: Office, settings: dict[str, Any]) -> None:
    conference_id, _ = await office.conference(1)
    order = {"payload": "Hello", "voice": "Inworld.Mini.Loretta", "voice_settings": settings}
    assert (await office.post(f"/conferences/{conference_id}/actions/speak", **order)).status_code == 200
