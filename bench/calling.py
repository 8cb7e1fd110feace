"""From a press of Listen to "Calling your phone" on the supervisor's screen, beside one round trip to Telnyx.

A supervisor's websocket watches Supervise of one conference. The step is pushed once Telnyx has accepted the
call; the floor is a dial of the same kind at the same simulator, on a connection that is open already.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import websockets

from bench.places import databases
from bench.posting import percentile
from bench.results import Row, at_most, row, say
from tests.support.earshot import Earshot
from tests.support.environment import CONNECTION_ID
from tests.support.prepared import prepare
from tests.support.pressing import CSRF
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT, number_of, set_phone

WITHIN = 20.0  # seconds until a press must show
CALLED = "of 0:25"  # of the step that counts the seconds: Telnyx has accepted
ELSEWHERE = "+13125559099"
SOON = at_most(150, "ms")


@dataclass(frozen=True)
class Presses:
    """How many presses are watched, and the seconds between one that was taken back and the next."""

    count: int = 40
    pause: float = 1.0


def measure(engine: str, folder: Path, presses: Presses) -> list[Row]:
    """The rows of one engine."""
    with ExitStack() as stack:
        database = stack.enter_context(databases(engine, folder))("earshot")
        earshot = Earshot(folder, database, prepare(database))
        stack.callback(earshot.end)
        set_phone(earshot, after=60)
        earshot.simulator.phone(ELSEWHERE, "answer", 60)
        scene = set_scene(earshot, AGENT)
        took = asyncio.run(Presser(scene).press(presses))
        return _rows(engine, took, _round_trips(earshot, presses.count))


def _rows(engine: str, took: Sequence[float], trips: Sequence[float]) -> list[Row]:
    trip = percentile(trips, 50)
    beyond = [seconds - trip / 1000 for seconds in took]
    name = f"Press to Calling {{}}, {engine}"
    say(f"  p95 {percentile(took, 95):.0f} ms, of which {percentile(beyond, 95):.0f} ms beyond a round trip")
    return [
        row(name.format("p50"), [percentile(took, 50)], "ms", [trip]),
        row(name.format("p95"), [percentile(took, 95)], "ms", [percentile(trips, 95)]),
        row(name.format("p95 beyond a round trip"), [percentile(beyond, 95)], "ms", goal=SOON),
    ]


def _round_trips(earshot: Earshot, count: int) -> list[float]:
    """Seconds of so many dials, each hung up again."""
    order = {"to": ELSEWHERE, "from": "+13125550100", "connection_id": CONNECTION_ID}
    found = []
    client = httpx.Client(base_url=f"{earshot.simulator.url}/v2", headers={"authorization": "Bearer KEY"})
    with closing(client):
        for _ in range(count):
            started = time.perf_counter()
            answer = client.post("/calls", json=order)
            found.append(time.perf_counter() - started)
            leg = quote(answer.raise_for_status().json()["data"]["call_control_id"], safe="")
            client.post(f"/calls/{leg}/actions/hangup", json={})
    return found


class Presser:
    """Presses Listen, waits for the step, cancels, waits until it is as before."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._url = scene, scene.earshot.url
        self._session = scene.earshot.sessions["supervisor"]
        self._number = number_of(scene.earshot, "supervisor")

    async def press(self, presses: Presses) -> list[float]:
        """Seconds of each press until the screen says it."""
        cookies = {"sessionid": self._session, "csrftoken": CSRF}
        header = {"X-CSRFToken": CSRF}
        async with (
            self._socket() as socket,
            httpx.AsyncClient(base_url=self._url, cookies=cookies, headers=header, timeout=30) as client,
        ):
            await socket.send(json.dumps({"watch": [f"supervise:{self._number}:{self._scene.id}"]}))
            await _shown(socket, called=False)
            took = []
            for _ in range(presses.count):
                took.append(await self._one(socket, client))
                # What the last one leaves behind is told by then: nobody presses twice within it.
                await asyncio.sleep(presses.pause)
            return took

    async def _one(self, socket: Any, client: httpx.AsyncClient) -> float:
        started = time.perf_counter()
        pressed = asyncio.create_task(client.post(f"{self._scene.address}/supervise/listen"))
        await _shown(socket, called=True)
        took = time.perf_counter() - started
        assert (await pressed).status_code == 204
        assert (await client.post("/supervision/leave")).status_code == 204
        await _shown(socket, called=False)
        return took

    def _socket(self) -> Any:
        headers = {"cookie": f"sessionid={self._session}", "origin": self._url}
        address = self._url.replace("http", "ws", 1) + "/ws/live"
        return websockets.connect(address, additional_headers=headers, max_size=None)


async def _shown(socket: Any, *, called: bool) -> None:
    """Reads until Supervise says that the phone is called, or that nothing goes on."""
    async with asyncio.timeout(WITHIN):
        async for text in socket:
            for fragment in json.loads(text).get("fragments", ()):
                html = fragment["html"] or ""
                if CALLED in html if called else "supervise-leave" not in html:
                    return
