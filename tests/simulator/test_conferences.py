"""Conferences: made, joined, left, ended, and what each of that announces."""

from typing import Any

import pytest

from tests.simulator.office import Office, refused

FOUR_HOURS = 4 * 3600


async def kinds(office: Office) -> list[str]:
    return [event["event_type"] for event in await office.events()]


async def test_the_first_leg_is_in_it_at_once(office: Office) -> None:
    ccid = await office.call("Sales")
    created = (await office.post("/conferences", call_control_id=ccid, name="Sales 1")).json()["data"]
    assert (created["status"], created["name"]) == ("in_progress", "Sales 1")
    assert list(await office.people(created["id"])) == [ccid]
    assert (await kinds(office))[-3:] == [
        "call.dequeued",
        "conference.created",
        "conference.participant.joined",
    ]
    assert (await office.payload("call.dequeued"))["reason"] == "bridged"
    payload = await office.payload("conference.created")
    assert "name" not in payload
    assert payload["conference_id"] == created["id"]


async def test_two_live_conferences_never_share_a_name(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    third = await office.answered()
    order = {"call_control_id": third, "name": "Sales 1"}
    assert refused(await office.post("/conferences", **order), 422, "90033")
    await office.post(f"/conferences/{conference_id}/actions/end")
    assert (await office.post("/conferences", **order)).status_code == 200


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"max_participants": 1}, "10033"),
        ({"max_participants": 801}, "10033"),
        ({"beep_enabled": "sometimes"}, "10032"),
        ({"region": "Moon"}, "10032"),
        ({"comfort_noise": "yes"}, "10015"),
        ({"client_state": "§"}, "90017"),
        ({"hold_audio_url": "http://a/b", "hold_media_name": "c"}, "10015"),
        ({"name": None}, "10004"),
        ({"call_control_id": "v3:nobody"}, "90015"),
    ],
)
async def test_refusals_of_create(office: Office, options: dict[str, object], code: str) -> None:
    order = {"call_control_id": await office.answered(), "name": "Sales 1"} | options
    assert refused(await office.post("/conferences", **order), 422, code)


