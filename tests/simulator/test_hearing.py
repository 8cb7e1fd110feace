"""The audible truth: the log of who hears whom agrees, at every moment, with what Telnyx's rules say."""

import random
from collections import defaultdict
from typing import Any

import pytest

from tests.simulator.office import PHONE, Office

ROLES = ("none", "barge", "monitor", "whisper")
Hearing = dict[str, set[str]]


async def logged(office: Office) -> dict[str | None, Hearing]:
    """Whom everybody hears now, by the log from its start; who hears nobody is left out."""
    told = (await office.api.get("/_simulator/hearing")).json()
    assert told["forgotten"] == 0
    heard: dict[str | None, Hearing] = defaultdict(dict)
    for change in told["changes"]:
        heard[change["conference_id"]][change["call_control_id"]] = set(change["hears"])
    return {
        place: audible
        for place, them in heard.items()
        if (audible := {ccid: whom for ccid, whom in them.items() if whom})
    }


async def expected(office: Office) -> dict[str | None, Hearing]:
    """The same by the participants as the API shows them, and the roles as they were ordered."""
    rooms: dict[str | None, Hearing] = {}
    for conference in (await office.truth())["conferences"]:
        roles = {one["call_control_id"]: one["supervisor_role"] for one in conference["participants"]}
        shown = (await office.get(f"/conferences/{conference['id']}/participants"))["data"]
        people = {one["call_control_id"]: one for one in shown}
        heard = {
            listener: {speaker for speaker in people if reaches(people, roles, speaker, listener)}
            for listener in people
        }
        audible = {listener: whom for listener, whom in heard.items() if whom}
        if audible:
            rooms[conference["id"]] = audible
    return rooms


def reaches(people: dict[str, Any], roles: dict[str, str], speaker: str, listener: str) -> bool:
    talks = not people[speaker]["muted"] and not people[speaker]["on_hold"] and roles[speaker] != "monitor"
    whispers = people[speaker]["whisper_call_control_ids"]
    to_this_one = roles[speaker] != "whisper" or listener in whispers
    return speaker != listener and talks and to_this_one and not people[listener]["on_hold"]


async def anything(office: Office, dice: random.Random, conference_id: str, ccids: list[str]) -> None:
    """One command that may change who hears whom; refusals are as welcome as successes."""
    path, ccid = f"/conferences/{conference_id}/actions", dice.choice(ccids)
    some = dice.sample(ccids, dice.randrange(1, 3))
    role = {"supervisor_role": dice.choice(ROLES), "whisper_call_control_ids": dice.choice([some, [], None])}
    commands: list[tuple[str, dict[str, Any]]] = [
        ("mute", {"call_control_ids": some}),
        ("unmute", {"call_control_ids": some}),
        ("hold", {"call_control_ids": some}),
        ("unhold", {"call_control_ids": some}),
        ("update", {"call_control_id": ccid} | role),
        ("leave", {"call_control_id": ccid}),
        ("join", {"call_control_id": ccid, "mute": dice.random() < 0.3} | role),
    ]
    command, body = dice.choice(commands)
    response = await office.post(f"{path}/{command}", **body)
    assert response.status_code in (200, 422), response.text


@pytest.mark.parametrize("seed", range(5))
async def test_the_log_agrees_with_the_rules_after_every_command(seed: int) -> None:
    office, dice = Office(), random.Random(seed)
    conference_id, ccids = await office.conference(4)
    ccids.append(await office.answered())
    # Somebody who always stays, so that the conference does.
    guard = await office.answered()
    await office.post(f"/conferences/{conference_id}/actions/join", call_control_id=guard)
    changed = 0
    for _ in range(60):
        await anything(office, dice, conference_id, ccids)
        now = await expected(office)
        assert await logged(office) == now
        changed += bool(now)
    assert changed > 10


async def test_the_wait_for_the_start_is_silent(office: Office) -> None:
    creator, other = await office.answered(), await office.answered()
    order = {"call_control_id": creator, "name": "Later", "start_conference_on_create": False}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    assert await logged(office) == {}
    path = f"/conferences/{conference_id}/actions/join"
    await office.post(path, call_control_id=other, start_conference_on_enter=True)
    assert await logged(office) == {conference_id: {creator: {other}, other: {creator}}}


async def test_a_conference_that_runs_out_of_time_ends_in_silence(office: Office) -> None:
    first, second = await office.answered(), await office.answered()
    order = {"call_control_id": first, "name": "Short", "duration_minutes": 1}
    conference_id = (await office.post("/conferences", **order)).json()["data"]["id"]
    await office.post(f"/conferences/{conference_id}/actions/join", call_control_id=second)
    assert await logged(office) != {}
    await office.pass_time(61)
    assert await logged(office) == {}


async def test_who_goes_from_a_conference_to_a_bridge_is_heard_there_alone(office: Office) -> None:
    conference_id, (caller, agent, third) = await office.conference(3)
    boss = await office.dial(PHONE, supervise_call_control_id=agent, supervisor_role="whisper")
    await office.pass_time(3)
    await office.post(f"/calls/{agent}/actions/bridge", call_control_id=caller)
    bridged = {caller: {agent}, agent: {caller, boss}, boss: {caller, agent}}
    assert await logged(office) == {None: bridged}
    await office.post(f"/conferences/{conference_id}/actions/join", call_control_id=caller)
    assert await logged(office) == {conference_id: {caller: {third}, third: {caller}}}


async def test_every_change_has_its_time_in_order(office: Office) -> None:
    conference_id, (one, two) = await office.conference(2)
    for command in ("mute", "unmute"):
        await office.pass_time(5)
        await office.post(f"/conferences/{conference_id}/actions/{command}", call_control_ids=[one])
    changes = (await office.api.get("/_simulator/hearing")).json()["changes"]
    mine = [(change["at"], change["hears"]) for change in changes if change["call_control_id"] == two]
    assert [hears for _, hears in mine] == [[one], [], [one]]
    assert [at for at, _ in mine] == sorted({at for at, _ in mine})
