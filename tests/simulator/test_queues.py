"""Queues: places, sizes, waits, and the ways out."""

from tests.simulator.office import EMPTY_QUEUE_SECONDS, Office, refused


async def waiting(office: Office, queue: str) -> list[str]:
    page = await office.get(f"/queues/{queue}/calls")
    return [call["call_control_id"] for call in page["data"]]


async def test_the_first_caller_makes_the_queue_and_the_last_stands_last(office: Office) -> None:
    first, second = await office.call("Sales"), await office.call("Sales")
    assert await waiting(office, "Sales") == [first, second]
    queue = (await office.get("/queues/Sales"))["data"]
    assert (queue["max_size"], queue["current_size"]) == (100, 2)
    payloads = [event["payload"] for event in await office.events("call.enqueued")]
    assert [(one["queue"], one["current_position"]) for one in payloads] == [("Sales", 1), ("Sales", 2)]


async def test_the_truth_has_the_time_that_the_webhook_had(office: Office) -> None:
    ccid = await office.call("Sales")
    [event] = await office.events("call.enqueued")
    [queue] = (await office.truth())["queues"]
    assert queue["waiting"] == [{"call_control_id": ccid, "position": 1, "enqueued_at": event["occurred_at"]}]


async def test_a_queue_made_by_command_is_larger_and_can_be_resized(office: Office) -> None:
    created = (await office.post("/queues", queue_name="Sales")).json()["data"]
    assert created["max_size"] == 300
    resized = await office.post("/queues/Sales", max_size=5)
    assert resized.json()["data"]["max_size"] == 5
    assert (await office.get("/queues/Sales"))["data"]["id"] == created["id"]


async def test_refusals_of_enqueue(office: Office) -> None:
    await office.post("/queues", queue_name="Sales", max_size=1)
    ccid = await office.call("Sales")
    other = await office.answered()
    path = f"/calls/{other}/actions/enqueue"
    assert refused(await office.post(f"/calls/{ccid}/actions/enqueue", queue_name="Sales"), 422, "90038")
    assert refused(await office.post(path, queue_name="Sales"), 422, "90036")
    assert refused(await office.post(path, queue_name="Sales", max_size=2), 422, "90037")
    assert refused(await office.post(path), 422, "10004")
    assert refused(await office.post(path, queue_name="Sales", client_state="not base64"), 422, "90017")
    assert refused(await office.post("/calls/v3:no/actions/enqueue", queue_name="Sales"), 422, "90015")
    await office.do(other, "hangup")
    assert refused(await office.post(path, queue_name="Sales"), 422, "90018")


async def test_leaving_tells_the_place_and_the_wait(office: Office) -> None:
    await office.call("Sales")
    ccid = await office.call("Sales")
    await office.pass_time(12)
    assert (await office.post(f"/calls/{ccid}/actions/leave_queue")).status_code == 200
    payload = await office.payload("call.dequeued")
    assert (payload["reason"], payload["queue_position"], payload["wait_time_secs"]) == ("leave", 2, 12)
    assert refused(await office.post(f"/calls/{ccid}/actions/leave_queue"), 422, "90035")


async def test_the_longest_wait_ends_it_and_leaves_the_call_parked(office: Office) -> None:
    ccid = await office.answered()
    await office.post(f"/calls/{ccid}/actions/enqueue", queue_name="Sales", max_wait_time_secs=30)
    await office.pass_time(29)
    assert await waiting(office, "Sales") == [ccid]
    await office.pass_time(2)
    assert (await office.payload("call.dequeued"))["reason"] == "timeout"
    assert (await office.get(f"/calls/{ccid}"))["data"]["is_alive"] is True


async def test_a_caller_moved_to_another_queue_leaves_the_first(office: Office) -> None:
    ccid = await office.call("Sales")
    await office.post(f"/calls/{ccid}/actions/enqueue", queue_name="Billing")
    assert await waiting(office, "Sales") == []
    assert await waiting(office, "Billing") == [ccid]
    assert (await office.payload("call.dequeued"))["reason"] == "leave"


async def test_a_caller_who_hangs_up_is_gone_unless_kept(office: Office) -> None:
    gone, kept = await office.call("Sales"), await office.call("Sales")
    answer = await office.api.patch(f"/v2/queues/Sales/calls/{kept}", json={"keep_after_hangup": True})
    assert (answer.status_code, answer.content) == (204, b"")
    await office.do(gone, "hangup")
    await office.do(kept, "hangup")
    call = (await office.get(f"/queues/Sales/calls/{kept}"))["data"]
    assert (call["is_alive"], call["queue_position"]) == (False, 1)
    assert (await office.payload("call.dequeued"))["call_control_id"] == gone
    removed = await office.api.delete(f"/v2/queues/Sales/calls/{kept}")
    assert (removed.status_code, await waiting(office, "Sales")) == (204, [])


async def test_a_live_caller_is_not_removed_like_a_dead_one(office: Office) -> None:
    ccid = await office.call("Sales")
    assert refused(await office.api.delete(f"/v2/queues/Sales/calls/{ccid}"), 404, "10007")
    assert await waiting(office, "Sales") == [ccid]


async def test_only_an_empty_queue_can_be_deleted(office: Office) -> None:
    ccid = await office.call("Sales")
    assert refused(await office.api.delete("/v2/queues/Sales"), 400, "90050")
    await office.do(ccid, "hangup")
    assert (await office.api.delete("/v2/queues/Sales")).status_code == 204
    assert refused(await office.api.delete("/v2/queues/Sales"), 404, "10007")


async def test_an_empty_queue_is_forgotten_after_a_while_and_comes_back_as_another(office: Office) -> None:
    ccid = await office.call("Sales")
    first = (await office.get("/queues/Sales"))["data"]["id"]
    await office.pass_time(EMPTY_QUEUE_SECONDS + 1)
    assert (await office.get("/queues/Sales"))["data"]["id"] == first
    await office.do(ccid, "hangup")
    await office.pass_time(EMPTY_QUEUE_SECONDS + 1)
    assert refused(await office.api.get("/v2/queues/Sales"), 404, "10007")
    await office.call("Sales")
    assert (await office.get("/queues/Sales"))["data"]["id"] != first


async def test_the_average_wait_is_of_those_who_wait_now(office: Office) -> None:
    await office.call("Sales")
    await office.pass_time(10)
    await office.call("Sales")
    await office.pass_time(10)
    assert (await office.get("/queues/Sales"))["data"]["average_wait_time_secs"] == 15


async def test_a_queue_with_a_slash_in_its_name(office: Office) -> None:
    await office.post("/queues", queue_name="Sales/Süd 1")
    found = await office.get("/queues/Sales%2FS%C3%BCd%201")
    assert found["data"]["name"] == "Sales/Süd 1"
