"""The script of a morning: the same for the same seed, alive, frozen, and out of the way of commands."""

from typing import Any

from tests.simulator.office import Office


async def run(office: Office, seconds: float) -> dict[str, Any]:
    """The true state after so long; a second at a time, so that webhooks come as they would."""
    for _ in range(int(seconds)):
        await office.pass_time(1)
    return await office.truth()


def waiting(truth: dict[str, Any]) -> int:
    return sum(len(queue["waiting"]) for queue in truth["queues"])


async def schedule(office: Office, seconds: int) -> list[tuple[str, str | None]]:
    office.simulator.traffic.start()
    await run(office, seconds)
    events = await office.events()
    return [(event["event_type"], event["payload"].get("from")) for event in events]


async def test_the_same_seed_gives_the_same_morning() -> None:
    first, second, other = [await schedule(Office(seed=seed), 25) for seed in (1, 1, 2)]
    assert first == second
    assert first != other


async def test_ten_seconds_after_the_start_the_floor_is_full() -> None:
    office = Office()
    office.simulator.traffic.start()
    truth = await run(office, 10)
    assert 8 <= len(truth["conferences"]) <= 12
    assert all(len(conference["participants"]) == 2 for conference in truth["conferences"])
    assert 6 <= waiting(truth) <= 10
    assert len(truth["queues"]) == 6


async def test_the_floor_stays_busy_and_everything_happens() -> None:
    office = Office()
    office.simulator.traffic.start()
    sizes = []
    for _ in range(6):
        await office.pass_time(60)
        sizes.append(len((await office.truth())["conferences"]))
    assert all(6 <= size <= 20 for size in sizes), sizes
    kinds = {event["event_type"] for event in await office.events()}
    assert kinds >= {
        "conference.floor.changed",
        "conference.playback.started",
        "conference.playback.ended",
        "conference.ended",
        "call.hangup",
    }
    reasons = {event["payload"]["reason"] for event in await office.events("call.dequeued")}
    assert reasons >= {"bridged", "hangup"}


async def test_frozen_everybody_stays_where_they_are_and_goes_on_afterwards() -> None:
    office = Office()
    office.simulator.traffic.start()
    await run(office, 30)
    answer = await office.api.post("/_simulator/traffic", json={"running": False})
    assert answer.json()["running"] is False
    before, count = await office.truth(), len(await office.events())
    await office.pass_time(600)
    assert await office.truth() == before
    assert len(await office.events()) <= count + 5
    await office.api.post("/_simulator/traffic", json={"running": True})
    await run(office, 60)
    assert await office.truth() != before


async def test_commands_work_while_it_is_frozen() -> None:
    office = Office()
    await office.api.post("/_simulator/traffic", json={"running": False})
    await office.call("Sales")
    assert len(await office.events("call.enqueued")) == 1


async def test_it_can_go_on_without_the_script() -> None:
    office = Office()
    for running in (False, True):
        order = {"running": running, "script": False}
        state = (await office.api.post("/_simulator/traffic", json=order)).json()
        assert state == {"running": running, "script": False, "deliveries_waiting": 0}
    await office.pass_time(60)
    assert await office.events() == []


async def test_what_a_command_touched_stays_until_commanded() -> None:
    office = Office()
    office.simulator.traffic.start()
    truth = await run(office, 10)
    touched = truth["conferences"][0]
    ccids = [one["call_control_id"] for one in touched["participants"]]
    waiting_queue = next(queue for queue in truth["queues"] if queue["waiting"])
    caller = waiting_queue["waiting"][0]["call_control_id"]
    await office.post(f"/conferences/{touched['id']}/actions/mute", call_control_ids=ccids[:1])
    await office.post(f"/calls/{caller}/actions/enqueue", queue_name="Parking")
    seen = len(await office.events())
    await office.pass_time(300)
    assert set(await office.people(touched["id"])) == set(ccids)
    later = (await office.events())[seen:]
    mine = {event["event_type"] for event in later if event["payload"].get("conference_id") == touched["id"]}
    # An announcement that was playing already ends in its own time.
    assert mine <= {"conference.playback.ended"}
    parking = next(queue for queue in (await office.truth())["queues"] if queue["name"] == "Parking")
    assert [place["call_control_id"] for place in parking["waiting"]] == [caller]
    await office.post(f"/conferences/{touched['id']}/actions/end")
    assert await office.people(touched["id"]) == {}


async def test_the_cast() -> None:
    office = Office()
    agents = (await office.api.get("/_simulator/agents")).json()["agents"]
    assert len(agents) == 18
    priya = agents[0]
    assert (priya["name"], priya["sip_address"]) == ("Priya Nair", "sip:priya.nair@sip.telnyx.com")
    assert priya["number"].startswith("+131255501")
    assert len({agent["number"] for agent in agents}) == 18
    assert agents[-1]["title"] == "Specialist"


async def test_the_scripts_callers_key_digits_when_asked() -> None:
    office = Office()
    office.simulator.traffic.start()
    truth = await run(office, 10)
    conference = truth["conferences"][0]
    legs = office.simulator.world.legs
    ccids = [one["call_control_id"] for one in conference["participants"]]
    caller = next(ccid for ccid in ccids if legs[ccid].direction == "incoming")
    order = {"call_control_id": caller, "media_name": "prompt", "maximum_digits": 4}
    await office.post(f"/conferences/{conference['id']}/actions/gather_using_audio", **order)
    await office.pass_time(5)
    payload = await office.payload("call.gather.ended")
    assert (len(payload["digits"]), payload["status"]) == (4, "valid")


async def test_some_conversations_need_no_conference() -> None:
    office = Office()
    office.simulator.traffic.start()
    await run(office, 12)
    bridged = await office.events("call.bridged")
    assert len({event["payload"]["call_session_id"] for event in bridged}) == len(bridged) / 2 >= 1
    legs = {event["payload"]["call_control_id"] for event in bridged}
    await office.pass_time(900)
    assert legs <= {event["payload"]["call_control_id"] for event in await office.events("call.hangup")}
