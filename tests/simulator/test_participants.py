"""What people in a conference hear and say (mute, hold, roles), and the two shapes they are shown in."""

from typing import Any

import pytest

from tests.simulator.office import Office, refused


async def hears(office: Office) -> dict[str, list[str]]:
    """Whom each person hears now, by the log from its start."""
    changes = (await office.api.get("/_simulator/hearing")).json()["changes"]
    return {change["call_control_id"]: change["hears"] for change in changes}


async def flags(office: Office, conference_id: str, name: str) -> list[Any]:
    return [one[name] for one in (await office.people(conference_id)).values()]


@pytest.mark.parametrize("body", [{}, {"call_control_ids": []}, {"call_control_ids": None}])
async def test_nobody_named_means_everybody(office: Office, body: dict[str, Any]) -> None:
    conference_id, _ = await office.conference(3)
    for command, name, value in [
        ("mute", "muted", True),
        ("unmute", "muted", False),
        ("hold", "on_hold", True),
    ]:
        await office.post(f"/conferences/{conference_id}/actions/{command}", **body)
        assert await flags(office, conference_id, name) == [value] * 3
    assert refused(await office.post(f"/conferences/{conference_id}/actions/unhold", **body), 422, "10004")


async def test_only_the_named_are_muted_and_held_and_no_webhook_tells(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    before = await office.events()
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/mute", call_control_ids=[ccids[0]])
    await office.post(f"{path}/hold", call_control_ids=[ccids[1]], audio_url="http://example.com/a.mp3")
    people = await office.people(conference_id)
    assert [people[ccid]["muted"] for ccid in ccids] == [True, False]
    assert [people[ccid]["on_hold"] for ccid in ccids] == [False, True]
    await office.post(f"{path}/unmute", call_control_ids=[ccids[0]])
    await office.post(f"{path}/unhold", call_control_ids=[ccids[1]])
    assert not any(
        await flags(office, conference_id, "muted") + await flags(office, conference_id, "on_hold")
    )
    assert await office.events() == before


async def test_a_stranger_or_somebody_gone_is_refused_and_nobody_is_muted(office: Office) -> None:
    conference_id, ccids = await office.conference(3)
    path = f"/conferences/{conference_id}/actions/mute"
    await office.do(ccids[2], "hangup")
    for stranger, code in [("v3:nobody", "90015"), (ccids[2], "90018"), (await office.answered(), "90015")]:
        assert refused(await office.post(path, call_control_ids=[ccids[0], stranger]), 422, code)
    assert await flags(office, conference_id, "muted") == [False, False]


async def test_each_change_makes_a_new_version(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    before = (await office.truth())["conferences"][0]["version"]
    await office.post(f"/conferences/{conference_id}/actions/mute", call_control_ids=[ccids[0]])
    assert (await office.truth())["conferences"][0]["version"] > before


async def test_both_shapes_of_a_participant(office: Office) -> None:
    conference_id, _ = await office.conference(2, "Sales 1")
    listed = (await office.get(f"/conferences/{conference_id}/participants"))["data"][0]
    assert listed["conference"] == {"id": conference_id, "name": "Sales 1"}
    assert listed["record_type"] == "participant"
    assert "supervisor_role" not in listed
    alone = (await office.get(f"/conferences/{conference_id}/participants/{listed['id']}"))["data"]
    assert alone["conference_id"] == conference_id
    assert "conference" not in alone
    by_label = (await office.get(f"/conferences/{conference_id}/participants/{alone['label']}"))["data"]
    assert by_label == alone


async def test_the_list_can_be_filtered(office: Office) -> None:
    conference_id, ccids = await office.conference(3)
    path = f"/conferences/{conference_id}"
    await office.post(f"{path}/actions/mute", call_control_ids=[ccids[0]])
    await office.post(f"{path}/actions/hold", call_control_ids=[ccids[1]])
    whisper = {"supervisor_role": "whisper", "whisper_call_control_ids": [ccids[0]]}
    await office.post(f"{path}/actions/update", call_control_id=ccids[2], **whisper)
    for name, expected in [("muted", ccids[0]), ("on_hold", ccids[1]), ("whispering", ccids[2])]:
        found = (await office.get(f"{path}/participants", **{f"filter[{name}]": "true"}))["data"]
        assert [one["call_control_id"] for one in found] == [expected]
    assert refused(
        await office.api.get(f"/v2{path}/participants", params={"filter[muted]": "maybe"}), 422, "10032"
    )


async def test_who_hears_whom_by_role(office: Office) -> None:
    conference_id, (caller, agent, boss) = await office.conference(3)
    path = f"/conferences/{conference_id}/actions/update"
    for role, targets, caller_hears, agent_hears in [
        ("monitor", None, [agent], [caller]),
        ("whisper", [agent], [agent], [boss, caller]),
        ("whisper", [], [agent], [caller]),
        ("barge", None, [agent, boss], [boss, caller]),
        ("none", None, [agent, boss], [boss, caller]),
    ]:
        order = {"call_control_id": boss, "supervisor_role": role, "whisper_call_control_ids": targets}
        assert (await office.post(path, **order)).status_code == 200
        heard = await hears(office)
        assert sorted(heard[caller]) == sorted(caller_hears), role
        assert sorted(heard[agent]) == sorted(agent_hears), role
        assert sorted(heard[boss]) == sorted([caller, agent]), role


async def test_a_whisper_to_nobody_is_a_monitor(office: Office) -> None:
    conference_id, ccids = await office.conference(2)
    order = {"call_control_id": ccids[1], "supervisor_role": "whisper"}
    await office.post(f"/conferences/{conference_id}/actions/update", **order)
    assert (await office.people(conference_id))[ccids[1]]["supervisor_role"] == "monitor"


async def test_the_muted_are_not_heard_and_the_held_neither_hear_nor_are_heard(office: Office) -> None:
    conference_id, (one, two, three) = await office.conference(3)
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/mute", call_control_ids=[one])
    await office.post(f"{path}/hold", call_control_ids=[two])
    assert await hears(office) == {one: [three], two: [], three: []}


async def test_the_log_forgets_nothing_and_ends_in_silence(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    await office.post(f"/conferences/{conference_id}/actions/end")
    changes = (await office.api.get("/_simulator/hearing")).json()["changes"]
    story = [(change["call_control_id"], change["hears"]) for change in changes]
    assert sorted(story[:2]) == sorted([(one, [two]), (two, [one])])
    assert sorted(story[2:]) == sorted([(one, []), (two, [])])
    assert {change["conference_id"] for change in changes} == {conference_id}


async def test_who_may_take_the_floor(office: Office) -> None:
    conference_id, (one, two, three) = await office.conference(3)
    path = f"/conferences/{conference_id}/actions"
    await office.post(f"{path}/mute", call_control_ids=[one])
    await office.post(f"{path}/update", call_control_id=two, supervisor_role="monitor")
    for ccid in (one, two, three):
        await office.do(ccid, "talk")
    floor = await office.events("conference.floor.changed")
    assert [event["payload"]["call_control_id"] for event in floor] == [three]
