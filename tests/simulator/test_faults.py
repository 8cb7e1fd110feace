"""Faults on request: before and after they take effect, for some requests, so many times."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.simulator.office import Office, refused


async def plan(office: Office, answer: str | int, **more: Any) -> None:
    planned = await office.api.post("/_simulator/faults", json={"answer": answer} | more)
    assert planned.status_code == 204, planned.text


@pytest.mark.parametrize(
    ("answer", "code"), [(500, "10007"), (503, "10007"), (401, "10009"), (403, "403"), (429, "10011")]
)
async def test_an_error_instead_changes_nothing(office: Office, answer: int, code: str) -> None:
    await plan(office, answer, count=1)
    assert refused(await office.post("/queues", queue_name="Sales"), answer, code)
    assert (await office.truth())["queues"] == []
    assert (await office.post("/queues", queue_name="Sales")).status_code == 200


async def test_a_429_tells_when_to_come_back(office: Office) -> None:
    await plan(office, 429, reset=7)
    answer = await office.api.get("/v2/queues")
    assert answer.headers["x-ratelimit-reset"] == "7"
    assert answer.headers["x-ratelimit-remaining"] == "0"


async def test_only_the_matching_requests_fail_until_cleared(office: Office) -> None:
    await plan(office, 502, match={"method": "POST", "path_contains": "/queues"})
    assert (await office.api.get("/v2/queues")).status_code == 200
    for _ in range(3):
        assert (await office.post("/queues", queue_name="Sales")).status_code == 502
    await office.api.delete("/_simulator/faults")
    assert (await office.post("/queues", queue_name="Sales")).status_code == 200


async def test_a_probability(office: Office) -> None:
    await plan(office, 500, probability=0.5)
    statuses = [(await office.api.get("/v2/queues")).status_code for _ in range(40)]
    assert set(statuses) == {200, 500}


@pytest.mark.parametrize(("answer", "queues"), [("cut", 0), ("cut_after", 1)])
async def test_a_cut_connection_before_and_after(office: Office, answer: str, queues: int) -> None:
    await plan(office, answer, count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await office.post("/queues", queue_name="Sales")
    assert len((await office.truth())["queues"]) == queues


async def test_late_is_answered_when_the_faults_are_cleared(office: Office) -> None:
    await plan(office, "late", count=1)
    asked = asyncio.create_task(office.post("/queues", queue_name="Sales"))
    done, _ = await asyncio.wait([asked], timeout=0.2)
    assert not done
    assert len((await office.truth())["queues"]) == 1
    await office.api.delete("/_simulator/faults")
    assert (await asked).status_code == 200


async def test_broken_json_comes_after_the_effect(office: Office) -> None:
    await plan(office, "broken_json", count=1)
    answer = await office.post("/queues", queue_name="Sales")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()
    assert len((await office.truth())["queues"]) == 1


async def test_a_redirect(office: Office) -> None:
    await plan(office, "redirect")
    answer = await office.api.get("/v2/queues")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://telnyx.com/")


async def test_a_request_hangs_until_the_faults_are_cleared(office: Office) -> None:
    await plan(office, "hang")
    request = asyncio.create_task(office.api.get("/v2/queues"))
    _, pending = await asyncio.wait({request}, timeout=0.05)
    assert pending == {request}
    await office.api.delete("/_simulator/faults")
    with pytest.raises(httpx.RemoteProtocolError):
        await request


async def test_failed_requests_are_in_the_log_too(office: Office) -> None:
    await plan(office, 500, count=1)
    await office.post("/queues", queue_name="Sales")
    [request] = (await office.api.get("/_simulator/requests")).json()["requests"]
    assert (request["path"], request["status"]) == ("/v2/queues", 500)


async def test_an_unknown_fault_is_refused(office: Office) -> None:
    for order, code in [
        ({"answer": 418}, "10032"),
        ({"answer": 500, "probability": 2}, "10033"),
        ({}, "10004"),
    ]:
        assert refused(await office.api.post("/_simulator/faults", json=order), 422, code)
