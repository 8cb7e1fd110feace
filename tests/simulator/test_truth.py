"""What the webhooks tell, folded in the order of their times, is the truth, amid commands of all kinds."""

import random
from collections import defaultdict
from typing import Any

import pytest

from tests.simulator.office import Office


async def anything(office: Office, dice: random.Random) -> None:
    """One command of any kind to anybody; refusals are as welcome as successes."""
    world = office.simulator.world
    live = [leg.call_control_id for leg in world.legs.values() if not leg.ended]
    conference = dice.choice([one for one in world.conferences.values() if one.live])
    leg, member = dice.choice(live), dice.choice(list(conference.participants))
    path = f"/conferences/{conference.id}/actions"
    queue = {"queue_name": dice.choice(["Sales", "Parking"])}
    commands: list[tuple[str, dict[str, Any]]] = [
        (f"{path}/hold", {}),
        (f"{path}/leave", {"call_control_id": member}),
        (f"{path}/join", {"call_control_id": leg}),
        (f"{path}/play", {"audio_url": "https://media.example.com/a.mp3"}),
        (f"{path}/record_start", {"format": "mp3"}),
        (f"{path}/end", {}),
        (f"/calls/{leg}/actions/hangup", {}),
        (f"/calls/{leg}/actions/enqueue", queue),
        (f"/calls/{leg}/actions/leave_queue", {}),
        (f"/calls/{leg}/actions/bridge", {"queue": "Sales"}),
        ("/conferences", {"call_control_id": leg, "name": f"Conference {dice.random()}"}),
    ]
    command, body = dice.choice(commands)
    response = await office.post(command, **body)
    assert response.status_code in (200, 404, 422), response.text


def bridged(events: list[dict[str, Any]]) -> set[frozenset[str]]:
    """Who is bridged with whom, by the events alone: each bridge is told twice, the one after the other."""
    there: set[frozenset[str]] = set()
    first = ""
    for event in events:
        kind, leg = event["event_type"], event["payload"].get("call_control_id")
        if kind == "call.bridged" and first:
            there.add(frozenset({first, leg}))
            first = ""
        elif kind in ("call.bridged", "call.hangup", "call.enqueued", "conference.participant.joined"):
            there = {pair for pair in there if leg not in pair}
            first = leg if kind == "call.bridged" else first
    return there


def folded(events: list[dict[str, Any]]) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """Who is in each live conference, and who waits in each queue, by the events alone."""
    conferences: dict[str, set[str]] = {}
    queues: dict[str, list[str]] = defaultdict(list)
    for event in events:
        kind, payload = event["event_type"], event["payload"]
        if kind == "conference.created":
            conferences[payload["conference_id"]] = set()
        elif kind == "conference.participant.joined":
            conferences[payload["conference_id"]].add(payload["call_control_id"])
        elif kind == "conference.participant.left":
            conferences[payload["conference_id"]].remove(payload["call_control_id"])
        elif kind == "conference.ended":
            assert conferences.pop(payload["conference_id"]) == set()
        elif kind == "call.enqueued":
            queues[payload["queue"]].append(payload["call_control_id"])
        elif kind == "call.dequeued":
            queues[payload["queue"]].remove(payload["call_control_id"])
    return conferences, {name: waiting for name, waiting in queues.items() if waiting}


def time_of(event: dict[str, Any]) -> str:
    time: str = event.get("occurred_at") or event["payload"].get("occurred_at") or ""
    return time


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_events_tell_the_truth(seed: int) -> None:
    office, dice = Office(seed=seed), random.Random(seed)
    office.simulator.traffic.start()
    await office.pass_time(10)
    for _ in range(60):
        await anything(office, dice)
        await office.pass_time(dice.uniform(0, 0.7))
    await office.api.post("/_simulator/traffic", json={"running": False})
    truth = await office.truth()
    events = sorted(await office.events(), key=time_of)
    conferences, queues = folded(events)
    assert conferences
    pairs = [{leg["call_control_id"] for leg in call["legs"]} for call in truth["bridged_calls"]]
    assert bridged(events) == {frozenset(pair) for pair in pairs}
    assert conferences == {
        one["id"]: {person["call_control_id"] for person in one["participants"]}
        for one in truth["conferences"]
    }
    assert queues == {
        queue["name"]: [place["call_control_id"] for place in queue["waiting"]]
        for queue in truth["queues"]
        if queue["waiting"]
    }
