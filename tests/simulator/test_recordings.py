"""Recordings: what is in the file, who may fetch it for how long, and how it is found and deleted."""

import io
import re
import wave
from typing import Any

import httpx
import pytest

from tests.simulator.office import Office, refused


async def recorded(office: Office, seconds: float, **options: Any) -> tuple[str, str]:
    """A conference recorded for so long: its id and the recording's."""
    conference_id, _ = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    started = await office.post(f"{path}/record_start", **({"format": "wav"} | options))
    assert started.json() == {"data": {"result": "ok"}}
    await office.pass_time(seconds)
    await office.post(f"{path}/record_stop")
    await office.pass_time(2)
    saved = await office.payload("conference.recording.saved")
    return conference_id, saved["recording_id"]


async def fetched(office: Office, url: str, **headers: str) -> httpx.Response:
    async with office.client(None) as anybody:
        return await anybody.get(url, headers=headers)


async def test_the_file_is_as_long_as_what_was_recorded(office: Office) -> None:
    conference_id, recording_id = await recorded(office, 65, channels="dual")
    saved = await office.payload("conference.recording.saved")
    assert (saved["conference_id"], saved["channels"], saved["format"]) == (conference_id, "dual", "wav")
    assert saved["recording_urls"]["mp3"] is None
    answer = await fetched(office, saved["recording_urls"]["wav"])
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        assert sound.getnframes() / sound.getframerate() == pytest.approx(65, abs=0.01)
    recording = (await office.get(f"/recordings/{recording_id}"))["data"]
    assert recording["duration_millis"] == pytest.approx(65_000, abs=10)
    assert (recording["source"], recording["initiated_by"]) == ("conference", "StartConferenceRecordingAPI")


async def test_an_mp3_is_silence_of_the_right_length(office: Office) -> None:
    _, recording_id = await recorded(office, 36, format="mp3")
    url = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["mp3"]
    answer = await fetched(office, url)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(answer.content) == pytest.approx(36_000 / 36 * 36, abs=36)
    assert answer.content.startswith(b"\xff\xf3")


