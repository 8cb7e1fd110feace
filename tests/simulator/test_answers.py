"""The simulator's manners: keys, errors, pages, headers, and commands sent twice."""

import pytest

from tests.simulator.office import CONNECTION, LINE, PHONE, Office, refused


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic abc", "Bearer"])
async def test_no_key_is_refused(office: Office, authorization: str | None) -> None:
    async with office.client(authorization) as stranger:
        assert refused(await stranger.get("/v2/queues"), 401, "10009")
        assert refused(await stranger.get("/v2/recordings"), 401, "401")


async def test_a_wrong_key_is_refused_when_one_was_set() -> None:
    office = Office(api_key="THE KEY")
    async with office.client("Bearer another") as stranger:
        assert refused(await stranger.get("/v2/queues"), 401, "10009")
    async with office.client("Bearer THE KEY") as friend:
        assert (await friend.get("/v2/queues")).status_code == 200


async def test_what_does_not_exist(office: Office) -> None:
    assert refused(await office.api.get("/v2/nothing"), 404, "10007")
    assert refused(await office.api.put("/v2/queues"), 404, "10007")
    assert refused(await office.api.get("/v2/queues/nobody"), 404, "10007")
    assert refused(await office.api.get("/v2/calls/v3:nobody"), 404, "10007")
    assert refused(await office.api.get("/v2/conferences/nobody"), 404, "90058")
    assert refused(await office.api.get("/v2/recordings/nobody"), 404, "404")


@pytest.mark.parametrize(("body", "code"), [(b"{", "10015"), (b"[]", "10015"), (b'{"a": "\xff"}', "10028")])
async def test_a_body_that_cannot_be_read(office: Office, body: bytes, code: str) -> None:
    assert refused(await office.api.post("/v2/queues", content=body), 400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "10004"),
        ({"queue_name": ""}, "10004"),
        ({"queue_name": 5}, "10015"),
        ({"queue_name": "a" * 256}, "10033"),
        ({"queue_name": "a", "max_size": 0}, "10033"),
        ({"queue_name": "a", "max_size": True}, "10015"),
    ],
)
async def test_a_body_that_breaks_the_contract(office: Office, body: dict[str, object], code: str) -> None:
    assert refused(await office.api.post("/v2/queues", json=body), 422, code)


async def test_every_answer_tells_the_rate_and_the_time(office: Office) -> None:
    first = await office.api.get("/v2/queues")
    second = await office.api.get("/v2/queues/nobody")
    assert second.headers["date"].endswith("GMT")
    assert int(first.headers["x-ratelimit-remaining"]) - 1 == int(second.headers["x-ratelimit-remaining"])
    assert 0 < int(first.headers["x-ratelimit-reset"]) <= 60


async def test_too_many_requests_in_a_minute() -> None:
    office = Office(requests_a_minute=2)
    for _ in range(2):
        assert (await office.api.get("/v2/queues")).status_code == 200
    refusal = await office.api.get("/v2/queues")
    assert refused(refusal, 429, "10011")
    assert refusal.headers["x-ratelimit-remaining"] == "0"
    await office.pass_time(61)
    assert (await office.api.get("/v2/queues")).status_code == 200


async def test_an_account_may_be_given_another_limit(office: Office) -> None:
    await office.api.get("/v2/queues")
    assert (await office.api.post("/_simulator/limit", json={"requests_a_minute": 1})).is_success
    assert (await office.api.get("/v2/queues")).headers["x-ratelimit-remaining"] == "0"
    assert refused(await office.api.get("/v2/queues"), 429, "10011")
    await office.api.post("/_simulator/limit", json={"requests_a_minute": 9})
    assert (await office.api.get("/v2/queues")).headers["x-ratelimit-remaining"] == "8"


async def test_lists_come_in_pages(office: Office) -> None:
    for index in range(5):
        await office.post("/queues", queue_name=f"queue {index}")
    page = await office.get("/queues", **{"page[number]": 2, "page[size]": 2})
    assert [queue["name"] for queue in page["data"]] == ["queue 2", "queue 3"]
    assert page["meta"] == {"page_number": 2, "page_size": 2, "total_pages": 3, "total_results": 5}
    for wrong in ({"page[size]": 251}, {"page[number]": 0}, {"page[size]": "x"}, {"page[limit]": 0}):
        assert refused(await office.api.get("/v2/queues", params=wrong), 422, "10033")


