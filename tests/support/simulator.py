"""A real simulator process: what the far parties do, and what Telnyx was asked."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.support.environment import CONNECTION_ID, ROOT
from tests.support.processes import Process, free_port

KEY_LINE = "TELNYX_PUBLIC_KEY="
OUR_NUMBER = "+13125550100"
PAGE = 250  # deliveries that one request may ask for
Json = dict[str, Any]


class SimulatorAt:
    """A simulator that runs at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        key = {"authorization": "Bearer KEY-of-the-tests"}
        self._client = httpx.Client(base_url=self.url, headers=key, timeout=30)

    def end(self) -> None:
        self._client.close()

    # --- what happens in its world ------------------------------------------------------------------
    def call(self, number: str, queue: str = "") -> str:
        """Somebody calls us; with `queue`, answered and queued at once. Returns the call control id."""
        placed = self._private("POST", "calls", {"from": number, "to": OUR_NUMBER, "queue": queue or None})
        return str(placed["call_control_id"])

    def answered_call(self, number: str) -> str:
        leg = self.call(number)
        self.command(f"/calls/{quote(leg, safe='')}/actions/answer")
        return leg

    def conference(self, name: str, *numbers: str) -> tuple[str, list[str]]:
        """A conference of answered callers, as an application at Telnyx would make it: (id, legs)."""
        legs = [self.answered_call(number) for number in numbers]
        made = self.command("/conferences", {"call_control_id": legs[0], "name": name})
        for leg in legs[1:]:
            self.command(f"/conferences/{made['id']}/actions/join", {"call_control_id": leg})
        return str(made["id"]), legs

    def does(self, leg: str, what: str) -> None:
        """`hangup`, `talk`, `answer`, `busy`, `reject` or `no_answer`."""
        self._private("POST", f"legs/{quote(leg, safe='')}", {"do": what})

    def command(self, path: str, body: Json | None = None) -> Json:
        """A command of another application of the same account, under /v2."""
        answer = self._client.post(f"/v2{path}", json=body or {})
        assert answer.is_success, answer.text
        data: Json = answer.json()["data"]
        return data

    def phone(self, number: str, behaviour: str, after: float | None = None) -> None:
        """How a number that is dialled behaves: answer, busy, no_answer or reject, after some seconds."""
        self._private("POST", "phones", {"to": number, "behaviour": behaviour, "after": after})

    def marked(self) -> list[str]:
        """The legs that are up or ringing and were dialled with a client_state."""
        calls = self._client.get(f"/v2/connections/{CONNECTION_ID}/active_calls?page[limit]=250").json()[
            "data"
        ]
        return [call["call_control_id"] for call in calls if call["client_state"]]

    def hearing(self) -> list[Json]:
        """Every change of who hears whom, from the start: at, conference_id, call_control_id, hears."""
        found: list[Json] = self._private("GET", "hearing")["changes"]
        return found

    def traffic(self, running: bool) -> None:
        """Lets the script and time go on, or freezes every actor; queued webhooks go out all the same."""
        self._private("POST", "traffic", {"running": running})

    def deliveries_waiting(self) -> int:
        return int(self._private("GET", "traffic")["deliveries_waiting"])

    def fault(
        self,
        path_contains: str,
        answer: str | int,
        count: int | None = 1,
        method: str = "POST",
        **more: Any,
    ) -> None:
        match = {"method": method, "path_contains": path_contains}
        self._private("POST", "faults", {"match": match, "answer": answer, "count": count} | more)

    def cut_reads(self) -> None:
        """Every GET of the API loses its connection before it is answered."""
        self._private("POST", "faults", {"match": {"method": "GET"}, "answer": "cut", "count": None})

    def refuse_key(self) -> None:
        """As for a key that was revoked: every request is answered 401."""
        self._private("POST", "faults", {"match": {}, "answer": 401, "count": None})

    def no_delivery_log(self) -> None:
        """As for a key that may not read which webhooks failed."""
        match = {"method": "GET", "path_contains": "/webhook_deliveries"}
        self._private("POST", "faults", {"match": match, "answer": 401, "count": None})

    def limit(self, requests_a_minute: int) -> None:
        """As for an account with this rate limit, from now on."""
        self._private("POST", "limit", {"requests_a_minute": requests_a_minute})

    def no_faults(self) -> None:
        self._private("DELETE", "faults")

    # --- what it knows --------------------------------------------------------------------------------
    def truth(self) -> Json:
        return self._private("GET", "truth")

    def requests(self, path_contains: str = "", method: str = "POST") -> list[Json]:
        """What the API was asked, oldest first: at, method, path, query, body, status."""
        query = str(httpx.QueryParams(method=method, path_contains=path_contains))
        found: list[Json] = self._private("GET", f"requests?{query}")["requests"]
        return found

    def deliveries(self) -> list[Json]:
        """Telnyx's whole log of what it sent us, as `GET /webhook_deliveries` shows it."""
        found: list[Json] = []
        while page := self._page_of_deliveries(len(found) // PAGE + 1):
            found += page
            if len(page) < PAGE:
                break
        return found

    def _page_of_deliveries(self, number: int) -> list[Json]:
        asked = {"page[number]": number, "page[size]": PAGE}
        answer = self._client.get("/v2/webhook_deliveries", params=asked)
        page: list[Json] = answer.raise_for_status().json()["data"]
        return page

    def forget_requests(self) -> None:
        self._private("DELETE", "requests")

    def _private(self, method: str, path: str, body: Json | None = None) -> Json:
        answer = self._client.request(method, f"/_simulator/{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}


class Simulator(SimulatorAt):
    """`python -m simulator` on a free port, without traffic unless `arguments` say so."""

    def __init__(self, webhook_url: str, folder: Path, arguments: Sequence[str] = ("--no-traffic",)) -> None:
        super().__init__(f"http://127.0.0.1:{(port := free_port())}")
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--webhook-url", webhook_url]
        command += ["--seed", "7", "--connection-id", CONNECTION_ID, *arguments]
        self.process = Process(command, folder / "simulator.log", folder=ROOT, forked=True)
        self.process.wait_until(lambda: KEY_LINE in self.process.output())
        self.public_key = self.process.output().partition(KEY_LINE)[2].split()[0]

    def end(self) -> None:
        super().end()
        self.process.end()
