"""Calls: dialled, answered or not, bridged, transferred, supervised, ended."""

from typing import Any

import pytest

from tests.simulator.office import CALLER, CONNECTION, LINE, PHONE, Office, refused


async def behave(office: Office, behaviour: str, after: float | None = None, to: str = PHONE) -> None:
    order = {"to": to, "behaviour": behaviour, "after": after}
    assert (await office.api.post("/_simulator/phones", json=order)).status_code == 204


async def hearers(office: Office, speaker: str) -> set[str]:
    """Who hears the speaker now."""
    changes = (await office.api.get("/_simulator/hearing")).json()["changes"]
    heard = {change["call_control_id"]: change["hears"] for change in changes}
    return {listener for listener, whom in heard.items() if speaker in whom}


async def test_a_dialled_number_answers_by_itself(office: Office) -> None:
    ccid = await office.dial(client_state="bWluZQ==")
    initiated = await office.payload("call.initiated")
    assert (initiated["direction"], initiated["to"], initiated["client_state"]) == (
        "outgoing",
        PHONE,
        "bWluZQ==",
    )
    assert await office.events("call.answered") == []
    await office.pass_time(3)
    assert (await office.payload("call.answered"))["call_control_id"] == ccid
    assert (await office.get(f"/calls/{ccid}"))["data"]["is_alive"] is True


@pytest.mark.parametrize(
    ("behaviour", "after", "cause", "sip"),
    [
        ("busy", None, "user_busy", "486"),
        ("reject", 4, "call_rejected", "603"),
        ("no_answer", 10, "no_answer", "480"),
        ("no_answer", None, "timeout", "487"),
        ("not_found", 1, "not_found", "404"),
    ],
)
async def test_those_who_do_not_answer(
    office: Office, behaviour: str, after: float | None, cause: str, sip: str
) -> None:
    await behave(office, behaviour, after)
    await office.dial(timeout_secs=25)
    await office.pass_time(24 if after is None and behaviour == "no_answer" else 0)
    assert await office.events("call.hangup") == []
    await office.pass_time(25)
    payload = await office.payload("call.hangup")
    assert (payload["hangup_cause"], payload["sip_hangup_cause"]) == (cause, sip)
    assert await office.events("call.answered") == []


async def test_a_call_taken_back_before_the_answer(office: Office) -> None:
    ccid = await office.dial()
    await office.post(f"/calls/{ccid}/actions/hangup")
    assert (await office.payload("call.hangup"))["hangup_cause"] == "originator_cancel"
    await office.pass_time(60)
    assert await office.events("call.answered") == []


async def test_the_test_says_when_a_phone_is_answered(office: Office) -> None:
    await behave(office, "no_answer")
    ccid = await office.dial()
    await office.do(ccid, "answer")
    assert (await office.payload("call.answered"))["call_control_id"] == ccid


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"connection_id": "1"}, "10015"),
        ({"to": "312 555 0142"}, "10016"),
        ({"to": None}, "10004"),
        ({"from": None}, "10004"),
        ({"client_state": "§"}, "90017"),
        ({"time_limit_secs": 5}, "10033"),
        ({"supervisor_role": "none"}, "10032"),
        ({"supervise_call_control_id": "v3:nobody"}, "90015"),
        ({"bridge_on_answer": True}, "10004"),
        ({"timeout_secs": 4}, "10033"),
        ({"conference_config": {"supervisor_role": "boss"}}, "10032"),
        ({"conference_config": {"mute": True}}, "10004"),
        ({"bridge_intent": True}, "10004"),
        ({"park_after_unbridge": "self"}, "10004"),
        ({"answering_machine_detection": "guess"}, "10032"),
        ({"media_encryption": "ROT13"}, "10032"),
        ({"privacy": "all"}, "10032"),
        ({"record": "always"}, "10032"),
        ({"record_track": "left"}, "10032"),
        ({"record_max_length": 43201}, "10033"),
        ({"record_custom_file_name": "a" * 41}, "10033"),
        ({"sip_region": "Moon"}, "10032"),
        ({"stream_codec": "MP3"}, "10032"),
        ({"webhook_url_method": "PUT"}, "10032"),
        ({"webhook_urls": "http://a/b"}, "10015"),
        ({"custom_headers": [{"name": "X-A"}]}, "10015"),
        ({"send_digits_on_answer": "12E"}, "90014"),
        ({"billing_group_id": "1"}, "10015"),
    ],
)
async def test_refusals_of_dial(office: Office, change: dict[str, Any], code: str) -> None:
    order = {"connection_id": CONNECTION, "from": LINE, "to": PHONE} | change
    assert refused(await office.api.post("/v2/calls", json=order), 422, code)
    assert await office.events() == []


