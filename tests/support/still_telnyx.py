"""The simulator behind httpx, in a time that moves only when told, and with a mishap for each request.

The time of this process (`time_machine`) and the simulator's are moved together. Webhooks wait in `posted`
until the test has them delivered.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import time_machine

from simulator import app
from simulator.clock import ManualClock
from tests.support.environment import CONNECTION_ID

T = TypeVar("T")
Json = dict[str, Any]
BASE = "http://telnyx.test"


@dataclass(frozen=True)
class Asked:
    """One command as Telnyx was to be asked it: `at` is the time, `path` ends with the action."""

    at: float
    path: str
    body: Json

    @property
    def action(self) -> str:
        return self.path.rpartition("/")[2]


class StillTelnyx(httpx.BaseTransport):
    """`on_command(asked)` may give what becomes of a command instead of its plain answer."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.asked: list[Asked] = []
        self.posted: list[bytes] = []
        self.truths: list[Json] = []  # after each command that reached it
        self.reads_fail = False
        self.on_command: Callable[[Asked], Mishap | None] = lambda asked: None
        self._clock, self._own = clock, ManualClock(time.time())
        self._loop, self._turn = asyncio.new_event_loop(), threading.RLock()
        self._late: list[tuple[float, httpx.Request]] = []
        self._simulator = app.build(
            webhook_transport=httpx.ASGITransport(app=self._keep),
            clock=self._own,
            seed=7,
            connection_id=CONNECTION_ID,
        )
        self._api = httpx.ASGITransport(app=self._simulator)

    def close(self) -> None:
        self._do(self._simulator.close())
        self._loop.close()

    # --- what it is asked ---------------------------------------------------------------------------
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return self._read(request)
        asked = Asked(time.time(), request.url.path, json.loads(request.read() or b"{}"))
        self.asked.append(asked)
        mishap = self.on_command(asked)
        return mishap(self, request) if mishap else self.reach(request)

    def _read(self, request: httpx.Request) -> httpx.Response:
        if self.reads_fail:
            raise httpx.ConnectError("refused", request=request)
        return self._ask(request)

    def reach(self, request: httpx.Request) -> httpx.Response:
        """The request arrives, and this is the answer."""
        response = self._ask(request)
        self.truths.append(self.truth())
        return response

    def reach_later(self, seconds: float, request: httpx.Request) -> None:
        self._late.append((time.time() + seconds, request))

    def command(self, path: str, body: Json | None = None) -> Json:
        """A command of another application of the same account."""
        content = self._ask(httpx.Request("POST", f"{BASE}/v2{path}", json=body or {})).json()
        return dict(content["data"])

    def place_call(self, number: str) -> str:
        order = {"from": number, "to": "+13125550100"}
        placed = self._ask(httpx.Request("POST", f"{BASE}/_simulator/calls", json=order)).json()
        leg = str(placed["call_control_id"])
        self.command(f"/calls/{leg}/actions/answer")
        return leg

    def does(self, leg: str, what: str) -> None:
        """What the far party of a leg does, as `hangup`."""
        self._ask(httpx.Request("POST", f"{BASE}/_simulator/legs/{leg}", json={"do": what}))

    def truth(self) -> Json:
        return dict(self._ask(httpx.Request("GET", f"{BASE}/_simulator/truth")).json())

    # --- time -----------------------------------------------------------------------------------------
    def pass_time(self, seconds: float) -> None:
        """Everything that falls due meanwhile happens, late effects of lost requests too."""
        self._clock.shift(seconds)
        self._do(self._advance(seconds))
        due = [request for at, request in self._late if at <= time.time()]
        self._late = [(at, request) for at, request in self._late if at > time.time()]
        for request in due:
            self.reach(request)

    async def _advance(self, seconds: float) -> None:
        self._own.advance(seconds)
        await self._simulator.settle()

    # --- one loop, whichever thread asks ----------------------------------------------------------------
    def _ask(self, request: httpx.Request) -> httpx.Response:
        return self._do(self._exchange(request))

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        headers = {"authorization": "Bearer KEY", "content-type": "application/json"}
        sent = httpx.Request(request.method, request.url, headers=headers, content=request.read())
        answer = await self._api.handle_async_request(sent)
        body = await answer.aread()
        await self._simulator.settle()
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=kept, content=body)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        with self._turn:
            return self._loop.run_until_complete(work)

    async def _keep(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]
    ) -> None:
        self.posted.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


# What becomes of one command: the answer, or httpx's error.
Mishap = Callable[[StillTelnyx, httpx.Request], httpx.Response]
