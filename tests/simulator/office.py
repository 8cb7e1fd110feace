"""A pretend Telnyx in this process, a client that holds its key, and the webhooks that it sent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx

from simulator import app
from simulator.clock import ManualClock
from simulator.fields import UUID

CALLER = "+13125550142"
LINE = "+18005550140"
PHONE = "+13125550199"
CONNECTION = "1494404757140276705"
EMPTY_QUEUE_SECONDS = 300.0

Message = MutableMapping[str, Any]


class Mailbox:
    """An ASGI application that keeps each webhook and answers what it is told to: a status, or "hang"."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.always = 200

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        body = (await receive())["body"]
        self.received.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        status = self.answers.pop(0) if self.answers else self.always
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]


class Office:
    """Time stands still here until `pass_time`."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self.mailbox = Mailbox()
        transport = httpx.ASGITransport(app=self.mailbox)
        settings = {"seed": 7, "queue_idle_seconds": EMPTY_QUEUE_SECONDS} | settings
        self.simulator = app.build(webhook_transport=transport, clock=self.clock, **settings)
        self.api = self.client("Bearer KEY")

    def client(self, authorization: str | None) -> httpx.AsyncClient:
        headers = {"authorization": authorization} if authorization is not None else {}
        transport = httpx.ASGITransport(app=self.simulator)
        return httpx.AsyncClient(transport=transport, base_url="http://simulator", headers=headers)

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.simulator.settle()

    async def events(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """The events that have come, without their wrapping, in the order of arrival."""
        await self.simulator.settle()
        found = [body.get("data", body) for body in self.mailbox.bodies]
        return [event for event in found if event_type in (None, event["event_type"])]

    async def payload(self, event_type: str) -> dict[str, Any]:
        """The payload of the only event of that type."""
        [event] = await self.events(event_type)
        payload: dict[str, Any] = event["payload"]
        return payload

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.api.post(f"/v2{path}", json=body)

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.api.get(f"/v2{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def call(self, queue: str | None = None, number: str = CALLER) -> str:
        """Somebody calls; with `queue` they are answered and wait there."""
        order = {"from": number, "to": LINE, "queue": queue}
        response = await self.api.post("/_simulator/calls", json=order)
        ccid: str = response.json()["call_control_id"]
        return ccid

    async def answered(self, number: str = CALLER) -> str:
        ccid = await self.call(number=number)
        assert (await self.post(f"/calls/{ccid}/actions/answer")).status_code == 200
        return ccid

    async def conference(self, people: int = 2, name: str = "Sales 1") -> tuple[str, list[str]]:
        """A live conference's id, and the call control ids of who is in it, its creator first."""
        ccids = [await self.answered(f"+1312555010{index}") for index in range(people)]
        response = await self.post("/conferences", name=name, call_control_id=ccids[0])
        conference_id: str = response.json()["data"]["id"]
        assert UUID.fullmatch(conference_id)
        for ccid in ccids[1:]:
            joined = await self.post(f"/conferences/{conference_id}/actions/join", call_control_id=ccid)
            assert joined.status_code == 200, joined.text
        return conference_id, ccids

    async def dial(self, to: str = PHONE, **more: Any) -> str:
        body = {"connection_id": CONNECTION, "from": LINE, "to": to} | more
        response = await self.api.post("/v2/calls", json=body)
        assert response.status_code == 200, response.text
        ccid: str = response.json()["data"]["call_control_id"]
        return ccid

    async def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get("/_simulator/truth")).json()
        return found

    async def people(self, conference_id: str) -> dict[str, dict[str, Any]]:
        """Who is in it now, as the truth has them, by call control id."""
        for conference in (await self.truth())["conferences"]:
            if conference["id"] == conference_id:
                return {one["call_control_id"]: one for one in conference["participants"]}
        return {}

    async def do(self, ccid: str, what: str, **more: Any) -> None:
        """What the far party of a leg does."""
        response = await self.api.post(f"/_simulator/legs/{ccid}", json={"do": what} | more)
        assert response.status_code == 200, response.text


def refused(response: httpx.Response, status: int, code: str) -> bool:
    error = response.json()["errors"][0]
    assert (response.status_code, error["code"]) == (status, code), response.text
    return bool(error["title"])