async def test_a_listener_is_dialled_into_the_room_and_is_heard_by_nobody(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    config = {"id": conference_id, "supervisor_role": "monitor", "early_media": False}
    boss = await office.dial(conference_config=config)
    assert boss not in await office.people(conference_id)
    await office.pass_time(3)
    assert (await office.people(conference_id))[boss]["supervisor_role"] == "monitor"
    assert await hearers(office, boss) == set()
    assert await hearers(office, ccids[0]) == {ccids[1], boss}


async def test_early_media_is_in_the_room_while_it_rings(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    boss = await office.dial(conference_config={"id": conference_id})
    assert boss in await office.people(conference_id)


async def test_a_conference_that_is_gone_at_the_answer_leaves_the_leg_parked(office: Office) -> None:
    conference_id, _ = await office.conference(2)
    config = {"id": conference_id, "supervisor_role": "monitor", "early_media": False}
    boss = await office.dial(conference_config=config)
    await office.post(f"/conferences/{conference_id}/actions/end")
    await office.pass_time(3)
    assert (await office.get(f"/calls/{boss}"))["data"]["is_alive"] is True
    order = {"connection_id": CONNECTION, "from": LINE, "to": PHONE, "conference_config": config}
    assert refused(await office.api.post("/v2/calls", json=order), 422, "90019")
    config["id"] = "6e00ab49-9487-4364-8ad6-23965965afb2"
    assert refused(await office.api.post("/v2/calls", json=order), 404, "90058")


async def test_an_incoming_call_is_answered_once_and_rejected_only_before(office: Office) -> None:
    ccid = await office.call()
    assert (await office.post(f"/calls/{ccid}/actions/answer")).status_code == 200
    assert refused(await office.post(f"/calls/{ccid}/actions/answer"), 422, "90033")
    assert refused(await office.post(f"/calls/{ccid}/actions/reject", cause="USER_BUSY"), 422, "90033")
    other = await office.call()
    assert refused(await office.post(f"/calls/{other}/actions/reject", cause="TIRED"), 422, "10032")
    assert (await office.post(f"/calls/{other}/actions/reject", cause="USER_BUSY")).status_code == 200
    assert (await office.payload("call.hangup"))["hangup_cause"] == "user_busy"


async def test_an_ended_call_is_known_for_ten_minutes(office: Office) -> None:
    ccid = await office.answered()
    await office.pass_time(30)
    await office.post(f"/calls/{ccid}/actions/hangup")
    call = (await office.get(f"/calls/{ccid}"))["data"]
    assert (call["is_alive"], call["call_duration"]) == (False, 30)
    assert refused(await office.post(f"/calls/{ccid}/actions/hangup"), 422, "90018")
    await office.pass_time(601)
    assert refused(await office.api.get(f"/v2/calls/{ccid}"), 404, "10007")


async def test_the_first_in_the_queue_is_bridged_and_both_end_together(office: Office) -> None:
    caller, second = await office.call("Sales"), await office.call("Sales")
    agent = await office.answered(PHONE)
    assert (await office.post(f"/calls/{agent}/actions/bridge", queue="Sales")).status_code == 200
    bridged = await office.events("call.bridged")
    assert {event["payload"]["call_control_id"] for event in bridged} == {caller, agent}
    assert (await office.payload("call.dequeued"))["call_control_id"] == caller
    assert await hearers(office, caller) == {agent}
    await office.do(caller, "hangup")
    ended = [event["payload"]["call_control_id"] for event in await office.events("call.hangup")]
    assert ended == [caller, agent]
    assert await hearers(office, agent) == set()
    assert refused(await office.post(f"/calls/{second}/actions/bridge", queue="Empty"), 422, "90033")


async def test_a_first_in_the_queue_who_hung_up_is_removed_and_refused(office: Office) -> None:
    gone, agent = await office.answered(), await office.answered(PHONE)
    await office.post(f"/calls/{gone}/actions/enqueue", queue_name="Sales", keep_after_hangup=True)
    await office.do(gone, "hangup")
    assert refused(await office.post(f"/calls/{agent}/actions/bridge", queue="Sales"), 422, "90018")
    assert (await office.get("/queues/Sales"))["data"]["current_size"] == 0


async def test_a_dialled_leg_is_bridged_at_its_answer_with_the_one_it_is_linked_to(office: Office) -> None:
    caller = await office.answered()
    leg = await office.dial(link_to=caller, bridge_on_answer=True)
    await office.pass_time(3)
    bridged = await office.events("call.bridged")
    assert {event["payload"]["call_control_id"] for event in bridged} == {caller, leg}
    assert len({event["payload"]["call_session_id"] for event in bridged}) == 1


async def test_a_leg_to_be_parked_outlives_its_bridge(office: Office) -> None:
    caller, agent = await office.answered(), await office.answered(PHONE)
    await office.post(f"/calls/{agent}/actions/bridge", call_control_id=caller, park_after_unbridge="self")
    await office.do(caller, "hangup")
    assert (await office.get(f"/calls/{agent}"))["data"]["is_alive"] is True


async def test_a_transfer_bridges_at_the_answer(office: Office) -> None:
    caller = await office.answered()
    await office.post(f"/calls/{caller}/actions/transfer", to=PHONE, target_leg_client_state="dG8=")
    target = (await office.events("call.initiated"))[-1]["payload"]
    assert (target["to"], target["state"], target["client_state"]) == (PHONE, "bridging", "dG8=")
    await office.pass_time(3)
    bridged = {event["payload"]["call_control_id"] for event in await office.events("call.bridged")}
    assert bridged == {caller, target["call_control_id"]}


async def test_the_truth_tells_who_is_bridged_and_who_supervises(office: Office) -> None:
    caller, agent = await office.answered(), await office.answered()
    await office.post(f"/calls/{agent}/actions/bridge", call_control_id=caller)
    boss = await office.dial("+13125550177", supervise_call_control_id=agent)
    await office.pass_time(3)
    (call,) = (await office.truth())["bridged_calls"]
    assert {leg["call_control_id"] for leg in call["legs"]} == {caller, agent}
    assert call["supervisors"] == [{"call_control_id": boss, "supervisor_role": "barge"}]
    assert (await office.api.get(f"/_simulator/legs/{agent}")).json()["bridged_with"] == caller
    await office.do(caller, "hangup")
    assert (await office.truth())["bridged_calls"] == []


async def test_a_bridged_call_is_supervised(office: Office) -> None:
    caller, agent = await office.answered(), await office.answered(PHONE)
    await office.post(f"/calls/{agent}/actions/bridge", call_control_id=caller)
    boss = await office.dial("+13125550177", supervise_call_control_id=agent, supervisor_role="monitor")
    await office.pass_time(3)
    assert await hearers(office, boss) == set()
    assert await hearers(office, caller) == {agent, boss}
    path = f"/calls/{boss}/actions/switch_supervisor_role"
    for role, by in [("barge", {caller, agent}), ("whisper", {agent}), ("monitor", set())]:
        assert (await office.post(path, role=role)).status_code == 200
        assert await hearers(office, boss) == by
    assert refused(await office.post(path, role="none"), 422, "10032")
    await office.do(agent, "hangup")
    assert (await office.get(f"/calls/{boss}"))["data"]["is_alive"] is False


async def test_a_call_may_have_an_address_of_its_own_for_its_webhooks(office: Office) -> None:
    await office.dial(webhook_url="http://testserver/elsewhere")
    await office.simulator.settle()
    assert office.mailbox.bodies[0]["meta"]["delivered_to"] == "http://testserver/elsewhere"


async def test_several_numbers_ring_and_the_first_answer_silences_the_others(office: Office) -> None:
    await behave(office, "answer", 1, "+13125550171")
    await behave(office, "answer", 2, "+13125550172")
    order = {"connection_id": CONNECTION, "from": LINE, "to": ["+13125550172", "+13125550171"]}
    assert (await office.api.post("/v2/calls", json=order)).status_code == 200
    await office.pass_time(5)
    assert (await office.payload("call.answered"))["to"] == "+13125550171"
    assert (await office.payload("call.hangup"))["hangup_cause"] == "originator_cancel"


async def test_client_state_stays_with_the_leg_until_a_command_changes_it(office: Office) -> None:
    ccid = await office.dial(client_state="b25l")
    await office.pass_time(3)
    updated = await office.api.put(
        f"/v2/calls/{ccid}/actions/client_state_update", json={"client_state": "dHdv"}
    )
    assert updated.status_code == 200
    await office.do(ccid, "hangup")
    assert (await office.payload("call.answered"))["client_state"] == "b25l"
    assert (await office.payload("call.hangup"))["client_state"] == "dHdv"


async def test_the_label_is_the_far_partys_number(office: Office) -> None:
    conference_id, _ = await office.conference(1)
    config = {"id": conference_id, "early_media": False}
    agent = await office.dial(conference_config=config)
    caller = await office.answered(CALLER)
    await office.post(f"/conferences/{conference_id}/actions/join", call_control_id=caller)
    await office.pass_time(3)
    people = await office.people(conference_id)
    assert (people[agent]["label"], people[caller]["label"]) == (PHONE, CALLER)


async def test_what_is_not_known_is_ignored(office: Office) -> None:
    ccid = await office.dial(surely_unknown={"a": [1]})
    assert (await office.post(f"/calls/{ccid}/actions/hangup", surely_unknown=1)).status_code == 200


async def test_a_conference_made_by_a_dialled_leg_takes_it_as_it_was_dialled_for(office: Office) -> None:
    config = {"conference_name": "Briefing", "early_media": False, "mute": True, "hold": True}
    ccid = await office.dial(conference_config=config | {"end_conference_on_exit": True})
    await office.pass_time(3)
    [briefing] = (await office.truth())["conferences"]
    assert briefing["name"] == "Briefing"
    [participant] = (await office.get(f"/conferences/{briefing['id']}/participants"))["data"]
    assert participant["call_control_id"] == ccid
    flags = ("muted", "on_hold", "end_conference_on_exit", "soft_end_conference_on_exit")
    assert [participant[flag] for flag in flags] == [True, True, True, False]


async def test_a_recording_of_a_dialled_call_has_its_id_from_the_first_answer_on(office: Office) -> None:
    order = {"connection_id": CONNECTION, "from": LINE, "to": PHONE}
    recorded = {"record": "record-from-answer", "record_format": "wav", "record_max_length": 10}
    dialled = (await office.api.post("/v2/calls", json=order | recorded)).json()["data"]
    await office.pass_time(30)
    saved = await office.payload("call.recording.saved")
    assert saved["recording_id"] == dialled["recording_id"]
    recording = (await office.get(f"/recordings/{dialled['recording_id']}"))["data"]
    assert (recording["channels"], recording["initiated_by"]) == ("dual", "OutboundAPI")
    assert recording["duration_millis"] == pytest.approx(10_000, abs=10)


async def test_whoever_answers_hears_the_digits_and_the_file(office: Office) -> None:
    ccid = await office.dial(send_digits_on_answer="1w200#", media_name="greeting")
    await office.pass_time(3)
    assert (await office.payload("call.playback.started"))["media_name"] == "greeting"
    assert (await office.api.get(f"/_simulator/legs/{ccid}")).json()["tones"] == "1w200#"


async def test_the_intent_to_bridge_shows_the_callers_number(office: Office) -> None:
    caller = await office.answered()
    await office.dial(link_to=caller, bridge_intent=True)
    assert (await office.events("call.initiated"))[-1]["payload"]["from"] == CALLER


async def test_an_event_may_have_an_address_of_its_own(office: Office) -> None:
    await office.dial(webhook_urls={"call.answered": "http://testserver/answers"})
    await office.pass_time(3)
    addresses = {
        body["data"]["event_type"]: body["meta"]["delivered_to"].rpartition("/")[2]
        for body in office.mailbox.bodies
    }
    assert addresses == {"call.initiated": "telnyx", "call.answered": "answers"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "10004"),
        ({"call_control_id": "v3:nobody"}, 422, "90015"),
        ({"call_control_id": "v3:nobody", "queue": "Sales"}, 422, "10015"),
        ({"queue": "Sales", "video_room_id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"}, 422, "10015"),
        ({"video_room_id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"}, 404, "10007"),
        ({"video_room_id": "1"}, 422, "10015"),
        ({"ringtone": "moon"}, 422, "10032"),
        ({"mute_dtmf": "all"}, 422, "10032"),
        ({"record_trim": "all"}, 422, "10032"),
    ],
)
async def test_refusals_of_bridge(office: Office, body: dict[str, Any], status: int, code: str) -> None:
    agent = await office.answered()
    assert refused(await office.post(f"/calls/{agent}/actions/bridge", **body), status, code)
    assert await office.events("call.bridged") == []


async def test_a_bridged_call_is_not_bridged_again_by_who_minds(office: Office) -> None:
    one, other, third = [await office.answered() for _ in range(3)]
    await office.post(f"/calls/{one}/actions/bridge", call_control_id=other)
    order = {"call_control_id": other, "prevent_double_bridge": True}
    assert refused(await office.post(f"/calls/{third}/actions/bridge", **order), 422, "90033")
    assert await hearers(office, one) == {other}
