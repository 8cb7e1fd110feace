"""A live call of an agent and a caller without a conference, in a running Earshot, and who supervises it."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.support.earshot import Earshot
from tests.support.pressing import press
from tests.support.supervising import AGENT
from tests.support.waiting import eventually

FIELDS = "id, state, role, leg, reason, bridged_leg, proofs"
Json = dict[str, Any]


@dataclass(frozen=True)
class Bridge:
    """Two answered legs that were bridged: `pk` is its number with us, once it is shown."""

    earshot: Earshot
    pk: int
    agent: str
    caller: str

    @property
    def address(self) -> str:
        return f"/bridged-calls/{self.pk}/"

    @property
    def key(self) -> str:
        return f"b-{self.pk}"

    def shown(self) -> Json:
        return next((one for one in floor(self.earshot) if one["id"] == self.pk), {})

    def records(self) -> list[Json]:
        """Who supervised it, oldest first."""
        rows = self.earshot.rows(
            f"select {FIELDS} from supervision_supervision where bridged_leg in (?, ?) order by requested_at",
            self.agent,
            self.caller,
        )
        return [dict(zip(FIELDS.split(", "), row, strict=True)) for row in rows]

    def state_is(self, state: str, role: str = "", reason: str = "") -> Json:
        """Waits until the newest supervision of it is so."""

        def found() -> Json:
            newest = self.records()[-1]
            assert newest["state"] == state, newest
            assert not role or newest["role"] == role, newest
            assert not reason or newest["reason"] == reason, newest
            return newest

        return eventually(found, within=12)

    def supervise(self, mode: str, who: str = "supervisor", status: int = 204) -> str:
        """Presses Listen, Whisper or Barge; the title of a refusal."""
        answer = press(self.earshot, f"{self.address}supervise/{mode}", who)
        assert answer.status_code == status, answer.text
        return "" if status == 204 else str(answer.json()["title"])

    def dials(self) -> list[Json]:
        asked = [request["body"] for request in self.earshot.simulator.requests("/v2/calls")]
        return [body for body in asked if body.get("supervise_call_control_id") in {self.agent, self.caller}]

    def words(self, who: str = "supervisor") -> str:
        """The mode line of Supervise on the call's page."""
        page = self.earshot.get(self.address, who).text
        return page.partition('class="mode-line"')[2].partition(">")[2].partition("<")[0]


def floor(earshot: Earshot) -> list[Json]:
    found: list[Json] = earshot.get("/api/floor").json()["bridged_calls"]
    return found


_connected = {"at": 0.0}
ALONE = 1.0  # seconds; legs of different sessions are a pair only if nobody else is connected at that moment


def bridge(earshot: Earshot, one: str, other: str) -> None:
    """What an application of the same account does: connects two answered legs, at a moment of their own."""
    eventually(lambda: time.monotonic() - _connected["at"] > ALONE)
    _connected["at"] = time.monotonic()
    earshot.simulator.command(f"/calls/{quote(one, safe='')}/actions/bridge", {"call_control_id": other})


_numbers = iter(range(1, 900))


def set_bridge(earshot: Earshot, agent_number: str = AGENT) -> Bridge:
    """A bridged call of its own: a caller whom nobody else has, and an agent of the directory."""
    caller = earshot.simulator.answered_call(f"+16175553{next(_numbers):03d}")
    agent = earshot.simulator.answered_call(agent_number)
    bridge(earshot, agent, caller)

    def shown() -> int:
        for one in floor(earshot):
            if {leg["call_control_id"] for leg in one["legs"]} == {agent, caller}:
                return int(one["id"])
        return 0

    return Bridge(earshot, eventually(shown, within=20), agent, caller)
