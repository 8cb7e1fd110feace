"""Audio by address and by stored name: what can be played, what cannot, and what is heard on hold."""

from typing import Any

import pytest

from tests.simulator.office import CONNECTION, LINE, PHONE, Office, refused

URL = "https://media.example.com/notice.mp3"


async def music(office: Office, ccid: str) -> Any:
    return (await office.api.get(f"/_simulator/legs/{ccid}")).json()["music"]


async def test_a_file_is_stored_listed_played_and_deleted(office: Office) -> None:
    stored = await office.post("/media", media_url="https://files.example.com/welcome.wav", media_name="hi")
    assert (stored.status_code, stored.json()["data"]["media_name"]) == (200, "hi")
    assert (await office.get("/media/hi"))["data"] == stored.json()["data"]
    assert "hi" in [one["media_name"] for one in (await office.get("/media"))["data"]]
    conference_id, _ = await office.conference(1)
    play = f"/conferences/{conference_id}/actions/play"
    assert (await office.post(play, media_name="hi")).status_code == 200
    assert (await office.payload("conference.playback.started"))["media_name"] == "hi"
    assert (await office.api.delete("/v2/media/hi")).status_code == 204
    assert refused(await office.post(play, media_name="hi"), 404, "10005")
    assert refused(await office.api.get("/v2/media/hi"), 404, "10007")


async def test_a_stored_file_lasts_as_long_as_was_said(office: Office) -> None:
    await office.post("/media", media_url="https://files.example.com/welcome.wav", ttl_secs=60)
    assert (await office.get("/media/welcome.wav"))["data"]["content_type"] == "audio/wav"
    await office.pass_time(61)
    assert refused(await office.api.get("/v2/media/welcome.wav"), 404, "10007")


@pytest.mark.parametrize(
    ("sound", "status", "code"),
    [
        ({"media_name": "never-stored"}, 404, "10005"),
        ({"audio_url": "https://media.example.com/missing.mp3"}, 404, "10005"),
        ({"audio_url": "https://media.invalid/notice.mp3"}, 400, "90040"),
        ({"audio_url": URL, "media_name": "music"}, 422, "10015"),
    ],
)
async def test_what_cannot_be_played_is_refused_by_all_that_play(
    office: Office, sound: dict[str, str], status: int, code: str
) -> None:
    conference_id, ccids = await office.conference(1)
    path, alone = f"/conferences/{conference_id}/actions", await office.answered()
    on_hold = {f"hold_{name}": value for name, value in sound.items()}
    dialled = {"connection_id": CONNECTION, "from": LINE, "to": PHONE}
    commands: list[tuple[str, dict[str, Any]]] = [
        (f"{path}/play", sound),
        (f"{path}/hold", sound),
        (f"{path}/gather_using_audio", sound | {"call_control_id": ccids[0]}),
        (f"{path}/join", on_hold | {"call_control_id": alone}),
        ("/conferences", on_hold | {"call_control_id": alone, "name": "Other"}),
        (f"/calls/{alone}/actions/playback_start", sound),
        (f"/calls/{alone}/actions/gather_using_audio", sound),
        ("/calls", dialled | sound),
        ("/calls", dialled | {"conference_config": on_hold | {"id": conference_id}}),
    ]
    for command, body in commands:
        assert refused(await office.post(command, **body), status, code), command
    assert (await office.people(conference_id))[ccids[0]]["on_hold"] is False
    assert await office.events("conference.playback.started") == []


async def test_whoever_is_held_hears_the_music_until_they_are_back(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/hold", call_control_ids=[one], media_name="hold-music")
    await office.post(f"{path}/hold", call_control_ids=[two], audio_url=URL)
    assert (await music(office, one), await music(office, two)) == (
        {"media_name": "hold-music"},
        {"media_url": URL},
    )
    await office.post(f"{path}/unhold", call_control_ids=[one, two])
    assert (await music(office, one), await music(office, two)) == (None, None)


async def test_who_comes_before_the_start_hears_the_music_of_the_conference_or_their_own(
    office: Office,
) -> None:
    creator, other, held = [await office.answered() for _ in range(3)]
    order = {"call_control_id": creator, "name": "Later", "start_conference_on_create": False}
    created = await office.post("/conferences", **order, hold_media_name="hold-music")
    path = f"/conferences/{created.json()['data']['id']}/actions/join"
    await office.post(path, call_control_id=other, hold_audio_url=URL)
    await office.post(path, call_control_id=held, hold=True)
    heard = [await music(office, ccid) for ccid in (creator, other, held)]
    assert heard == [{"media_name": "hold-music"}, {"media_url": URL}, {"media_name": "hold-music"}]
    boss = await office.answered()
    await office.post(path, call_control_id=boss, start_conference_on_enter=True)
    assert (await music(office, creator), await music(office, other)) == (None, None)
    # Whoever asked to be held is held by that, not by the wait for the start.
    people = await office.people(created.json()["data"]["id"])
    assert [people[ccid]["on_hold"] for ccid in (creator, other, held, boss)] == [False, False, True, False]
