"""Webhooks: signed, tried again, doubled, lost, shuffled, and remembered."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx
import pytest
from nacl.signing import VerifyKey

from simulator import app
from simulator.clock import ManualClock
from simulator.webhooks import Mischief
from tests.simulator.office import CALLER, LINE, Office

Message = MutableMapping[str, Any]


def attempts(office: Office) -> list[int]:
    return [body["meta"]["attempt"] for body in office.mailbox.bodies]


async def deliveries(office: Office, **query: str) -> list[dict[str, Any]]:
    page = await office.get("/webhook_deliveries", **query)
    found: list[dict[str, Any]] = page["data"]
    return found


async def test_each_is_signed_over_its_time_and_its_very_bytes(office: Office) -> None:
    await office.call("Sales")
    await office.simulator.settle()
    key = VerifyKey(base64.b64decode(office.simulator.public_key))
    assert len(office.mailbox.received) == 3
    for headers, body in office.mailbox.received:
        signature = base64.b64decode(headers["telnyx-signature-ed25519"])
        key.verify(headers["telnyx-timestamp"].encode() + b"|" + body, signature)
        assert headers["telnyx-timestamp"] == str(int(office.clock.now()))
        assert headers["user-agent"] == "telnyx-webhooks"
        assert headers["content-type"] == "application/json"


async def test_the_wrapping(office: Office) -> None:
    await office.call()
    await office.simulator.settle()
    [body] = office.mailbox.bodies
    assert body["meta"] == {"attempt": 1, "delivered_to": "http://testserver/webhooks/telnyx"}
    assert body["data"]["record_type"] == "event"
    payload = body["data"]["payload"]
    assert (payload["from"], payload["to"], payload["direction"]) == (CALLER, LINE, "incoming")
    assert payload["client_state"] is None


async def test_the_key_is_the_same_for_the_same_seed_only() -> None:
    keys = [app.build(seed=seed).public_key for seed in (1, 1, 2, None, None)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


async def test_what_fails_is_tried_again_after_two_and_six_seconds(office: Office) -> None:
    office.mailbox.answers = [500, 429, 200]
    await office.call()
    await office.simulator.settle()
    assert attempts(office) == [1]
    await office.pass_time(1.9)
    assert attempts(office) == [1]
    await office.pass_time(0.2)
    assert attempts(office) == [1, 2]
    await office.pass_time(3.8)
    assert attempts(office) == [1, 2]
    await office.pass_time(0.2)
    assert attempts(office) == [1, 2, 3]
    times = [headers["telnyx-timestamp"] for headers, _ in office.mailbox.received]
    assert len(set(times)) == 3
    assert len({body["data"]["id"] for body in office.mailbox.bodies}) == 1
    [delivery] = await deliveries(office)
    assert delivery["status"] == "delivered"
    assert [one["status"] for one in delivery["attempts"]] == ["delivered", "failed", "failed"]


async def test_three_failures_are_the_end_of_it(office: Office) -> None:
    office.mailbox.always = 503
    await office.call()
    for _ in range(3):
        await office.pass_time(10)
    assert attempts(office) == [1, 2, 3]
    [delivery] = await deliveries(office, **{"filter[status][eq]": "failed"})
    assert delivery["webhook"]["event_type"] == "call.initiated"
    assert delivery["webhook"]["id"] == office.mailbox.bodies[0]["data"]["id"]
    assert delivery["webhook"]["payload"]["from"] == CALLER


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 302])
async def test_a_refusal_is_not_tried_again(office: Office, status: int) -> None:
    office.mailbox.always = status
    await office.call()
    await office.pass_time(10)
    assert attempts(office) == [1]
    assert (await deliveries(office))[0]["status"] == "failed"


async def test_who_cannot_be_reached_or_does_not_answer_in_time_is_tried_again() -> None:
    tried: list[str] = []

    async def refuse_then_hang(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        tried.append(scope["path"])
        if len(tried) == 1:
            raise httpx.ConnectError("Connection refused")
        await asyncio.Event().wait()

    clock = ManualClock()
    transport = httpx.ASGITransport(app=refuse_then_hang)
    simulator = app.build(webhook_transport=transport, clock=clock, webhook_timeout=0.01)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=simulator), base_url="http://simulator")
    await client.post("/_simulator/calls", json={"from": CALLER, "to": LINE})
    for _ in range(3):
        await simulator.settle()
        clock.advance(5)
    assert len(tried) == 3
    state = (await client.get("/_simulator/traffic")).json()
    assert state["deliveries_waiting"] == 0


async def test_duplicates_have_the_same_event_id() -> None:
    office = Office(mischief=Mischief(duplicate=1.0))
    await office.call()
    await office.pass_time(3)
    first, second = office.mailbox.bodies
    assert first["data"] == second["data"]
    assert len(await deliveries(office)) == 2


async def test_a_lost_event_never_arrives_but_is_listed_as_failed() -> None:
    office = Office(mischief=Mischief(drop=1.0))
    await office.call()
    await office.pass_time(30)
    assert office.mailbox.received == []
    [delivery] = await deliveries(office, **{"filter[status][eq]": "failed"})
    assert delivery["webhook"]["event_type"] == "call.initiated"


async def test_shuffled_events_come_in_another_order_and_all_of_them() -> None:
    office = Office(mischief=Mischief(shuffle=5.0))
    for _ in range(6):
        await office.call("Sales")
    waiting = (await office.api.get("/_simulator/traffic")).json()["deliveries_waiting"]
    assert waiting == 18
    await office.pass_time(6)
    times = [event["occurred_at"] for event in await office.events()]
    assert len(times) == 18
    assert times != sorted(times)


async def test_the_list_of_deliveries_can_be_filtered(office: Office) -> None:
    await office.call("Sales")
    await office.pass_time(60)
    await office.call("Billing")
    await office.simulator.settle()
    enqueued = await deliveries(office, **{"filter[event_type]": "call.enqueued"})
    assert [one["webhook"]["payload"]["queue"] for one in enqueued] == ["Billing", "Sales"]
    both = await deliveries(office, **{"filter[event_type]": "call.enqueued,call.answered"})
    assert len(both) == 4
    newest = await deliveries(office, **{"filter[started_at][gte]": enqueued[0]["started_at"]})
    assert len(newest) == 3
    oldest = await deliveries(office, **{"filter[started_at][lte]": enqueued[1]["started_at"]})
    assert len(oldest) == 3
    one = (await office.get(f"/webhook_deliveries/{enqueued[0]['id']}"))["data"]
    assert one == enqueued[0]


async def test_no_two_events_have_the_same_time(office: Office) -> None:
    conference_id, _ = await office.conference(3)
    await office.post(f"/conferences/{conference_id}/actions/end")
    events = await office.events()
    times = [event.get("occurred_at") or event["payload"]["occurred_at"] for event in events]
    assert len(set(times)) == len(times)
    assert all(len(time) == len("2018-02-02T22:25:27.521992Z") for time in times)