async def test_refusals_of_join(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    path = f"/conferences/{conference_id}/actions/join"
    ringing, gone = await office.call(), await office.answered()
    await office.do(gone, "hangup")
    assert refused(await office.post(path, call_control_id=ccids[0]), 422, "90044")
    assert refused(await office.post(path, call_control_id=ringing), 422, "90034")
    assert refused(await office.post(path, call_control_id=gone), 422, "90018")
    assert refused(await office.post(path), 422, "10004")
    assert refused(await office.post("/conferences/no/actions/join", call_control_id=ringing), 404, "90058")
    await office.post(f"/conferences/{conference_id}/actions/end")
    other = await office.answered()
    assert refused(await office.post(path, call_control_id=other), 422, "90019")


async def test_a_full_conference(office: Office) -> None:
    creator, second, third = [await office.answered() for _ in range(3)]
    order = {"call_control_id": creator, "name": "Sales 1", "max_participants": 2}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    path = f"/conferences/{conference_id}/actions/join"
    assert (await office.post(path, call_control_id=second)).status_code == 200
    assert refused(await office.post(path, call_control_id=third), 422, "90032")


async def test_commands_take_a_name_where_telnyx_takes_one(office: Office) -> None:
    conference_id, _ = await office.conference(2, "Sales 1")
    assert (await office.post("/conferences/Sales%201/actions/mute")).status_code == 200
    assert all(one["muted"] for one in (await office.people(conference_id)).values())
    assert refused(await office.post("/conferences/Sales%201/actions/end"), 404, "90058")
    assert refused(await office.post("/conferences/Sales%201/actions/send_dtmf", digits="1"), 404, "90058")
    assert refused(await office.api.get("/v2/conferences/Sales%201"), 404, "90058")


async def test_who_leaves_is_parked_and_the_last_one_ends_it(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    path = f"/conferences/{conference_id}/actions/leave"
    await office.post(path, call_control_id=ccids[0])
    assert (await office.get(f"/calls/{ccids[0]}"))["data"]["is_alive"] is True
    assert list(await office.people(conference_id)) == ccids[1:]
    assert refused(await office.post(path, call_control_id=ccids[0]), 422, "90015")
    await office.do(ccids[1], "hangup")
    assert (await kinds(office))[-3:] == ["call.hangup", "conference.participant.left", "conference.ended"]
    ended = (await office.get(f"/conferences/{conference_id}"))["data"]
    assert (ended["status"], ended["end_reason"]) == ("completed", "all_left")
    assert ended["ended_by"]["call_control_id"] == ccids[1]
    assert (await office.payload("conference.ended"))["reason"] == "all_left"


async def test_the_end_by_command_hangs_everybody_up(office: Office) -> None:
    conference_id, ccids = await office.conference(3)
    await office.post(f"/conferences/{conference_id}/actions/end")
    assert {event["payload"]["call_control_id"] for event in await office.events("call.hangup")} == set(ccids)
    ended = (await office.get(f"/conferences/{conference_id}"))["data"]
    assert ended["end_reason"] == "ended_via_api"
    # Nobody of those in it: and Telnyx has no null for "nobody".
    assert "ended_by" not in ended
    # The webhook has no such word.
    assert (await office.payload("conference.ended"))["reason"] == "all_left"
    assert refused(await office.post(f"/conferences/{conference_id}/actions/mute"), 422, "90019")
    assert (await office.truth())["conferences"] == []


async def test_somebody_whose_exit_ends_it(office: Office) -> None:
    conference_id, ccids = await office.conference(3)
    [host] = [
        one
        for one in (await office.get(f"/conferences/{conference_id}/participants"))["data"]
        if one["call_control_id"] == ccids[1]
    ]
    path = f"/v2/conferences/{conference_id}/participants/{host['id']}"
    changed = await office.api.patch(path, json={"end_conference_on_exit": True})
    assert changed.json()["data"]["end_conference_on_exit"] is True
    await office.do(ccids[1], "hangup")
    assert (await office.payload("conference.ended"))["reason"] == "host_left"
    assert len(await office.events("call.hangup")) == 3
    ended = (await office.get(f"/conferences/{conference_id}"))["data"]
    assert (ended["end_reason"], ended["ended_by"]["call_control_id"]) == ("host_left", ccids[1])


async def test_a_soft_end_lets_the_others_stay_and_nobody_new_in(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    path = f"/conferences/{conference_id}/actions/join"
    soft = await office.answered()
    await office.post(path, call_control_id=soft, soft_end_conference_on_exit=True)
    await office.do(soft, "hangup")
    assert set(await office.people(conference_id)) == set(ccids)
    assert refused(await office.post(path, call_control_id=await office.answered()), 422, "90019")


async def test_it_ends_after_its_time(office: Office) -> None:
    ccid = await office.answered()
    order = {"call_control_id": ccid, "name": "Short", "duration_minutes": 2}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    await office.pass_time(119)
    assert (await office.get(f"/conferences/{conference_id}"))["data"]["status"] == "in_progress"
    await office.pass_time(2)
    assert (await office.payload("conference.ended"))["reason"] == "time_exceeded"


async def test_no_conference_lasts_longer_than_four_hours(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    await office.pass_time(FOUR_HOURS - 5)
    assert len((await office.truth())["conferences"]) == 1
    await office.pass_time(10)
    assert (await office.get(f"/conferences/{conference_id}"))["data"]["end_reason"] == "time_exceeded"


async def test_one_that_waits_for_somebody_holds_the_others_until_then(office: Office) -> None:
    creator, agent = await office.answered(), await office.answered()
    order = {"call_control_id": creator, "name": "Later", "start_conference_on_create": False}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    assert (await office.people(conference_id))[creator]["on_hold"] is True
    assert (await office.truth())["conferences"][0]["status"] == "init"
    path = f"/conferences/{conference_id}/actions"
    assert refused(await office.post(f"{path}/record_start", format="mp3"), 422, "90020")
    await office.post(f"{path}/join", call_control_id=agent, start_conference_on_enter=True)
    assert not any(one["on_hold"] for one in (await office.people(conference_id)).values())
    assert (await office.truth())["conferences"][0]["status"] == "in_progress"


async def test_the_list_has_the_ended_ones_and_can_be_filtered(office: Office) -> None:
    conference_id, _ = await office.conference(1, "Over")
    await office.post(f"/conferences/{conference_id}/actions/end")
    live, _ = await office.conference(1, "Live")
    everything = (await office.get("/conferences"))["data"]
    assert [one["id"] for one in everything] == [live, conference_id]
    for query, found in [
        ({"filter[status]": "in_progress"}, [live]),
        ({"filter[status]": "completed"}, [conference_id]),
        ({"filter[name]": "Live"}, [live]),
        ({"filter[name]": "live"}, []),
    ]:
        page = await office.get("/conferences", **query)
        assert [one["id"] for one in page["data"]] == found
    wrong = await office.api.get("/v2/conferences", params={"filter[status]": "dead"})
    assert refused(wrong, 422, "10032")


async def test_queueing_a_participant_takes_it_out(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    await office.post(f"/calls/{ccids[0]}/actions/enqueue", queue_name="Billing")
    assert (await kinds(office))[-2:] == ["conference.participant.left", "call.enqueued"]
    assert list(await office.people(conference_id)) == ccids[1:]


async def test_the_floor_is_announced_bare_and_kept_while_its_holder_is_there(office: Office) -> None:
    _, ccids = await office.conference(2)
    await office.do(ccids[0], "talk")
    await office.simulator.settle()
    bare = office.mailbox.bodies[-1]
    assert bare["event_type"] == "conference.floor.changed"
    assert bare["payload"]["call_control_id"] == ccids[0]
    assert (await office.truth())["conferences"][0]["floor"] == ccids[0]
    await office.do(ccids[0], "hangup")
    assert (await office.truth())["conferences"][0]["floor"] is None


async def test_conference_events_carry_the_state_of_its_creator(office: Office) -> None:
    creator, other = await office.answered(), await office.answered()
    order = {"call_control_id": creator, "name": "Sales 1", "client_state": "bWluZQ=="}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    join = {"call_control_id": other, "client_state": "aGVycw=="}
    await office.post(f"/conferences/{conference_id}/actions/join", **join)
    await office.do(other, "hangup")
    joined = await office.events("conference.participant.joined")
    assert [one["payload"]["client_state"] for one in joined] == ["bWluZQ==", "bWluZQ=="]
    assert (await office.payload("call.hangup"))["client_state"] == "aGVycw=="


async def test_why_it_ended_is_absent_while_it_lives(office: Office) -> None:
    conference_id, _ = await office.conference(1)
    for shown in (
        (await office.get(f"/conferences/{conference_id}"))["data"],
        (await office.get("/conferences"))["data"][0],
    ):
        assert not shown.keys() & {"end_reason", "ended_by"}


async def test_a_conference_is_hosted_at_a_site_of_its_region(office: Office) -> None:
    here, _ = await office.conference(1, "Here")
    order = {"call_control_id": await office.answered(), "name": "There", "region": "Europe"}
    there = (await office.post("/conferences", **order)).json()["data"]
    assert ((await office.get(f"/conferences/{here}"))["data"]["region"], there["region"]) == ("sv1", "fr5")
    for region, found in [("US", [here]), ("Europe", [there["id"]]), ("Australia", [])]:
        page = await office.get("/conferences", region=region)
        assert [one["id"] for one in page["data"]] == found
    assert refused(await office.api.get(f"/v2/conferences/{here}", params={"region": "Moon"}), 422, "10032")


async def test_a_refused_command_changes_nothing(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    path = f"/conferences/{conference_id}/actions"
    before = await office.truth()
    commands: list[tuple[str, dict[str, Any], str]] = [
        ("end", {"command_id": {}}, "10015"),
        ("mute", {"call_control_ids": "everybody"}, "10015"),
        ("hold", {"region": "Moon"}, "10032"),
        ("update", {"call_control_id": "v3:nobody", "supervisor_role": "monitor"}, "90015"),
        ("leave", {}, "10004"),
    ]
    for command, body, code in commands:
        assert refused(await office.post(f"{path}/{command}", **body), 422, code), command
    assert await office.truth() == before