async def test_live_calls_come_in_pages_by_cursor(office: Office) -> None:
    ccids = [await office.call() for _ in range(3)]
    path = f"/connections/{CONNECTION}/active_calls"
    first = await office.get(path, **{"page[limit]": 2})
    assert [call["call_control_id"] for call in first["data"]] == ccids[:2]
    assert first["meta"]["total_items"] == 3
    await office.do(ccids[1], "hangup")
    rest = await office.get(path, **{"page[after]": first["meta"]["cursors"]["after"]})
    assert [call["call_control_id"] for call in rest["data"]] == ccids[2:]
    assert "next" not in rest["meta"]
    assert first["meta"]["next"].endswith(first["meta"]["cursors"]["after"])
    back = await office.get(path, **{"page[before]": rest["meta"]["cursors"]["before"]})
    assert [call["call_control_id"] for call in back["data"]] == ccids[:1]


async def test_a_command_sent_twice_within_a_minute_runs_once(office: Office) -> None:
    order = {"connection_id": CONNECTION, "from": LINE, "to": PHONE, "command_id": "one"}
    first = await office.api.post("/v2/calls", json=order)
    second = await office.api.post("/v2/calls", json=order)
    assert first.json() == second.json()
    await office.pass_time(61)
    third = await office.api.post("/v2/calls", json=order)
    assert third.json() != first.json()
    assert len(await office.events("call.initiated")) == 2


async def test_a_command_id_is_another_one_for_another_call(office: Office) -> None:
    one, other = await office.answered(), await office.answered()
    for ccid in (one, other):
        await office.post(f"/calls/{ccid}/actions/hangup", command_id="same")
    assert len(await office.events("call.hangup")) == 2


async def test_a_refused_command_may_be_sent_again(office: Office) -> None:
    ccid = await office.call()
    order = {"queue_name": "Sales", "command_id": "again"}
    assert refused(await office.api.post(f"/v2/calls/{ccid}/actions/enqueue", json=order), 422, "90034")
    await office.post(f"/calls/{ccid}/actions/answer")
    assert (await office.api.post(f"/v2/calls/{ccid}/actions/enqueue", json=order)).status_code == 200
    assert len(await office.events("call.enqueued")) == 1


async def test_the_application_is_set_up_for_webhooks_of_version_2(office: Office) -> None:
    application = (await office.get(f"/call_control_applications/{CONNECTION}"))["data"]
    assert application["webhook_api_version"] == "2"
    assert application["webhook_event_url"] == "http://testserver/webhooks/telnyx"
    assert (await office.get("/call_control_applications"))["data"] == [application]
    assert refused(await office.api.get("/v2/call_control_applications/1"), 404, "10007")


async def test_the_log_of_requests_can_be_searched_and_cleared(office: Office) -> None:
    await office.post("/queues", queue_name="Sales")
    await office.get("/queues")
    found = (await office.api.get("/_simulator/requests", params={"method": "POST"})).json()["requests"]
    assert [(one["path"], one["body"], one["status"]) for one in found] == [
        ("/v2/queues", {"queue_name": "Sales"}, 200)
    ]
    await office.api.delete("/_simulator/requests")
    assert (await office.api.get("/_simulator/requests")).json() == {"requests": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter[product]": "pigeon"}, "10032"),
        ({"filter[type]": "rumour"}, "10032"),
        ({"filter[failed]": "maybe"}, "10032"),
        ({"filter[leg_id]": "1"}, "10015"),
    ],
)
async def test_filters_that_break_the_contract(office: Office, query: dict[str, str], code: str) -> None:
    refusal = await office.api.get("/v2/conferences", params=query)
    assert refused(refusal, 422, code)
    assert refusal.json()["errors"][0]["source"] == {"parameter": next(iter(query))}
