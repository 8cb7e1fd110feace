"""Asking somebody for digits."""

from typing import Any

import pytest

from tests.simulator.office import Office, refused

URL = "https://media.example.com/enter-your-number.mp3"


async def asked(office: Office, **options: Any) -> str:
    conference_id, (ccid, _) = await office.conference(2)
    order = {"call_control_id": ccid, "audio_url": URL} | options
    answer = await office.post(f"/conferences/{conference_id}/actions/gather_using_audio", **order)
    assert answer.status_code == 200, answer.text
    return ccid


async def ended(office: Office) -> tuple[str, str]:
    payload = await office.payload("call.gather.ended")
    return payload["digits"], payload["status"]


async def test_digits_up_to_the_most(office: Office) -> None:
    ccid = await asked(office, maximum_digits=4, client_state="YXNr", gather_id="pin")
    await office.do(ccid, "key", digits="55034")
    assert await ended(office) == ("5503", "valid")
    assert (await office.payload("call.gather.ended"))["client_state"] == "YXNr"
    assert (await office.payload("call.gather.ended"))["gather_id"] == "pin"
    keys = [event["payload"]["digit"] for event in await office.events("call.dtmf.received")]
    assert keys == list("55034")


async def test_the_last_digit_may_be_said_to_be_the_last(office: Office) -> None:
    ccid = await asked(office)
    await office.do(ccid, "key", digits="12#")
    assert await ended(office) == ("12", "valid")


async def test_too_few_digits_are_asked_for_again_and_wrong_ones_ignored(office: Office) -> None:
    ccid = await asked(office, minimum_digits=3, valid_digits="123", maximum_tries=2)
    await office.do(ccid, "key", digits="12#")
    assert await office.events("call.gather.ended") == []
    await office.do(ccid, "key", digits="919#")
    assert await ended(office) == ("1", "invalid")


@pytest.mark.parametrize(
    ("keyed", "seconds", "outcome"),
    [("", 121, ("", "timeout")), ("1", 6, ("1", "timeout")), ("12", 6, ("12", "valid"))],
)
async def test_silence_ends_it(office: Office, keyed: str, seconds: float, outcome: tuple[str, str]) -> None:
    ccid = await asked(office, minimum_digits=2, maximum_tries=2)
    if keyed:
        await office.do(ccid, "key", digits=keyed)
    await office.pass_time(seconds)
    assert await ended(office) == outcome


async def test_a_hang_up_ends_it(office: Office) -> None:
    ccid = await asked(office)
    await office.do(ccid, "key", digits="1")
    await office.do(ccid, "hangup")
    assert await ended(office) == ("1", "call_hangup")


async def test_a_single_call_is_asked_by_speech(office: Office) -> None:
    ccid = await office.answered()
    order = {"payload": "Your number?", "voice": "female", "maximum_digits": 1}
    await office.post(f"/calls/{ccid}/actions/gather_using_speak", **order)
    await office.do(ccid, "key", digits="7")
    assert await ended(office) == ("7", "valid")


async def test_silence_is_asked_again_as_often_as_said(office: Office) -> None:
    await asked(office, maximum_tries=3, timeout_millis=10_000)
    await office.pass_time(29)
    assert await office.events("call.gather.ended") == []
    await office.pass_time(2)
    assert await ended(office) == ("", "timeout")


async def test_a_second_question_cancels_the_first(office: Office) -> None:
    ccid = await office.answered()
    for _ in range(2):
        await office.post(f"/calls/{ccid}/actions/gather_using_audio", audio_url=URL)
    assert await ended(office) == ("", "cancelled")


async def test_refusals(office: Office) -> None:
    conference_id, ccids = await office.conference(1)
    path = f"/conferences/{conference_id}/actions"
    ask = {"call_control_id": ccids[0]}
    assert refused(await office.post(f"{path}/gather_using_audio"), 422, "10004")
    wrong = ask | {"minimum_digits": 5, "maximum_digits": 4}
    assert refused(await office.post(f"{path}/gather_using_audio", **wrong), 422, "10033")
    stranger = {"call_control_id": await office.answered()}
    assert refused(await office.post(f"{path}/gather_using_audio", **stranger), 422, "90015")
    assert refused(await office.post(f"{path}/send_dtmf", digits="12E"), 422, "90014")
    assert refused(await office.post(f"{path}/send_dtmf"), 422, "10004")
    assert refused(await office.post(f"{path}/send_dtmf", digits="1", duration_millis=99), 422, "10033")
    assert (await office.post(f"{path}/send_dtmf", digits="12w#")).status_code == 200


@pytest.mark.parametrize(
    ("command", "prompt", "kind"),
    [
        ("gather_using_audio", {"audio_url": URL}, "playback"),
        ("gather_using_speak", {"payload": "Your number, please", "voice": "female"}, "speak"),
    ],
)
async def test_the_question_to_a_single_call_is_heard_until_a_key_is_pressed(
    office: Office, command: str, prompt: dict[str, str], kind: str
) -> None:
    ccid = await office.answered()
    order = prompt | {"maximum_digits": 2, "maximum_tries": 2, "timeout_millis": 20_000}
    await office.post(f"/calls/{ccid}/actions/{command}", **order)
    await office.pass_time(19)
    heard = [f"call.{kind}.started", f"call.{kind}.ended"]
    assert [event["event_type"] for event in await office.events()][2:] == heard
    await office.pass_time(2)
    await office.do(ccid, "key", digits="12")
    again = [heard[0], "call.dtmf.received", heard[1], "call.dtmf.received", "call.gather.ended"]
    assert [event["event_type"] for event in await office.events()][4:] == again


async def test_the_digits_that_are_sent_are_what_the_chosen_hear(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    path = f"/conferences/{conference_id}/actions/send_dtmf"
    await office.post(path, digits="12", call_control_ids=[one], duration_millis=500)
    await office.post(path, digits="w#")
    legs = [(await office.api.get(f"/_simulator/legs/{ccid}")).json() for ccid in (one, two)]
    assert [leg["tones"] for leg in legs] == ["12w#", "w#"]
    assert {leg["conference_id"] for leg in legs} == {conference_id}


async def test_whether_somebody_is_being_asked_can_be_seen(office: Office) -> None:
    ccid = await asked(office, maximum_digits=1)
    path = f"/_simulator/legs/{ccid}"
    assert (await office.api.get(path)).json()["asked_for_digits"] is True
    await office.do(ccid, "key", digits="1")
    assert (await office.api.get(path)).json()["asked_for_digits"] is False
