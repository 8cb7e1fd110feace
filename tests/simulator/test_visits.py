"""What the simulator remembers of queues: every wait, and what the day came to."""

from tests.simulator.office import Office


async def visits(office: Office) -> list[tuple[str, str, int | None]]:
    found = (await office.api.get("/_simulator/visits")).json()["visits"]
    return [(one["queue"], one["reason"], one["wait_time_secs"]) for one in found]


async def test_each_wait_is_remembered_as_it_was_announced(office: Office) -> None:
    first = await office.call("Sales")
    await office.pass_time(30)
    await office.post("/conferences", name="Sales 1", call_control_id=first)
    second = await office.call("Sales")
    await office.pass_time(4)
    await office.do(second, "hangup")
    await office.call("Sales")
    assert await visits(office) == [("Sales", "bridged", 30), ("Sales", "hangup", 4), ("Sales", "", None)]
    left = [event["occurred_at"] for event in await office.events("call.dequeued")]
    told = (await office.api.get("/_simulator/visits")).json()["visits"]
    assert [one["left_at"] for one in told] == [*left, None]


async def test_the_day_comes_to_these_figures(office: Office) -> None:
    first, second = await office.call("Sales"), await office.call("Sales")
    await office.pass_time(30)
    await office.post("/conferences", name="Sales 1", call_control_id=first)
    await office.do(second, "hangup")
    (day,) = (await office.api.get("/_simulator/truth?figures=1&within=20")).json()["figures"]
    assert (day["offered"], day["answered"], day["answered_in_time"], day["abandoned"]) == (2, 1, 0, 1)
    assert (day["answer_seconds"], day["abandon_seconds"]) == (30, 30)
    (day,) = (await office.api.get("/_simulator/truth?figures=1&within=30&short=31")).json()["figures"]
    assert (day["offered"], day["answered_in_time"], day["abandoned"]) == (1, 1, 0)
    assert "figures" not in await office.truth()


async def test_a_kept_place_that_is_taken_away_was_given_up(office: Office) -> None:
    leg = await office.call()
    await office.post(f"/calls/{leg}/actions/answer")
    await office.post(f"/calls/{leg}/actions/enqueue", queue_name="Sales", keep_after_hangup=True)
    await office.do(leg, "hangup")
    assert await visits(office) == [("Sales", "", None)]
    await office.api.delete(f"/v2/queues/Sales/calls/{leg}")
    assert [reason for _, reason, _ in await visits(office)] == ["hangup"]