async def test_what_was_paused_is_not_in_it(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"

    async def state() -> str:
        found: str = (await office.truth())["conferences"][0]["recording"]
        return found

    await office.post(f"{path}/record_start", format="mp3")
    await office.pass_time(10)
    assert await state() == "on"
    await office.post(f"{path}/record_pause")
    await office.pass_time(30)
    assert await state() == "paused"
    await office.post(f"{path}/record_resume")
    await office.pass_time(5)
    await office.post(f"{path}/record_stop")
    assert await state() == "off"
    await office.pass_time(2)
    [recording] = (await office.get("/recordings"))["data"]
    assert recording["duration_millis"] == pytest.approx(15_000, abs=10)


async def test_it_is_saved_a_moment_after_its_end_and_the_conference_ends_it(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    await office.post(f"/conferences/{conference_id}/actions/record_start", format="mp3")
    await office.post(f"/conferences/{conference_id}/actions/end")
    assert await office.events("conference.recording.saved") == []
    assert (await office.get("/recordings"))["data"] == []
    await office.pass_time(2)
    assert len(await office.events("conference.recording.saved")) == 1
    assert len((await office.get("/recordings"))["data"]) == 1


async def test_a_range_of_the_file(office: Office) -> None:
    _, recording_id = await recorded(office, 600)
    url = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["wav"]
    whole = (await fetched(office, url)).content
    for wanted, part in [
        ("bytes=0-43", whole[:44]),
        ("bytes=40-100047", whole[40:100048]),
        ("bytes=4000000-", whole[4000000:]),
        ("bytes=-10", whole[-10:]),
    ]:
        answer = await fetched(office, url, range=wanted)
        assert (answer.status_code, answer.content == part) == (206, True), wanted
    answer = await fetched(office, url, range="bytes=40-100047")
    assert answer.headers["content-range"] == f"bytes 40-100047/{len(whole)}"
    for impossible in (f"bytes={len(whole)}-", "bytes=-0"):
        assert (await fetched(office, url, range=impossible)).status_code == 416
    for unintelligible in ("bytes=5-3", "bytes=-", "lines=0-1", "bytes=0-1,5-6"):
        answer = await fetched(office, url, range=unintelligible)
        assert (answer.status_code, len(answer.content)) == (200, len(whole)), unintelligible
    tag = answer.headers["etag"]
    for condition, status in [(tag, 206), ('"another"', 200)]:
        answer = await fetched(office, url, **{"range": "bytes=0-9", "if-range": condition})
        assert answer.status_code == status


async def test_a_link_needs_no_key_and_dies_after_ten_minutes(office: Office) -> None:
    _, recording_id = await recorded(office, 5)
    url = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["wav"]
    assert (await fetched(office, url)).status_code == 200
    assert (await fetched(office, url.replace("signature=", "signature=0"))).status_code == 403
    assert (await fetched(office, url.split("?")[0])).status_code == 403
    await office.pass_time(601)
    assert (await fetched(office, url)).status_code == 403
    renewed = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["wav"]
    assert (await fetched(office, renewed)).status_code == 200


async def test_recordings_are_found_by_what_they_are_of(office: Office) -> None:
    conference_id, recording_id = await recorded(office, 5)
    created_at = (await office.get(f"/recordings/{recording_id}"))["data"]["created_at"]
    shown = (await office.get(f"/recordings/{recording_id}"))["data"]
    for query, found in [
        ({"filter[conference_id]": conference_id}, 1),
        ({"filter[conference_id]": "another"}, 0),
        ({"filter[connection_id]": shown["connection_id"]}, 1),
        ({"filter[call_leg_id]": shown["call_leg_id"]}, 1),
        ({"filter[call_session_id]": shown["call_session_id"]}, 1),
        ({"filter[call_control_id]": shown["call_control_id"]}, 1),
        ({"filter[call_control_id]": "v3:another"}, 0),
        ({"filter[from]": shown["from"], "filter[to]": shown["to"]}, 1),
        ({"filter[from]": shown["to"]}, 0),
        ({"filter[conference_region]": "us"}, 1),
        ({"filter[conference_region]": "europe"}, 0),
        ({"filter[sip_call_id]": "another"}, 0),
        ({"filter[start_time][gte]": shown["recording_started_at"]}, 1),
        ({"filter[start_time][gte]": shown["recording_ended_at"]}, 0),
        ({"filter[end_time][lte]": shown["recording_ended_at"]}, 1),
        ({"filter[end_time][lte]": shown["recording_started_at"]}, 0),
        ({"filter[created_at][gte]": created_at}, 1),
        ({"filter[created_at][lte]": "2019-03-29T11:10:00Z"}, 0),
    ]:
        assert len((await office.get("/recordings", **query))["data"]) == found, query
    assert refused(await office.api.get("/v2/recordings", params={"filter[call_leg_id]": "1"}), 422, "10015")
    wrong = await office.api.get("/v2/recordings", params={"filter[created_at][lte]": "yesterday"})
    assert refused(wrong, 422, "10015")


async def test_a_deleted_one_is_gone_with_its_file(office: Office) -> None:
    _, recording_id = await recorded(office, 5)
    shown = await office.get(f"/recordings/{recording_id}")
    deleted = await office.api.delete(f"/v2/recordings/{recording_id}")
    assert (deleted.status_code, deleted.json()["data"]["id"]) == (200, recording_id)
    assert refused(await office.api.get(f"/v2/recordings/{recording_id}"), 404, "404")
    assert (await fetched(office, shown["data"]["download_urls"]["wav"])).status_code == 404


async def test_several_are_deleted_at_once(office: Office) -> None:
    _, recording_id = await recorded(office, 5)
    assert refused(await office.post("/recordings/actions/delete", ids=[recording_id, "no"]), 404, "404")
    assert (await office.post("/recordings/actions/delete", ids=[recording_id])).json() == {"status": "ok"}
    assert (await office.get("/recordings"))["data"] == []


async def test_refusals(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    for command in ("record_stop", "record_pause", "record_resume"):
        assert refused(await office.post(f"{path}/{command}"), 404, "10005")
    assert refused(await office.post(f"{path}/record_start"), 422, "10004")
    assert refused(await office.post(f"{path}/record_start", format="ogg"), 422, "10032")
    assert refused(
        await office.post(f"{path}/record_start", format="mp3", custom_file_name="a" * 41), 422, "10033"
    )
    await office.post(f"{path}/record_start", format="mp3")
    assert refused(await office.post(f"{path}/record_stop", recording_id="1"), 422, "10015")
    assert refused(await office.post(f"{path}/record_pause", recording_id="1"), 404, "10005")
    other = "6e00ab49-9487-4364-8ad6-23965965afb2"
    assert refused(await office.post(f"{path}/record_stop", recording_id=other), 404, "10005")


async def test_a_single_call_is_recorded_by_command(office: Office) -> None:
    ccid = await office.answered()
    path = f"/calls/{ccid}/actions"
    assert refused(await office.post(f"{path}/record_start", format="mp3"), 422, "10004")
    assert (await office.post(f"{path}/record_start", format="mp3", channels="dual")).status_code == 200
    await office.pass_time(10)
    await office.post(f"{path}/record_pause")
    await office.pass_time(10)
    await office.post(f"{path}/record_resume")
    await office.pass_time(10)
    await office.post(f"{path}/record_stop")
    assert refused(await office.post(f"{path}/record_stop"), 404, "10005")
    await office.pass_time(2)
    [recording] = (await office.get("/recordings", **{"filter[call_control_id]": ccid}))["data"]
    assert recording["duration_millis"] == pytest.approx(20_000, abs=10)


async def test_a_single_call_is_recorded_from_its_answer(office: Office) -> None:
    ccid = await office.call()
    answer = await office.post(f"/calls/{ccid}/actions/answer", record="record-from-answer")
    recording_id = answer.json()["data"]["recording_id"]
    await office.pass_time(20)
    await office.do(ccid, "hangup")
    await office.pass_time(2)
    assert (await office.payload("call.recording.saved"))["recording_id"] == recording_id
    recording = (await office.get(f"/recordings/{recording_id}"))["data"]
    assert recording["source"] == "call"
    assert "conference_id" not in recording


async def planted(office: Office, seconds: float, **options: Any) -> str:
    conference_id, _ = await office.conference(1)
    order = {"conference_id": conference_id, "seconds": seconds} | options
    answer = await office.api.post("/_simulator/recordings", json=order)
    await office.pass_time(2)
    recording_id: str = answer.json()["recording_id"]
    return recording_id


@pytest.mark.parametrize("minutes", [1, 10, 120])
@pytest.mark.parametrize(("form", "bytes_a_second"), [("wav", 8000), ("mp3", 1000)])
async def test_a_long_recording_is_there_without_waiting_for_it(
    office: Office, minutes: int, form: str, bytes_a_second: int
) -> None:
    recording_id = await planted(office, minutes * 60, format=form)
    assert (await office.payload("conference.recording.saved"))["recording_id"] == recording_id
    recording = (await office.get(f"/recordings/{recording_id}"))["data"]
    assert recording["duration_millis"] == minutes * 60_000
    middle = minutes * 30 * bytes_a_second
    answer = await fetched(office, recording["download_urls"][form], range=f"bytes={middle}-{middle + 99}")
    assert (answer.status_code, len(answer.content)) == (206, 100)
    size = int(answer.headers["content-range"].rpartition("/")[2])
    assert size == pytest.approx(minutes * 60 * bytes_a_second, rel=0.001)


async def test_a_link_can_be_made_to_die_sooner_until_the_faults_are_cleared(office: Office) -> None:
    recording_id = await planted(office, 60)

    async def link() -> str:
        url: str = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["mp3"]
        return url

    assert (await office.api.post("/_simulator/links", json={"seconds": 2})).status_code == 204
    short = await link()
    await office.pass_time(1)
    assert (await fetched(office, short)).status_code == 200
    await office.pass_time(2)
    assert (await fetched(office, short)).status_code == 403
    await office.api.delete("/_simulator/faults")
    long = await link()
    await office.pass_time(500)
    assert (await fetched(office, long)).status_code == 200


async def test_the_file_is_called_what_was_asked_for_with_the_time_after_it(office: Office) -> None:
    _, recording_id = await recorded(office, 5, custom_file_name="Mrs Ödön & co", trim="trim-silence")
    url = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["wav"]
    name = httpx.URL(url).path.rpartition("/")[2]
    assert re.fullmatch(r"Mrs Ödön & co-\d{10}\.wav", name)
    assert (await fetched(office, url)).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status"), [({"answer": 403}, 403), ({"answer": 500}, 500), ({"answer": "redirect"}, 302)]
)
async def test_faults_strike_files_too(office: Office, fault: dict[str, Any], status: int) -> None:
    recording_id = await planted(office, 60)
    url = (await office.get(f"/recordings/{recording_id}"))["data"]["download_urls"]["mp3"]
    order = {"count": 1, "match": {"path_contains": "/_simulator/recordings"}, "location": "http://10.0.0.1/"}
    await office.api.post("/_simulator/faults", json=order | fault)
    answer = await fetched(office, url)
    assert answer.status_code == status
    assert answer.headers.get("location", "http://10.0.0.1/") == "http://10.0.0.1/"
    assert (await fetched(office, url)).status_code == 200
